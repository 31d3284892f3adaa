import { api } from "../lib/api.js";
import { h, replace } from "../lib/dom.js";
import { onSubmit } from "../lib/forms.js";
import { clock, t } from "../lib/messages.js";
import { toast } from "../lib/toast.js";
import { exactClock, milliseconds } from "./moments.js";
import { waveform } from "./waveform.js";

const shortestMilliseconds = 100;

/** @typedef {{ title: string, startMilliseconds: number }} Beginning */

/**
 * Chapters tile the recording: each is said by its title and where it begins, and ends where the next does.
 * @param {import("./book.js").KnownBook} known
 * @param {import("./listening.js").Listening} listening
 * @param {AbortSignal} signal
 * @param {() => Promise<void>} changed
 */
export async function chapters(known, listening, signal, changed) {
    if (!known.body.durationMilliseconds) {
        return null;
    }
    const path = `audiobooks/${known.body.id}/chapters`;
    let { body, etag } = await api.get(path, { signal });
    const list = h("ol", { class: "list", role: "list" });
    /** @type {Beginning[]} */
    let beginnings = body.chapters;

    const read = () => [...list.querySelectorAll("li")].map((line) => {
        const [start, title] = line.querySelectorAll("input");
        return { title: title.value.trim(), startMilliseconds: milliseconds(start.value) };
    });
    const lines = () => beginnings.map((beginning, index) =>
        h("li", { class: "chapter-edit" },
            h("input", { "aria-label": t("office.chapters.start", { number: index + 1 }), value: exactClock(beginning.startMilliseconds), readonly: index === 0, required: true, pattern: "([0-9]+:)?[0-9]+:[0-9]{2}([.][0-9]{1,3})?" }),
            h("input", { "aria-label": t("office.chapters.title", { number: index + 1 }), value: beginning.title, required: true, maxlength: 500, dir: "auto" }),
            h("button", { class: "link", type: "button", disabled: index === 0, "aria-label": `${t("common.delete")}: ${beginning.title}`, onclick: () => remove(index) }, t("common.delete"))));
    const draw = () => {
        replace(list, lines());
        sound.draw();
    };
    const remove = (/** @type {number} */ index) => {
        beginnings = read().filter((_, place) => place !== index);
        draw();
    };
    /** @param {number} [moment] the middle of what is left, where it is not told */
    const add = (moment) => {
        const all = read();
        const last = all[all.length - 1].startMilliseconds;
        const startMilliseconds = moment ?? Math.floor((last + known.body.durationMilliseconds) / 2);
        beginnings = inOrder([...all, { title: t("office.chapters.new"), startMilliseconds }]);
        draw();
    };
    const sound = waveform({
        id: known.body.id,
        duration: known.body.durationMilliseconds,
        listening,
        signal,
        beginnings: read,
        move: (index, moment) => {
            /** @type {HTMLInputElement} */ (list.children[index].querySelector("input")).value = exactClock(moment);
        },
        add,
    });
    list.addEventListener("change", () => sound.draw());
    const form = h("form", { class: "card" },
        h("h2", null, t("shop.book.chapters")),
        h("p", { class: "soft small" }, t("office.chapters.hint", { duration: clock(known.body.durationMilliseconds) })),
        sound.element,
        list,
        h("div", { class: "actions" },
            h("button", { class: "button" }, t("common.save")),
            h("button", { class: "button button-quiet", type: "button", onclick: () => add() }, t("office.chapters.add"))));
    onSubmit(form, async () => {
        const sorted = inOrder(read());
        const whole = sorted.map((one, index) => ({
            ...one,
            endMilliseconds: sorted[index + 1]?.startMilliseconds ?? body.durationMilliseconds,
        }));
        const short = whole.find((one) => one.endMilliseconds - one.startMilliseconds < shortestMilliseconds);
        if (short) {
            toast(t("office.chapters.tooShort", { title: short.title }), { kind: "failed" });
            return;
        }
        ({ body, etag } = await api.put(path, { chapters: whole }, { ifMatch: etag }));
        beginnings = body.chapters;
        draw();
        await changed();
        toast(t("common.saved"));
    });
    draw();
    return { element: form, drawSound: sound.drawSound };
}

/** @param {Beginning[]} beginnings */
function inOrder(beginnings) {
    return [...beginnings].sort((one, other) => one.startMilliseconds - other.startMilliseconds);
}
