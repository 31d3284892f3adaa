import { api } from "../lib/api.js";
import { h, replace } from "../lib/dom.js";
import { moment, t } from "../lib/messages.js";
import { sentence } from "../lib/states.js";
import { toast } from "../lib/toast.js";
import { table } from "./table.js";

const states = ["parked", "received", "processed", "ignored"];

/**
 * What other services told; what waits for a person can be settled again.
 * @param {import("./office.js").OfficeVisit} visit
 */
export async function show({ place, query, signal }) {
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
            { name: t("office.todo"), cell: (event) => (event.state === "parked" ? replay(event) : "–") },
        ] }),
    );
}

/** @param {{ provider: string, id: string }} event */
function replay({ provider, id }) {
    const button = h("button", { class: "button button-quiet", type: "button" }, t("office.events.replay"));
    button.addEventListener("click", async () => {
        try {
            await api.post(`admin/events/${provider}/${encodeURIComponent(id)}/replay`);
            button.closest("tr")?.remove();
            toast(t("office.events.replayed"));
        } catch (error) {
            toast(sentence(error), { kind: "failed" });
        }
    });
    return button;
}
