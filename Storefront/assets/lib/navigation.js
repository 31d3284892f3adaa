import { unreachable } from "./api.js";
import { h, replace } from "./dom.js";
import { hasMessages, loadMessages, t } from "./messages.js";
import { parsePage } from "./trusted.js";
import { failure } from "./states.js";

/**
 * @typedef {{ parameters: Record<string, string>, query: URLSearchParams, signal: AbortSignal }} Visit
 * @typedef {{ show(main: HTMLElement, visit: Visit): Promise<void> | void }} PageModule
 * @typedef {[pattern: string, load: () => Promise<PageModule>]} Route
 */

const ownPrefixes = ["/api/", "/auth/", "/assets/", "/messages/", "/_earshelf/", "/openapi.json"];

const unrouted = ["not-found", "error"];

/** @type {Route[]} */
let known = [];
let visit = new AbortController();
let shown = location.pathname + location.search;

/** @param {Route[]} routes the first that matches is taken; `:name` is one part of the path, `*` all that is left, as `rest` */
export async function start(routes) {
    known = routes;
    history.scrollRestoration = "manual";
    document.addEventListener("click", followLink);
    document.addEventListener("submit", followForm);
    addEventListener("popstate", () => {
        const target = location.pathname + location.search;
        if (target !== shown) {
            load(new URL(location.href), history.state?.scroll ?? 0);
        }
    });
    addEventListener("scrollend", () => history.replaceState({ ...history.state, scroll: scrollY }, ""));
    const { signal } = visit;
    const scroll = history.state?.scroll ?? 0;
    scrollTo(0, scroll);
    await draw(new URL(location.href));
    if (!signal.aborted) {
        scrollBack(scroll);
    }
}

/**
 * Goes to a page of the shop without letting go of what plays.
 * @param {string | URL} url
 * @param {{ replaces?: boolean }} options
 */
export async function go(url, { replaces = false } = {}) {
    const target = new URL(url, location.href);
    if (!isPage(target)) {
        location.assign(target);
        return;
    }
    if (replaces) {
        history.replaceState(null, "", target);
    } else {
        history.pushState(null, "", target);
    }
    await load(target, 0);
}

/** @param {URL} url */
function isPage(url) {
    return url.origin === location.origin && !ownPrefixes.some((prefix) => url.pathname.startsWith(prefix));
}

/** @param {MouseEvent} event */
function followLink(event) {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!link || event.defaultPrevented || !isPlain || link.target || link.hasAttribute("download") || !link.href) {
        return;
    }
    const url = new URL(link.href);
    if (!isPage(url) || (url.hash && url.pathname + url.search === location.pathname + location.search)) {
        return;
    }
    event.preventDefault();
    go(url);
}

/** @param {SubmitEvent} event */
function followForm(event) {
    const form = /** @type {HTMLFormElement} */ (event.target);
    const url = new URL(form.action, location.href);
    if (event.defaultPrevented || form.method !== "get" || !isPage(url)) {
        return;
    }
    event.preventDefault();
    for (const [name, value] of new FormData(form)) {
        if (typeof value === "string" && value !== "") {
            url.searchParams.append(name, value);
        }
    }
    go(url);
}

/**
 * @param {URL} url
 * @param {number} scroll
 */
async function load(url, scroll) {
    visit.abort();
    visit = new AbortController();
    const { signal } = visit;
    shown = url.pathname + url.search;
    document.documentElement.classList.add("is-loading");
    try {
        const response = await reach(url, signal);
        const page = parsePage(await response.text());
        const main = page.querySelector("main");
        if (!main) {
            location.assign(url);
            return;
        }
        if (response.redirected) {
            history.replaceState(null, "", response.url);
        }
        document.title = page.title;
        swap(document.adoptNode(main), page);
        const drawn = draw(new URL(location.href));
        scrollTo(0, scroll);
        focusHeading();
        await drawn;
        if (!signal.aborted) {
            scrollBack(scroll);
        }
    } catch (error) {
        if (!signal.aborted && !hasMessages()) {
            location.assign(url);
        } else if (!signal.aborted) {
            swap(h("main", { id: "main", class: "main" }, failure(error, () => load(url, scroll))));
            focusHeading();
        }
    } finally {
        if (visit.signal === signal) {
            document.documentElement.classList.remove("is-loading");
        }
    }
}

