import { api } from "../lib/api.js";
import { h, replace } from "../lib/dom.js";
import { field, onSubmit } from "../lib/forms.js";
import { duration, money, t } from "../lib/messages.js";
import { go } from "../lib/navigation.js";
import { openedBooks } from "./opened.js";
import { table } from "./table.js";

/** @param {import("./office.js").OfficeVisit} visit */
export async function show({ place, query, signal }) {
    const words = query.get("q") ?? "";
    const opened = openedBooks();
    replace(
        place,
        h("h1", { tabindex: "-1" }, t("office.section.books")),
        h("div", { class: "columns" },
            h("section", null,
                h("h2", null, t("office.books.onSale")),
                h("form", { class: "promotion-form", role: "search", action: "/office/books", method: "get" },
                    field({ name: "q", label: t("common.search.label"), type: "search", value: words, maxlength: 200 }),
                    h("button", { class: "button button-second" }, t("common.search.do"))),
                await table({ path: "audiobooks", query: { q: words, sort: words ? "relevance" : "newest" }, label: t("office.books.onSale"), none: t("shop.search.nothing"), signal, columns: [
                    { name: t("office.book"), cell: (book) => h("a", { href: `/office/books/${book.id}`, dir: "auto" }, book.title) },
                    { name: t("shop.facet.author"), cell: (book) => h("bdi", null, book.authors.join(", ")) },
                    { name: t("shop.facet.price"), cell: (book) => money(book.price), isNumber: true },
                    { name: t("shop.book.duration"), cell: (book) => duration(book.durationMilliseconds), isNumber: true },
                ] })),
            h("div", { class: "aside" },
                newBook(),
                opened.length > 0
                    ? h("section", { class: "card" },
                        h("h2", null, t("office.books.opened")),
                        h("ul", { class: "list", role: "list" }, opened.map(({ id, title }) => h("li", null, h("a", { href: `/office/books/${id}`, dir: "auto" }, title)))))
                    : null)),
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
