import { api } from "../lib/api.js";
import { h } from "../lib/dom.js";
import { t } from "../lib/messages.js";
import { sentence } from "../lib/states.js";
import { toast } from "../lib/toast.js";

/**
 * A list by cursor, with a button for more of it; null where it is empty.
 * @param {{ path: string, query?: import("../lib/api.js").Query, line: (item: any) => HTMLElement, signal?: AbortSignal, listClass?: string }} options
 */
export async function listInPages({ path, query, line, signal, listClass = "list" }) {
    const read = async (/** @type {string | undefined} */ cursor) => (await api.get(path, { query: { ...query, cursor }, signal })).body;
    const first = await read(undefined);
    if (first.items.length === 0) {
        return null;
    }
    let next = first.next;
    const list = h("ul", { class: listClass, role: "list" }, first.items.map(line));
    const button = h("button", { class: "button button-second", type: "button" }, t("common.more"));
    const more = h("p", { class: "more", hidden: !next }, button);
    button.addEventListener("click", async () => {
        button.setAttribute("aria-busy", "true");
        try {
            const page = await read(next);
            next = page.next;
            const lines = page.items.map(line);
            list.append(...lines);
            lines[0]?.querySelector("a")?.focus();
            more.hidden = !next;
        } catch (error) {
            toast(sentence(error), { kind: "failed" });
        } finally {
            button.removeAttribute("aria-busy");
        }
    });
    return h("div", null, list, more);
}
