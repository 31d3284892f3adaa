import { toast } from "../lib/toast.js";
import { sentence } from "../lib/states.js";
import { parsePage } from "../lib/trusted.js";

/** The next page of a list goes below what is there already; without this, the link leads to it. */
document.addEventListener("click", async (event) => {
    const link = /** @type {HTMLAnchorElement | null} */ (/** @type {Element} */ (event.target).closest("[data-more]"));
    const list = document.querySelector("main .book-grid:last-of-type");
    if (!link || !list || event.metaKey || event.ctrlKey || event.shiftKey) {
        return;
    }
    event.preventDefault();
    link.setAttribute("aria-busy", "true");
    try {
        const response = await fetch(link.href, { headers: { accept: "text/html" } });
        const page = parsePage(await response.text());
        const books = page.querySelectorAll("main .book-grid > li");
        const place = link.closest(".more");
        const next = page.querySelector("main .more");
        list.append(...books);
        place?.replaceWith(...(next ? [next] : []));
        /** @type {HTMLElement | null | undefined} */ (books[0]?.querySelector("a"))?.focus();
    } catch (error) {
        link.removeAttribute("aria-busy");
        toast(sentence(error), { kind: "failed" });
    }
}, { capture: true });
