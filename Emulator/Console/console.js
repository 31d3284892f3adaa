import { element } from "./dom.js";
import { Live } from "./live.js";
import * as views from "./views.js";

const live = new Live();
const place = document.getElementById("view");
let shown;

function wanted() {
    const [, name = "traces", id] = location.hash.split("/");
    if (name === "traces") return { name, id, view: id ? views.trace : views.traces };
    if (name === "invocations") return { name, id, view: id ? views.invocation : views.invocations };
    return { name, id, view: views[["functions", "queues", "events"].includes(name) ? name : "traces"] };
}

/** Draws what the address names; the heading stays, so that what reads it aloud is not begun anew. */
async function show(isNew) {
    const { name, id, view } = wanted();
    const version = view.version?.(live, id);
    if (!isNew && shown?.view === view && shown.id === id && version !== undefined && version === shown.version) return;
    shown = { view, id, version };
    const drawn = await view.draw(live, id);
    const title = view.title(live, id);
    if (shown.view !== view || shown.id !== id) return;
    document.title = `${title} · Earshelf console`;
    const focused = place.contains(document.activeElement) ? keyOf(document.activeElement) : undefined;
    place.replaceChildren(element("h1", {}, title), ...drawn);
    if (focused) [...place.querySelectorAll("a, button, summary, [tabindex]")].find((one) => keyOf(one) === focused)?.focus();
    for (const link of document.querySelectorAll("nav a")) {
        if (link.getAttribute("href") === `#/${name}`) link.setAttribute("aria-current", "page");
        else link.removeAttribute("aria-current");
    }
}

/** By which what had the focus is found again when the page is drawn anew. */
const keyOf = (one) => `${one.tagName} ${one.getAttribute("href") ?? ""} ${one.getAttribute("aria-label") ?? one.textContent}`;

let isDue = false;
live.addEventListener("change", ({ detail }) => {
    if (detail === "connection") {
        document.getElementById("connection").textContent = live.isConnected ? "Live" : "Not connected; trying again";
        return;
    }
    if (isDue || !wanted().view.names.includes(detail)) return;
    isDue = true;
    // Not more often than somebody can read.
    setTimeout(() => {
        isDue = false;
        show(false);
    }, 250);
});

addEventListener("hashchange", () => {
    show(true).then(() => place.focus({ preventScroll: true }));
    scrollTo(0, 0);
});
document.querySelector(".skip").addEventListener("click", (event) => {
    event.preventDefault();
    place.focus();
});
show(true);
live.start();
