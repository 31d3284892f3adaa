import { api } from "../lib/api.js";
import { cover } from "../lib/cover.js";
import { h, replace } from "../lib/dom.js";
import { duration, t } from "../lib/messages.js";

/** @typedef {{ audiobookId: string, slug: string, title: string, authors: string[], durationMilliseconds: number, progress?: { positionMilliseconds: number } }} OwnedBook */

/** @param {HTMLElement} main @param {import("../lib/navigation.js").Visit} visit */
export async function show(main, { signal }) {
    const place = main.querySelector(".continue-place");
    if (!place) {
        return;
    }
    const query = { progress: "unfinished", sort: "recent", limit: 6 };
    const { body } = await api.get("library", { query, signal });
    const begun = body.items.filter((/** @type {OwnedBook} */ book) => book.progress);
    replace(place, begun.length > 0
        ? h("div", { class: "continue-books" }, begun.map(bookToContinue))
        : h("p", { class: "continue-nothing" }, t("shop.home.continueNothing"), h("a", { href: "/library" }, t("common.library"))));
}

/** @param {OwnedBook} book */
function bookToContinue(book) {
    const heard = book.progress?.positionMilliseconds ?? 0;
    const left = t("shop.home.left", { duration: duration(book.durationMilliseconds - heard) });
    return h("a", { class: "continue-book", href: `/library/${book.audiobookId}` },
        cover(book),
        h("div", null,
            h("span", { class: "book-card-title", dir: "auto" }, book.title),
            h("span", { class: "soft small" }, left),
            h("progress", { max: book.durationMilliseconds, value: heard, "aria-label": left })));
}
