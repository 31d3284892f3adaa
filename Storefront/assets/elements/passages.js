import { api } from "../lib/api.js";
import { h, replace } from "../lib/dom.js";
import { field, onSubmit } from "../lib/forms.js";
import { clock, t } from "../lib/messages.js";

/** @typedef {{ audiobookId: string, title: string, chapterTitle: string, milliseconds: number, snippet: { text: string, isMatch: boolean }[] }} Passage */

/**
 * Looks for what is said: in one book, or in all that one owns.
 * @param {{ path: string, label: string, go: (passage: Passage) => unknown, hasTitles?: boolean }} options
 */
export function passageSearch({ path, label, go, hasTitles = false }) {
    const found = h("div", { "aria-live": "polite" });
    const form = h("form", { class: "promotion-form", role: "search" },
        field({ name: "q", label, type: "search", required: true, maxlength: 200, autocomplete: "off" }),
        h("button", { class: "button button-second" }, t("common.search.do")));
    onSubmit(form, async ({ q }) => {
        const { body } = await api.get(path, { query: { q, limit: 50 } });
        replace(found,
            body.meant ? h("p", { class: "small" }, t("shop.search.didYouMean"), " ", h("b", { dir: "auto" }, body.meant)) : null,
            body.items.length > 0
                ? h("ul", { class: "list", role: "list" }, body.items.map((/** @type {Passage} */ passage) => line(passage, go, hasTitles)))
                : h("p", { class: "soft" }, t("player.search.nothing")));
    });
    return h("div", { class: "passages" }, form, found);
}

/**
 * @param {Passage} passage
 * @param {(passage: Passage) => unknown} go
 * @param {boolean} hasTitle
 */
function line(passage, go, hasTitle) {
    return h("li", { class: "passage" },
        h("button", { class: "link number", type: "button", "aria-label": t("player.readFrom", { position: clock(passage.milliseconds) }), onclick: () => go(passage) }, clock(passage.milliseconds)),
        h("div", null,
            h("p", { class: "soft small", dir: "auto" }, hasTitle ? `${passage.title} · ${passage.chapterTitle}` : passage.chapterTitle),
            h("p", { dir: "auto" }, passage.snippet.map(({ text, isMatch }) => (isMatch ? h("mark", null, text) : text)))));
}
