import { api } from "../lib/api.js";
import { h } from "../lib/dom.js";
import { t } from "../lib/messages.js";
import { sentence } from "../lib/states.js";
import { toast } from "../lib/toast.js";

/** So far below what is seen, the next page of an endless list is fetched. */
const marginPixels = 1200;

/**
 * A list by cursor, with a button for more of it; null where it is empty. An endless one is a list for each page of it: what
 * the browser looks at in each frame are pages then, and not thousands of lines.
 * @param {{ path: string, query?: import("../lib/api.js").Query, line: (item: any) => HTMLElement, signal?: AbortSignal, listClass?: string, isEndless?: boolean }} options `isEndless`: whoever scrolls need not press
 */
export async function listInPages({ path, query, line, signal, listClass = "list", isEndless = false }) {
    const read = async (/** @type {string | undefined} */ cursor) => (await api.get(path, { query: { ...query, cursor }, signal })).body;
    const first = await read(undefined);
    if (first.items.length === 0) {
        return null;
    }
    let next = first.next;
    const listOf = (/** @type {HTMLElement[]} */ lines) => h("ul", { class: listClass, role: "list" }, lines);
    const list = listOf(first.items.map(line));
    const button = h("button", { class: "button button-second", type: "button" }, t("common.more"));
    const more = h("p", { class: "more", hidden: !next }, button);
    /** @returns {Promise<HTMLElement[]>} what came */
    const append = async () => {
        if (!next || button.getAttribute("aria-busy") === "true") {
            return [];
        }
        button.setAttribute("aria-busy", "true");
        try {
            const page = await read(next);
            next = page.next;
            const lines = page.items.map(line);
            if (isEndless) {
                more.before(listOf(lines));
            } else {
                list.append(...lines);
            }
            more.hidden = !next;
            return lines;
        } catch (error) {
            end.disconnect();
            if (!signal?.aborted) {
                toast(sentence(error), { kind: "failed" });
            }
            return [];
        } finally {
            button.removeAttribute("aria-busy");
        }
    };
    const end = new IntersectionObserver(async (crossings) => {
        // Who scrolls fast crosses it more than once between two calls: the last tells how it is now.
        if (crossings[crossings.length - 1].isIntersecting && (await append()).length > 0) {
            // It tells of a crossing, and the end may be as near as before.
            end.unobserve(more);
            end.observe(more);
        }
    }, { rootMargin: `${marginPixels}px` });
    button.addEventListener("click", async () => (await append())[0]?.querySelector("a")?.focus());
    if (isEndless) {
        end.observe(more);
        signal?.addEventListener("abort", () => end.disconnect());
    }
    return h("div", { class: isEndless ? "endless" : undefined }, list, more);
}
