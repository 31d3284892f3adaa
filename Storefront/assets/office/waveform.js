import { api, Problem } from "../lib/api.js";
import { h, replace, svg } from "../lib/dom.js";
import { number, t } from "../lib/messages.js";
import { sentence } from "../lib/states.js";
import { toast } from "../lib/toast.js";
import { exactClock } from "./moments.js";

const peakCount = 1000;
const shortestView = 2_000;
const shortestChapter = 100;
/** How far a key moves a beginning, in milliseconds. */
const steps = { ArrowRight: 100, ArrowLeft: -100, ArrowUp: 1_000, ArrowDown: -1_000, PageUp: 10_000, PageDown: -10_000 };

/**
 * The sound of a recording with the beginnings of its chapters in it, to be moved by hand or by keys, and to be heard.
 * Time goes from left to right in every language.
 * @param {object} wish
 * @param {string} wish.id
 * @param {number} wish.duration
 * @param {import("./listening.js").Listening} wish.listening
 * @param {() => { title: string, startMilliseconds: number }[]} wish.beginnings as they are now
 * @param {(index: number, milliseconds: number) => void} wish.move
 * @param {(milliseconds: number) => void} wish.add
 * @param {AbortSignal} wish.signal
 */
export function waveform({ id, duration, listening, beginnings, move, add, signal }) {
    let view = { from: 0, to: duration };
    let head = 0;
    const path = svg("path", { class: "waveform-sound" });
    const unheard = svg("path", { class: "waveform-unheard" });
    const picture = svg("svg", { class: "waveform-picture", viewBox: `0 0 ${peakCount} 200`, preserveAspectRatio: "none", "aria-hidden": "true" }, path, unheard);
    const cursor = h("div", { class: "waveform-head", "aria-hidden": "true" });
    const marks = h("div", { class: "waveform-marks" });
    const stage = h("div", { class: "waveform-stage", dir: "ltr" }, picture, cursor, marks);
    const facts = h("p", { class: "soft small number" });
    const play = h("button", { class: "button button-second", type: "button" });

    const isSeen = (/** @type {number} */ moment) => moment >= view.from && moment <= view.to;
    const share = (/** @type {number} */ moment) => `${((moment - view.from) / (view.to - view.from)) * 100}%`;
    const momentAt = (/** @type {PointerEvent} */ event) => {
        const box = stage.getBoundingClientRect();
        const moment = view.from + ((event.clientX - box.left) / box.width) * (view.to - view.from);
        return Math.round(Math.min(duration, Math.max(0, moment)));
    };

    const drawHead = () => {
        cursor.hidden = !isSeen(head);
        cursor.style.insetInlineStart = share(head);
        replace(play, listening.isPlaying ? t("player.pause") : t("office.waveform.play", { time: exactClock(head) }));
    };

    /** @param {number} index @param {number} wanted */
    const moveTo = (index, wanted) => {
        const all = beginnings();
        const least = all[index - 1].startMilliseconds + shortestChapter;
        const most = (all[index + 1]?.startMilliseconds ?? duration) - shortestChapter;
        move(index, Math.min(most, Math.max(least, wanted)));
        drawMarks();
    };

    const drawMarks = () => {
        const focused = marks.contains(document.activeElement) ? /** @type {HTMLElement} */ (document.activeElement).dataset.index : undefined;
        replace(marks, beginnings().map(({ title, startMilliseconds }, index) => index > 0 && isSeen(startMilliseconds) ? mark(index, title, startMilliseconds) : null));
        if (focused) {
            /** @type {HTMLElement | null} */ (marks.querySelector(`[data-index="${focused}"]`))?.focus();
        }
    };

    /** @param {number} index @param {string} title @param {number} start */
    const mark = (index, title, start) => {
        const handle = h("div", {
            class: "waveform-mark", role: "slider", tabindex: 0, dataset: { index: String(index) }, title,
            "aria-label": t("office.waveform.mark", { number: index + 1 }), "aria-valuemin": 0, "aria-valuemax": duration,
            "aria-valuenow": start, "aria-valuetext": exactClock(start),
            onkeydown: (/** @type {KeyboardEvent} */ event) => {
                const step = steps[/** @type {keyof typeof steps} */ (event.key)];
                if (step) {
                    event.preventDefault();
                    moveTo(index, beginnings()[index].startMilliseconds + step);
                }
            },
            onpointerdown: (/** @type {PointerEvent} */ event) => {
                event.stopPropagation();
                stage.setPointerCapture(event.pointerId);
                held = index;
            },
        });
        handle.style.insetInlineStart = share(start);
        return handle;
    };

    let held = 0;
    stage.addEventListener("pointermove", (event) => {
        if (held > 0) {
            moveTo(held, momentAt(event));
        }
    });
    for (const end of ["pointerup", "pointercancel"]) {
        stage.addEventListener(end, () => {
            held = 0;
        });
    }
    stage.addEventListener("pointerdown", (event) => {
        head = momentAt(event);
        if (listening.isPlaying) {
            listening.play(head);
        }
        drawHead();
    });
    play.addEventListener("click", async () => {
        if (listening.isPlaying) {
            listening.pause();
            return;
        }
        try {
            await listening.play(head);
        } catch (error) {
            toast(sentence(error), { kind: "failed" });
        }
    });
    for (const event of ["time", "change"]) {
        listening.addEventListener(event, () => {
            head = listening.position;
            drawHead();
        });
    }

    /** @param {number} factor @param {number} [shift] of what is seen */
    const look = (factor, shift = 0) => {
        const length = Math.min(duration, Math.max(Math.min(duration, shortestView), (view.to - view.from) * factor));
        const middle = shift === 0 && isSeen(head) ? head : (view.from + view.to) / 2 + shift * (view.to - view.from);
        const from = Math.round(Math.min(duration - length, Math.max(0, middle - length / 2)));
        view = { from, to: Math.round(from + length) };
        return draw();
    };

    const draw = async () => {
        drawMarks();
        drawHead();
        try {
            const query = { ...view, count: peakCount };
            const { body } = await api.get(`transcription/${id}/waveform`, { query, signal });
            if (body.fromMilliseconds === view.from) {
                drawSound(body);
            }
        } catch (error) {
            if (!signal.aborted && !(error instanceof Problem && error.status === 404)) {
                toast(sentence(error), { kind: "failed" });
            }
        }
    };

    /** @param {{ peaks: (number | null)[], loudnessLUFS?: number }} sound */
    const drawSound = ({ peaks, loudnessLUFS }) => {
        const bar = (/** @type {number | null} */ peak, /** @type {number} */ place) => peak === null ? "" : `M${place + 0.5} ${100 - Math.max(1, peak * 0.39)}v${2 * Math.max(1, peak * 0.39)}`;
        path.setAttribute("d", peaks.map(bar).join(""));
        unheard.setAttribute("d", peaks.map((peak, place) => peak === null ? `M${place} 100h1` : "").join(""));
        replace(facts,
            `${exactClock(view.from)} – ${exactClock(view.to)}`,
            loudnessLUFS === undefined ? null : ` · ${t("office.waveform.loudness", { loudness: number(loudnessLUFS) })}`,
            peaks.includes(null) ? ` · ${t("office.waveform.unheard")}` : null);
    };

    const button = (/** @type {string} */ key, /** @type {() => void} */ onclick) => h("button", { class: "button button-quiet", type: "button", onclick }, t(`office.waveform.${key}`));
    draw();
    const element = h("div", { class: "waveform" },
        stage,
        facts,
        h("div", { class: "actions" },
            play,
            button("begin", () => add(head)),
            button("closer", () => look(0.25)),
            button("wider", () => look(4)),
            button("earlier", () => look(1, -0.5)),
            button("later", () => look(1, 0.5))));
    return { element, draw: drawMarks, drawSound: draw };
}
