import { api, Problem } from "../lib/api.js";
import { h, replace } from "../lib/dom.js";
import { clock, moment, t } from "../lib/messages.js";
import { sentence } from "../lib/states.js";
import { toast } from "../lib/toast.js";

const moving = ["planned", "running", "assembling"];
const pauseMilliseconds = 1_500;

/**
 * How the recording becomes text, and the text itself to be corrected.
 * @param {import("./book.js").KnownBook} known
 * @param {AbortSignal} signal
 */
export async function transcript(known, signal) {
    const { id } = known.body;
    const status = h("div", { role: "status" });
    const text = h("div", { class: "office-transcript" });
    const begin = async () => {
        try {
            await follow((await api.post("transcription/start", { audiobookId: id }, { signal })).body);
        } catch (error) {
            replace(status, h("p", { class: "soft" }, error instanceof Problem && error.type === "no-recording" ? t("office.transcript.noRecording") : sentence(error)));
        }
    };

    /** @param {any} job */
    const follow = async (job) => {
        let etag = null;
        draw(job);
        while (moving.includes(job.state) && !signal.aborted) {
            await new Promise((done) => setTimeout(done, pauseMilliseconds));
            /** @type {import("../lib/api.js").Answer} */
            const answer = await api.get(`transcription/${job.jobId}/status`, { etag, signal });
            if (answer.status !== 304) {
                ({ etag, body: job } = answer);
                draw(job);
            }
        }
        if (["ready", "needs_review"].includes(job.state)) {
            await drawText();
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
            h("p", null, t(`office.transcript.state.${job.state}`), job.failure ? ` (${job.failure})` : "", ` · ${job.percent} % · $${(job.cost.spentMicrodollars / 1_000_000).toFixed(2)}`),
            moving.includes(job.state) ? h("progress", { max: 100, value: job.percent, "aria-label": t("office.transcript.title") }) : null,
            job.estimatedEndAt && moving.includes(job.state) ? h("p", { class: "soft small" }, t("office.transcript.until", { time: moment(job.estimatedEndAt) })) : null,
            job.flags.length > 0 ? h("p", { class: "chip chip-warning" }, job.flags.join(", ")) : null,
            job.state === "needs_review" ? h("button", { class: "button", type: "button", onclick: approve }, t("office.transcript.approve")) : null);
    };

    const drawText = async () => {
        const { body } = await api.get(`transcription/${id}`, { query: { limit: 200 }, signal });
        replace(text, h("details", null, h("summary", null, t("office.transcript.read")), h("ul", { class: "list", role: "list" }, body.segments.map((/** @type {any} */ segment) => line(id, segment)))));
    };

    begin();
    return h("section", { class: "card aside" },
        h("h2", null, t("office.transcript.title")),
        status,
        text,
        h("button", { class: "button button-quiet", type: "button", onclick: begin }, t("office.transcript.look")));
}

/**
 * @param {string} id
 * @param {{ position: number, text: string, startMilliseconds: number, version: number }} segment
 */
function line(id, segment) {
    let { version } = segment;
    const field = h("textarea", { rows: 2, dir: "auto", "aria-label": t("office.transcript.segment", { time: clock(segment.startMilliseconds) }) }, segment.text);
    const save = async () => {
        try {
            const { body } = await api.patch(`transcription/${id}/segments/${segment.position}`, { text: field.value }, { ifMatch: `"${version}"` });
            ({ version } = body);
            toast(t("common.saved"));
        } catch (error) {
            toast(sentence(error), { kind: "failed" });
        }
    };
    return h("li", { class: "bookmark" }, h("span", { class: "soft number" }, clock(segment.startMilliseconds)), field, h("button", { class: "button button-quiet", type: "button", onclick: save }, t("common.save")));
}
