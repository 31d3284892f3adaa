import { api } from "../lib/api.js";
import { h, replace } from "../lib/dom.js";
import { moment, t } from "../lib/messages.js";
import { sentence } from "../lib/states.js";
import { toast } from "../lib/toast.js";
import { table } from "./table.js";

const states = ["parked", "received", "processed", "ignored"];
const toldStates = ["parked", "waiting", "published"];

/**
 * What other services told; what waits for a person can be settled again.
 * @param {import("./office.js").OfficeVisit} visit
 */
export async function show({ place, query, roles, signal }) {
    const state = query.get("state") ?? "parked";
    replace(
        place,
        h("h1", { tabindex: "-1" }, t("office.section.events")),
        h("nav", { class: "sortings", "aria-label": t("office.state") }, states.map((one) =>
            h("a", { class: "chip", href: `/office/events?state=${one}`, "aria-current": one === state ? "true" : null }, t(`office.event.${one}`)))),
        await table({ path: "admin/events", query: { state }, label: t("office.section.events"), none: t("office.events.none"), signal, columns: [
            { name: t("office.kind"), cell: (event) => event.type },
            { name: t("office.subject"), cell: (event) => h("bdi", null, event.objectId ?? event.id) },
            { name: t("office.since"), cell: (event) => moment(event.receivedAt) },
            { name: t("office.note"), cell: (event) => event.note },
            { name: t("office.todo"), cell: (event) => (event.state === "parked" ? replay(`admin/events/${event.provider}/${encodeURIComponent(event.id)}/replay`) : "–") },
        ] }),
        roles.includes("admin") ? await outbox(query.get("told") ?? "parked", signal) : null,
    );
}

/**
 * What the shop tells of itself on its bus.
 * @param {string} state
 * @param {AbortSignal} signal
 */
async function outbox(state, signal) {
    return h("section", { class: "shelf" },
        h("h2", null, t("office.outbox.title")),
        h("nav", { class: "sortings", "aria-label": t("office.outbox.title") }, toldStates.map((one) =>
            h("a", { class: "chip", href: `/office/events?told=${one}`, "aria-current": one === state ? "true" : null }, t(`office.outbox.${one}`)))),
        await table({ path: "admin/outbox", query: { state }, label: t("office.outbox.title"), none: t("office.events.none"), signal, columns: [
            { name: t("office.kind"), cell: (event) => event.topic },
            { name: t("office.subject"), cell: (event) => h("bdi", null, event.key) },
            { name: t("office.since"), cell: (event) => moment(event.createdAt) },
            { name: t("office.note"), cell: (event) => event.note },
            { name: t("office.todo"), cell: (event) => (event.state === "parked" ? replay(`admin/outbox/${event.id}/replay`) : "–") },
        ] }));
}

/** @param {string} path */
function replay(path) {
    const button = h("button", { class: "button button-quiet", type: "button" }, t("office.events.replay"));
    button.addEventListener("click", async () => {
        try {
            await api.post(path);
            button.closest("tr")?.remove();
            toast(t("office.events.replayed"));
        } catch (error) {
            toast(sentence(error), { kind: "failed" });
        }
    });
    return button;
}
