import { h, replace } from "../lib/dom.js";
import { moment, t } from "../lib/messages.js";
import { table } from "./table.js";

/**
 * Who did what to what.
 * @param {import("./office.js").OfficeVisit} visit
 */
export async function show({ place, signal }) {
    replace(
        place,
        h("h1", { tabindex: "-1" }, t("office.section.audit")),
        await table({ path: "admin/audit", label: t("office.section.audit"), none: t("office.audit.none"), signal, columns: [
            { name: t("office.since"), cell: (entry) => moment(entry.at) },
            { name: t("office.audit.action"), cell: (entry) => entry.action },
            { name: t("office.subject"), cell: (entry) => h("bdi", null, entry.subject) },
            { name: t("office.audit.change"), cell: (entry) => h("code", { dir: "auto" }, [entry.before, entry.after].map((one) => (one ? JSON.stringify(one) : "")).filter(Boolean).join(" → ")) },
            { name: t("office.audit.actor"), cell: (entry) => h("code", null, (entry.actor ?? "–").slice(0, 8)) },
        ] }),
    );
}
