import { api, Problem } from "../lib/api.js";
import { h, icon, replace } from "../lib/dom.js";
import { clock, moment, t } from "../lib/messages.js";
import { reason, sentence } from "../lib/states.js";
import { toast } from "../lib/toast.js";

/** @typedef {{ position: number, text: string, startMilliseconds: number, endMilliseconds: number, version: number }} Segment */
/** @typedef {{ number: number, startMilliseconds: number, endMilliseconds: number, state: string, failure?: string }} Chunk */

const pauseMilliseconds = 1_500;

/** @param {any} job whose text is made, or of which a chunk is heard again */
function isMoving(job) {
    return ["planned", "running", "assembling"].includes(job.state) || (job.state === "ready" && job.chunksDone < job.chunks);
}

/**
 * How the recording becomes text, and the text itself to be corrected.
 * @param {import("./book.js").KnownBook} known
 * @param {import("./listening.js").Listening} listening
 * @param {AbortSignal} signal
 * @param {() => Promise<void>} heard told where it became text meanwhile
 */
export function transcript(known, listening, signal, heard) {
    const { id } = known.body;
    const status = h("div", { role: "status" });
    const text = h("details", { hidden: true });
    const stretches = h("details", { hidden: true });
    const begin = async () => {
        try {
            await follow((await api.post("transcription/start", { audiobookId: id }, { signal })).body);
        } catch (error) {
            replace(status, h("p", { class: "soft" }, error instanceof Problem && error.type === "no-recording" ? t("office.transcript.noRecording") : sentence(error)));
        }
    };

    let followed = 0;
    let isAwaited = false;
    /** @param {any} job whoever looks again goes on in the place of who looked before */
    const follow = async (job) => {
        followed += 1;
        const turn = followed;
        let etag = null;
        isAwaited ||= isMoving(job);
        draw(job);
        while (isMoving(job) && !signal.aborted) {
            await new Promise((done) => setTimeout(done, pauseMilliseconds));
            if (turn !== followed) {
                return;
            }
            /** @type {import("../lib/api.js").Answer} */
            const answer = await api.get(`transcription/${job.jobId}/status`, { etag, signal });
            if (answer.status !== 304) {
                ({ etag, body: job } = answer);
                draw(job);
            }
        }
        if (["ready", "needs_review"].includes(job.state)) {
            await drawText(job.jobId);
            if (isAwaited) {
                isAwaited = false;
                await heard();
            }
        }
    };

    /** @param {any} job */
    const draw = (job) => {
        const approve = async () => {
            try {
                draw((await api.post(`transcription/${job.jobId}/approve`)).body);
                toast(t("office.approved"));
            } catch (error) {
                toast(sentence(error), { kind: "failed" });
            }
        };
        replace(status,
            h("p", null, t(`office.transcript.state.${job.state}`), job.failure ? ` (${reason(job.failure)})` : "", ` · ${job.percent} % · $${(job.cost.spentMicrodollars / 1_000_000).toFixed(2)}`),
            isMoving(job) ? h("progress", { max: 100, value: job.percent, "aria-label": t("office.transcript.title") }) : null,
            job.estimatedEndAt && isMoving(job) ? h("p", { class: "soft small" }, t("office.transcript.until", { time: moment(job.estimatedEndAt) })) : null,
            job.flags.length > 0 ? h("p", { class: "chip chip-warning" }, job.flags.map(reason).join(" ")) : null,
            job.state === "needs_review" ? h("button", { class: "button", type: "button", onclick: approve }, t("office.transcript.approve")) : null);
    };

    /** @param {string} jobId */
    const drawText = async (jobId) => {
        const list = h("ul", { class: "list", role: "list" });
        replace(text, h("summary", null, t("office.transcript.read")), list, more(list));
        replace(stretches, ...(await chunks(jobId)));
        text.hidden = stretches.hidden = false;
    };

    /** @param {HTMLElement} list whose next lines are asked for when somebody wants them */
    const more = (list) => {
        /** @type {string | undefined} */
        let cursor;
        const button = h("button", { class: "button button-quiet", type: "button" }, t("common.more"));
        const read = async () => {
            try {
                const { body } = await api.get(`transcription/${id}`, { query: { limit: 100, cursor }, signal });
                list.append(...body.segments.map((/** @type {Segment} */ segment) => line(id, segment, listening)));
                cursor = body.next;
                button.hidden = cursor === undefined;
            } catch (error) {
                toast(sentence(error), { kind: "failed" });
            }
        };
        button.addEventListener("click", read);
        read();
        return button;
    };

    /** @param {string} jobId */
    const chunks = async (jobId) => {
        const { body } = await api.get(`transcription/${jobId}/chunks`, { signal });
        const again = async (/** @type {Chunk} */ chunk) => {
            try {
                await follow((await api.post(`transcription/${jobId}/chunks/${chunk.number}/redo`)).body);
            } catch (error) {
                toast(sentence(error), { kind: "failed" });
            }
        };
        return [
            h("summary", null, t("office.transcript.chunks", { count: body.chunks.length })),
            h("ul", { class: "list", role: "list" }, body.chunks.map((/** @type {Chunk} */ chunk) => {
                const span = `${clock(chunk.startMilliseconds)} – ${clock(chunk.endMilliseconds)}`;
                return h("li", { class: "chunk" },
                    h("span", { class: "number" }, span),
                    h("span", { class: "soft" }, t(`office.transcript.chunkState.${chunk.state}`), chunk.failure ? ` (${reason(chunk.failure)})` : ""),
                    chunk.state === "done" ? h("button", { class: "button button-quiet", type: "button", "aria-label": `${t("office.transcript.redo")}: ${span}`, onclick: () => again(chunk) }, t("office.transcript.redo")) : null);
            })),
        ];
    };

    begin();
    return h("section", { class: "card aside" },
        h("h2", null, t("office.transcript.title")),
        status,
        h("div", { class: "office-transcript" }, text, stretches),
        h("button", { class: "button button-quiet", type: "button", onclick: begin }, t("office.transcript.look")));
}

/**
 * @param {string} id
 * @param {Segment} segment
 * @param {import("./listening.js").Listening} listening
 */
function line(id, segment, listening) {
    let { version } = segment;
    const time = clock(segment.startMilliseconds);
    const field = h("textarea", { rows: 2, dir: "auto", "aria-label": t("office.transcript.segment", { time }) }, segment.text);
    /** @param {() => Promise<unknown>} work */
    const told = async (work) => {
        try {
            await work();
        } catch (error) {
            toast(sentence(error), { kind: "failed" });
        }
    };
    const listen = () => told(() => listening.play(segment.startMilliseconds, segment.endMilliseconds));
    const save = () => told(async () => {
        const { body } = await api.patch(`transcription/${id}/segments/${segment.position}`, { text: field.value }, { ifMatch: `"${version}"` });
        ({ version } = body);
        toast(t("common.saved"));
    });
    return h("li", { class: "transcript-line" },
        h("button", { class: "button button-quiet number", type: "button", "aria-label": t("office.transcript.listen", { time }), onclick: listen }, icon("play"), time),
        field,
        h("button", { class: "button button-quiet", type: "button", onclick: save }, t("common.save")));
}
