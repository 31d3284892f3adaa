import { api } from "../lib/api.js";
import { h, replace } from "../lib/dom.js";
import { number, t } from "../lib/messages.js";

/**
 * What the shop stores, and the books that weigh most.
 * @param {import("./office.js").OfficeVisit} visit
 */
export async function show({ place, signal }) {
    const { body } = await api.get("admin/storage", { query: { limit: 20 }, signal });
    replace(
        place,
        h("h1", { tabindex: "-1" }, t("office.section.storage")),
        h("p", null, t("office.storage.all", { objects: number(body.objects), size: size(body.bytes) })),
        h("dl", { class: "book-data office-facts" },
            body.kinds.map((/** @type {any} */ { kind, objects, bytes }) => fact(t(`office.storage.kind.${kind}`), `${number(objects)} · ${size(bytes)}`)),
            fact(t("office.storage.superseded"), `${number(body.superseded.objects)} · ${size(body.superseded.bytes)}`)),
        h("section", { class: "shelf" },
            h("h2", null, t("office.storage.largest")),
            h("ol", { class: "list", role: "list" }, body.largest.map((/** @type {any} */ { audiobookId, title, bytes }) =>
                h("li", { class: "order-book" }, h("a", { href: `/office/books/${audiobookId}`, dir: "auto" }, title), h("span", { class: "number" }, size(bytes)))))),
    );
}

/** @param {string} name @param {string} value */
function fact(name, value) {
    return h("div", null, h("dt", null, name), h("dd", { class: "number" }, value));
}

/** @param {number} bytes */
function size(bytes) {
    const units = ["B", "kB", "MB", "GB", "TB"];
    const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
    return `${number(Math.round((bytes / 1000 ** power) * 10) / 10)} ${units[power]}`;
}
