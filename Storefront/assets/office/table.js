import { api } from "../lib/api.js";
import { h } from "../lib/dom.js";
import { t } from "../lib/messages.js";
import { sentence } from "../lib/states.js";
import { toast } from "../lib/toast.js";

/** @typedef {{ name: string, cell: (item: any) => import("../lib/dom.js").Child | import("../lib/dom.js").Child[], isNumber?: boolean }} Column */

/**
 * A table by cursor, with a button for more of it.
 * @param {{ path: string, query?: import("../lib/api.js").Query, label: string, columns: Column[], none: string, signal: AbortSignal }} options
 */
export async function table({ path, query, label, columns, none, signal }) {
    const read = async (/** @type {string | undefined} */ cursor) => (await api.get(path, { query: { ...query, cursor, limit: 50 }, signal })).body;
    const first = await read(undefined);
    if (first.items.length === 0) {
        return h("p", { class: "soft" }, none);
    }
    let { next } = first;
    const row = (/** @type {any} */ item) => h("tr", null, columns.map(({ cell, isNumber }) => h("td", { class: isNumber ? "number" : "" }, cell(item))));
    const body = h("tbody", null, first.items.map(row));
    const button = h("button", { class: "button button-second", type: "button" }, t("common.more"));
    const more = h("p", { class: "more", hidden: !next }, button);
    button.addEventListener("click", async () => {
        try {
            const page = await read(next);
            ({ next } = page);
            body.append(...page.items.map(row));
            more.hidden = !next;
        } catch (error) {
            toast(sentence(error), { kind: "failed" });
        }
    });
    return h("div", null,
        h("div", { class: "table-scroll", role: "region", tabindex: "0", "aria-label": label },
            h("table", { class: "table" },
                h("thead", null, h("tr", null, columns.map(({ name, isNumber }) => h("th", { scope: "col", class: isNumber ? "number" : "" }, name)))),
                body)),
        more);
}
