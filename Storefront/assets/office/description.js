import { api, Problem } from "../lib/api.js";
import { h } from "../lib/dom.js";
import { choiceField, field, onSubmit } from "../lib/forms.js";
import { t } from "../lib/messages.js";
import { notice } from "../lib/states.js";
import { toast } from "../lib/toast.js";

const peopleFields = /** @type {const} */ (["author", "narrator", "translator"]);

const exportFormats = /** @type {const} */ (["m4b", "epub"]);

/**
 * What is said of a book. Somebody else's change meanwhile is shown beside what was typed, and nothing typed is lost.
 * @param {import("./book.js").KnownBook} known
 * @param {string} path
 * @param {(answer: import("./book.js").KnownBook) => Promise<void>} changed
 */
export async function description(known, path, changed) {
    const book = known.body;
    const [categories, series] = await Promise.all([api.get("categories", { query: { limit: 100 } }), api.get("series", { query: { limit: 100 } })]);
    const chosen = new Set(book.categories.map((/** @type {{ id: string }} */ { id }) => id));
    const form = h("form", { class: "card" },
        h("h2", null, t("office.description")),
        field({ name: "title", label: t("shop.search.sort.title"), value: book.title, required: true, maxlength: 300, dir: "auto" }),
        field({ name: "subtitle", label: t("office.subtitle"), value: book.subtitle ?? "", maxlength: 300, dir: "auto" }),
        field({ name: "language", label: t("account.language"), hint: t("office.languageHint"), value: book.language, required: true, pattern: "[a-z]{2,3}(-[A-Z]{2})?" }),
        peopleFields.map((role) => field({ name: role, label: t(`office.people.${role}`), hint: t("office.onePerLine"), type: "textarea", rows: 2, value: namesOf(book, role) })),
        field({ name: "description", label: t("office.text"), type: "textarea", rows: 6, value: book.description, maxlength: 20000 }),
        h("div", { class: "field-pair" },
            choiceField({ name: "series", label: t("shop.facet.series"), value: book.series[0]?.id ?? "", choices: [["", "–"], ...series.body.items.map((/** @type {any} */ one) => [one.id, one.name])] }),
            field({ name: "label", label: t("office.seriesLabel"), value: book.series[0]?.label ?? "", maxlength: 30 })),
        h("fieldset", { class: "field office-categories" },
            h("legend", null, t("shop.home.categories")),
            categories.body.items.map((/** @type {any} */ category) =>
                h("label", { class: "choice" }, h("input", { type: "checkbox", name: "category", value: category.id, checked: chosen.has(category.id) }), category.name))),
        h("fieldset", { class: "field" },
            h("legend", null, t("office.exports")),
            exportFormats.map((format) =>
                h("label", { class: "choice" }, h("input", { type: "checkbox", name: "export", value: format, checked: book.exports.includes(format) }), t(`player.files.${format}`)))),
        h("button", { class: "button" }, t("common.save")));
    onSubmit(form, async (values) => {
        try {
            const answer = await api.patch(path, wish(form, values, known.body), { ifMatch: known.etag });
            await changed(answer);
            toast(t("common.saved"));
        } catch (error) {
            if (!(error instanceof Problem && error.type === "changed-meanwhile")) {
                throw error;
            }
            const now = await api.get(path);
            const different = ["title", "subtitle", "language", "description"].filter((name) => now.body[name] !== known.body[name]);
            Object.assign(known, { body: now.body, etag: now.etag });
            form.prepend(notice("failed",
                h("p", null, t("office.changedMeanwhile")),
                h("dl", null, different.map((name) => h("div", null, h("dt", null, t(`office.field.${name}`)), h("dd", { dir: "auto" }, now.body[name] ?? "–"))))));
        }
    });
    return form;
}

/** @param {any} book @param {string} role */
function namesOf(book, role) {
    return book.people.filter((/** @type {any} */ person) => person.role === role).map((/** @type {any} */ person) => person.name).join("\n");
}

/**
 * Only what was changed here: what others changed meanwhile stays.
 * @param {HTMLFormElement} form
 * @param {Record<string, string>} values
 * @param {any} book
 */
function wish(form, values, book) {
    const others = book.people.filter((/** @type {any} */ { role }) => !peopleFields.includes(role)).map((/** @type {any} */ { id, role }) => ({ id, role }));
    const people = peopleFields.flatMap((role) => (values[role] ?? "").split("\n").map((name) => name.trim()).filter(Boolean).map((name) => personNamed(book, name, role)));
    return {
        title: values.title,
        subtitle: values.subtitle ?? null,
        language: values.language,
        description: values.description ?? "",
        people: [...people, ...others],
        series: values.series ? [{ id: values.series, ...(values.label && { label: values.label }) }, ...book.series.slice(1).map(seriesEntry)] : [],
        categories: new FormData(form).getAll("category").map((id) => ({ id })),
        exports: new FormData(form).getAll("export"),
    };
}

/**
 * Who was there stays the same person, though another has the name.
 * @param {any} book
 * @param {string} name
 * @param {string} role
 */
function personNamed(book, name, role) {
    const known = book.people.find((/** @type {any} */ person) => person.name === name && person.role === role);
    return known ? { id: known.id, role } : { name, role };
}

/** @param {any} entry */
function seriesEntry({ id, label, sortKey }) {
    return { id, sortKey, ...(label && { label }) };
}
