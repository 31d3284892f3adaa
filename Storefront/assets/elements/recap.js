import { api } from "../lib/api.js";
import { h, replace } from "../lib/dom.js";
import { t } from "../lib/messages.js";
import { sentence, skeleton } from "../lib/states.js";

/** @typedef {{ title: string, summary?: string }} HeardChapter */

/**
 * The story so far, asked for when somebody wants it: nothing is told of what was not heard.
 * @param {string} id
 * @param {AbortSignal} signal
 */
export function recap(id, signal) {
    const place = h("div", { class: "book-text" });
    const details = h("details", { class: "recap" }, h("summary", null, h("h2", null, t("player.recap.title"))), place);
    details.addEventListener("toggle", async () => {
        if (!details.open) {
            return;
        }
        replace(place, skeleton(3));
        try {
            const { body } = await api.get(`library/${id}/recap`, { signal });
            const told = body.chapters.filter((/** @type {HeardChapter} */ chapter) => chapter.summary);
            replace(place, told.length > 0 ? told.map(chapterTold) : h("p", { class: "soft" }, t("player.recap.nothing")));
        } catch (error) {
            if (!signal.aborted) {
                replace(place, h("p", { class: "soft" }, sentence(error)));
            }
        }
    });
    return details;
}

/** @param {HeardChapter} chapter */
function chapterTold({ title, summary }) {
    return h("section", null, h("h3", { dir: "auto" }, title), h("p", { dir: "auto" }, summary));
}
