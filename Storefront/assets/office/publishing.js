import { api } from "../lib/api.js";
import { h } from "../lib/dom.js";
import { t } from "../lib/messages.js";
import { sentence } from "../lib/states.js";
import { toast } from "../lib/toast.js";

/**
 * To where a book may go from where it is.
 * @type {Record<string, string[]>}
 */
const steps = { draft: ["published"], published: ["unlisted", "archived"], unlisted: ["published", "archived"], archived: ["published"] };

/**
 * What is missing is listed before anybody presses.
 * @param {import("./book.js").KnownBook} known
 * @param {string} path
 * @param {(answer: import("./book.js").KnownBook) => Promise<void>} changed
 */
export function publishing({ body: book, etag }, path, changed) {
    const missing = [
        book.durationMilliseconds ? null : t("office.missing.recording"),
        (book.prices ?? []).length > 0 ? null : t("office.missing.price"),
        book.people.some((/** @type {any} */ { role }) => role === "author") ? null : t("office.missing.author"),
    ].filter(Boolean);
    const move = async (/** @type {string} */ state) => {
        try {
            await changed(await api.patch(path, { state }, { ifMatch: etag }));
            toast(t("common.saved"));
        } catch (error) {
            toast(sentence(error), { kind: "failed" });
            await changed(await api.get(path));
        }
    };
    return h("section", { class: "card aside" },
        h("h2", null, t("office.publishing")),
        missing.length > 0 ? h("div", null, h("p", null, t("office.missing.title")), h("ul", null, missing.map((what) => h("li", null, what)))) : h("p", null, t("office.missing.nothing")),
        h("div", { class: "actions" },
            steps[book.state].map((state, index) =>
                h("button", { class: index === 0 ? "button" : "button button-second", type: "button", disabled: state === "published" && missing.length > 0, onclick: () => move(state) }, t(`office.move.${state}`))),
            book.state === "draft" ? null : h("a", { href: `/books/${book.slug}` }, t("office.seeInShop"))));
}
