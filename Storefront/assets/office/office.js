import { h, replace } from "../lib/dom.js";
import { t } from "../lib/messages.js";
import { parametersOf } from "../lib/navigation.js";
import { requirePerson } from "../lib/session.js";
import { empty } from "../lib/states.js";

/** @typedef {{ main: HTMLElement, place: HTMLElement, parameters: Record<string, string>, query: URLSearchParams, signal: AbortSignal, roles: string[] }} OfficeVisit */
/** @typedef {{ path: string, name?: string, roles: string[], load: () => Promise<{ show(visit: OfficeVisit): Promise<void> }> }} Section */

const everybody = ["admin", "editor", "support", "finance"];

/**
 * What has a name stands in the navigation of those whose role it is.
 * @type {Section[]}
 */
const sections = [
    { path: "/office", name: "start", roles: everybody, load: () => import("./start.js") },
    { path: "/office/books", name: "books", roles: ["admin", "editor"], load: () => import("./books.js") },
    { path: "/office/books/:id", roles: ["admin", "editor"], load: () => import("./book.js") },
    { path: "/office/orders", name: "orders", roles: ["admin", "support", "finance"], load: () => import("./orders.js") },
    { path: "/office/orders/:id", roles: ["admin", "support", "finance"], load: () => import("./order.js") },
    { path: "/office/sales", name: "sales", roles: ["admin", "finance"], load: () => import("./sales.js") },
    { path: "/office/promotions", name: "promotions", roles: ["admin", "finance"], load: () => import("./promotions.js") },
    { path: "/office/events", name: "events", roles: ["admin", "finance"], load: () => import("./events.js") },
    { path: "/office/storage", name: "storage", roles: ["admin", "editor"], load: () => import("./storage.js") },
    { path: "/office/people", name: "people", roles: ["admin"], load: () => import("./people.js") },
    { path: "/office/audit", name: "audit", roles: ["admin"], load: () => import("./audit.js") },
];

/** @param {HTMLElement} main @param {import("../lib/navigation.js").Visit} visit */
export async function show(main, { query, signal }) {
    const who = await requirePerson(main);
    if (!who) {
        return;
    }
    const { roles } = who;
    const found = sections.map((section) => ({ section, parameters: parametersOf(section.path, location.pathname) })).find((one) => one.parameters);
    if (!found || !found.section.roles.some((role) => roles.includes(role))) {
        replace(main, empty({ icon: "notice", level: 1, title: t(found ? "office.notYours" : "common.notFound.title"), detail: t(found ? "office.notYoursDetail" : "office.nothing"), action: { href: roles.length > 0 && !found ? "/office" : "/", text: t(roles.length > 0 && !found ? "common.office" : "common.home") } }));
        return;
    }
    const place = h("div", { class: "office-place" });
    const { show: showSection } = await found.section.load();
    await showSection({ main, place, parameters: found.parameters ?? {}, query, signal, roles });
    if (!signal.aborted) {
        replace(main, tabs(roles), place);
    }
}

/** @param {string[]} roles */
function tabs(roles) {
    const mine = sections.filter((section) => section.name && section.roles.some((role) => roles.includes(role)));
    const current = [...mine].reverse().find(({ path }) => location.pathname === path || (path !== "/office" && location.pathname.startsWith(`${path}/`)));
    return h("nav", { class: "tabs", "aria-label": t("common.office") }, mine.map((section) =>
        h("a", { href: section.path, "aria-current": section === current ? "page" : null }, t(`office.section.${section.name}`))));
}