/**
 * @param {URL} url
 * @param {AbortSignal} signal
 */
async function reach(url, signal) {
    try {
        return await fetch(url, { signal, headers: { accept: "text/html" } });
    } catch (error) {
        throw signal.aborted ? error : unreachable();
    }
}

/**
 * A page that a program drew is as long as it was only now; who has scrolled meanwhile stays where they are.
 * @param {number} scroll
 */
function scrollBack(scroll) {
    if (scroll > 0 && scrollY < scroll) {
        scrollTo(0, scroll);
    }
}

/** What somebody opened, by its id: who narrows a search step by step finds the filter as they left it. @type {Map<string, boolean>} */
const opened = new Map();

/**
 * @param {HTMLElement} main
 * @param {Document} [page]
 */
function swap(main, page) {
    for (const details of document.querySelectorAll("main details[id]")) {
        opened.set(details.id, /** @type {HTMLDetailsElement} */ (details).open);
    }
    document.querySelector("main")?.replaceWith(main);
    for (const details of /** @type {NodeListOf<HTMLDetailsElement>} */ (main.querySelectorAll("details[id]"))) {
        details.open = opened.get(details.id) ?? details.open;
    }
    const typed = /** @type {HTMLInputElement | null} */ (page?.querySelector("#search"));
    const field = /** @type {HTMLInputElement | null} */ (document.querySelector("#search"));
    if (typed && field && field !== document.activeElement) {
        field.value = typed.value;
    }
    for (const link of document.querySelectorAll(".header a[href], .footer a[href]")) {
        const isHere = link.getAttribute("href") === location.pathname;
        link.toggleAttribute("aria-current", isHere);
        if (isHere) {
            link.setAttribute("aria-current", "page");
        }
    }
}

/** @param {URL} url */
async function draw(url) {
    const main = /** @type {HTMLElement} */ (document.querySelector("main"));
    const { signal } = visit;
    const found = unrouted.includes(main.dataset.page ?? "") ? null : match(url.pathname);
    try {
        const [page] = await Promise.all([found?.load(), loadMessages()]);
        if (found && !signal.aborted) {
            await page?.show(main, { parameters: found.parameters, query: url.searchParams, signal });
        }
    } catch (error) {
        if (!signal.aborted && main.dataset.page) {
            replace(main, failure(error, () => go(location.href, { replaces: true })));
        }
    } finally {
        if (!signal.aborted) {
            focusDrawnHeading(main);
            document.dispatchEvent(new CustomEvent("earshelf:page", { detail: { path: url.pathname } }));
        }
    }
}

/** @param {string} path */
function match(path) {
    for (const [pattern, load] of known) {
        const parameters = parametersOf(pattern, path);
        if (parameters) {
            return { load, parameters };
        }
    }
    return null;
}

/**
 * @param {string} pattern
 * @param {string} path
 * @returns {Record<string, string> | null}
 */
export function parametersOf(pattern, path) {
    const [wanted, given] = [pattern, path].map((text) => text.split("/").filter(Boolean));
    /** @type {Record<string, string>} */
    const parameters = {};
    for (const [place, part] of wanted.entries()) {
        if (part === "*") {
            parameters.rest = given.slice(place).map(decodeURIComponent).join("/");
            return parameters;
        }
        if (given[place] === undefined || (!part.startsWith(":") && part !== given[place])) {
            return null;
        }
        if (part.startsWith(":")) {
            parameters[part.slice(1)] = decodeURIComponent(given[place]);
        }
    }
    return wanted.length === given.length ? parameters : null;
}

let isHeadingWanted = false;

/** Where the keyboard goes on after a navigation, and what a screen reader says first. */
function focusHeading() {
    const heading = /** @type {HTMLElement | null} */ (document.querySelector("main h1"));
    isHeadingWanted = heading === null;
    if (heading) {
        heading.tabIndex = -1;
        heading.focus({ preventScroll: true });
    }
}

/** @param {HTMLElement} main whose heading came only with what a page drew */
function focusDrawnHeading(main) {
    if (isHeadingWanted) {
        focusHeading();
    }
    const heading = main.querySelector("h1");
    if (heading && main.dataset.page && !main.dataset.titled) {
        main.dataset.titled = "1";
        document.title = t("common.pageTitle", { title: heading.textContent ?? "" });
    }
}
