import { api } from "../lib/api.js";
import { h, replace } from "../lib/dom.js";
import { moment, t } from "../lib/messages.js";
import { reason, sentence } from "../lib/states.js";
import { toast } from "../lib/toast.js";
import { table } from "./table.js";

/**
 * What needs attention.
 * @param {import("./office.js").OfficeVisit} visit
 */
export async function show({ place, roles, signal }) {
    const isEditor = roles.includes("editor") || roles.includes("admin");
    replace(
        place,
        h("h1", { tabindex: "-1" }, t("office.start.title")),
        h("section", { class: "shelf" },
            h("h2", null, t("office.alerts.title")),
            await table({ path: "admin/alerts", query: { open: true }, label: t("office.alerts.title"), none: t("office.alerts.none"), signal, columns: [
                { name: t("office.kind"), cell: (alert) => alert.kind },
                { name: t("office.subject"), cell: subject },
                { name: t("office.since"), cell: (alert) => moment(alert.createdAt) },
                { name: t("office.todo"), cell: acknowledge },
            ] })),
        isEditor
            ? h("section", { class: "shelf" },
                h("h2", null, t("office.jobs.title")),
                await table({ path: "admin/jobs", label: t("office.jobs.title"), none: t("office.jobs.none"), signal, columns: [
                    { name: t("office.book"), cell: (job) => h("a", { href: `/office/books/${job.audiobookId}`, dir: "auto" }, job.title) },
                    { name: t("office.kind"), cell: (job) => t(`office.jobs.${job.kind}`) },
                    { name: t("office.state"), cell: (job) => [t(`office.work.${job.state}`), job.failure ? ` (${reason(job.failure)})` : ""] },
                    { name: t("office.progress"), cell: (job) => (job.pieces > 0 ? `${job.donePieces} / ${job.pieces}` : "–"), isNumber: true },
                ] }))
            : null,
    );
}

/** @param {{ kind: string, subject: string }} alert whose subject is an order's where somebody asked for its money */
function subject({ kind, subject: id }) {
    return kind === "refund-asked" ? h("a", { href: `/office/orders/${id}` }, t("office.order")) : h("bdi", null, id);
}

/** @param {{ id: string, acknowledgedAt?: string }} alert */
function acknowledge(alert) {
    const button = h("button", { class: "button button-quiet", type: "button" }, t("office.alerts.acknowledge"));
    button.addEventListener("click", async () => {
        try {
            await api.post(`admin/alerts/${alert.id}/acknowledge`);
            button.closest("tr")?.remove();
            toast(t("office.alerts.acknowledged"));
        } catch (error) {
            toast(sentence(error), { kind: "failed" });
        }
    });
    return button;
}
