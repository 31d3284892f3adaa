import { cover } from "../lib/cover.js";
import { h, replace } from "../lib/dom.js";
import { passageSearch } from "../elements/passages.js";
import { listInPages } from "../elements/pages.js";
import { duration, t } from "../lib/messages.js";
import { go } from "../lib/navigation.js";
import { requirePerson } from "../lib/session.js";
import { empty } from "../lib/states.js";

/** @typedef {{ audiobookId: string, slug: string, title: string, authors: string[], durationMilliseconds: number, progress?: { positionMilliseconds: number, finishedAt?: string } }} OwnedBook */

const sortings = ["recent", "newest", "title"];

/** As many as fill whole rows, whatever number of columns there is: see `.endless` in shop.css. */
const pageSize = 48;

/** @param {HTMLElement} main @param {import("../lib/navigation.js").Visit} visit */
export async function show(main, { query, signal }) {
    if (!(await requirePerson(main))) {
        return;
    }
    const progress = query.get("progress");
    const sort = query.get("sort") ?? "recent";
    const list = await listInPages({ path: "library", query: { progress, sort, limit: pageSize }, line, signal, listClass: "book-grid", isEndless: true });
    const nothing = progress
        ? empty({ icon: "book", title: t("library.noneLikeThis") })
        : empty({ icon: "book", title: t("library.empty"), detail: t("library.emptyDetail"), action: { href: "/search", text: t("common.browse") } });
    replace(
        main,
        h("h1", { tabindex: "-1" }, t("common.library")),
        passageSearch({ path: "search/passages", label: t("player.search.everywhere"), hasTitles: true, go: ({ audiobookId, milliseconds }) => go(`/library/${audiobookId}?at=${milliseconds}`) }),
        h("nav", { class: "tabs library-tabs", "aria-label": t("library.show") }, [null, "unfinished", "finished"].map((one) =>
            h("a", { href: address(one, sort), "aria-current": one === progress ? "true" : null }, t(`library.progress.${one ?? "all"}`)))),
        h("nav", { class: "sortings", "aria-label": t("shop.search.sortBy") }, sortings.map((one) =>
            h("a", { class: "chip", href: address(progress, one), "aria-current": one === sort ? "true" : null }, t(`library.sort.${one}`)))),
        list ?? nothing,
    );
}

/**
 * @param {string | null} progress
 * @param {string} sort
 */
function address(progress, sort) {
    const parameters = new URLSearchParams({ ...(progress && { progress }), sort });
    return `/library?${parameters}`;
}

/** @param {OwnedBook} book */
function line(book) {
    const heard = book.progress?.positionMilliseconds ?? 0;
    const left = t("shop.home.left", { duration: duration(book.durationMilliseconds - heard) });
    const words = book.progress?.finishedAt ? t("library.finished") : heard > 0 ? left : duration(book.durationMilliseconds);
    return h("li", { class: "book-card" },
        h("a", { class: "book-card-link", href: `/library/${book.audiobookId}` },
            cover(book, { size: 400, class: "" }),
            h("span", { class: "book-card-title", dir: "auto" }, book.title)),
        h("span", { class: "book-card-line", dir: "auto" }, book.authors.join(", ")),
        h("span", { class: "book-card-line soft small number" }, words),
        heard > 0 && !book.progress?.finishedAt ? h("progress", { max: book.durationMilliseconds, value: heard, "aria-label": left }) : null);
}
