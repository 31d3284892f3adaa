import { api } from "../lib/api.js";
import { h, replace } from "../lib/dom.js";
import { field, onSubmit } from "../lib/forms.js";
import { moment, t } from "../lib/messages.js";
import { go } from "../lib/navigation.js";
import { table } from "./table.js";

const states = ["", "draft", "published", "unlisted", "archived"];

/**
 * All books, also those that nobody else sees.
 * @param {import("./office.js").OfficeVisit} visit
 */
export async function show({ place, query, signal }) {
    const words = query.get("q") || undefined;
    const state = query.get("state") || undefined;
    replace(
        place,
        h("h1", { tabindex: "-1" }, t("office.section.books")),
        h("div", { class: "columns" },
            h("section", null,
                h("form", { class: "promotion-form", role: "search", action: "/office/books", method: "get" },
                    field({ name: "q", label: t("office.books.find"), type: "search", value: words, maxlength: 200 }),
                    h("button", { class: "button button-second" }, t("common.search.do"))),
                h("nav", { class: "sortings", "aria-label": t("office.state") }, states.map((one) =>
                    h("a", { class: "chip", href: one ? `/office/books?state=${one}` : "/office/books", "aria-current": one === (state ?? "") ? "true" : null }, t(one ? `office.bookState.${one}` : "office.books.all")))),
                await table({ path: "admin/audiobooks", query: { q: words, state }, label: t("office.section.books"), none: t("shop.search.nothing"), signal, columns: [
                    { name: t("office.book"), cell: (book) => h("a", { href: `/office/books/${book.id}`, dir: "auto" }, book.title) },
                    { name: t("shop.facet.author"), cell: (book) => h("bdi", null, book.authors.join(", ")) },
                    { name: t("office.state"), cell: (book) => t(`office.bookState.${book.state}`) },
                    { name: t("office.recording.title"), cell: (book) => t(book.hasRecording ? "office.books.recorded" : "office.books.unrecorded") },
                    { name: t("office.since"), cell: (book) => moment(book.createdAt) },
                ] })),
            h("div", { class: "aside" }, newBook())),
    );
}

function newBook() {
    const form = h("form", { class: "card" },
        h("h2", null, t("office.books.new")),
        field({ name: "title", label: t("shop.search.sort.title"), required: true, maxlength: 300, dir: "auto" }),
        field({ name: "author", label: t("shop.facet.author"), required: true, maxlength: 200, dir: "auto" }),
        field({ name: "language", label: t("account.language"), hint: t("office.languageHint"), required: true, value: "en", pattern: "[a-z]{2,3}(-[A-Z]{2})?" }),
        h("button", { class: "button" }, t("office.books.make")));
    onSubmit(form, async ({ title, author, language }) => {
        const { body } = await api.post("audiobooks", { title, language, people: [{ name: author, role: "author" }] }, { key: true });
        await go(`/office/books/${body.id}`);
    });
    return form;
}
