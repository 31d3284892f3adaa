import { api } from "../lib/api.js";
import { h, replace } from "../lib/dom.js";
import { moment, number, t } from "../lib/messages.js";
import { reason } from "../lib/states.js";
import { table } from "./table.js";

const verdicts = ["leaving", "removed", "removable", "missing", "kept"];

/**
 * What the shop stores, and the books that weigh most.
 * @param {import("./office.js").OfficeVisit} visit
 */
export async function show({ place, query, signal }) {
    const [{ body }, { body: cleanup }] = await Promise.all([
        api.get("admin/storage", { query: { limit: 20 }, signal }),
        api.get("admin/storage/cleanup", { query: { limit: 5 }, signal }),
    ]);
    const verdict = query.get("verdict") ?? "leaving";
    replace(
        place,
        h("h1", { tabindex: "-1" }, t("office.section.storage")),
        h("p", null, t("office.storage.all", { objects: number(body.objects), size: size(body.bytes) })),
        h("dl", { class: "book-data office-facts" },
            body.kinds.map((/** @type {any} */ { kind, objects, bytes }) => fact(t(`office.storage.kind.${kind}`), `${number(objects)} · ${size(bytes)}`)),
            fact(t("office.storage.superseded"), `${number(body.superseded.objects)} · ${size(body.superseded.bytes)}`)),
        h("section", { class: "shelf" },
            h("h2", null, t("office.storage.largest")),
            h("ol", { class: "list", role: "list" }, body.largest.map((/** @type {any} */ { audiobookId, title, bytes }) =>
                h("li", { class: "order-book" }, h("a", { href: `/office/books/${audiobookId}`, dir: "auto" }, title), h("span", { class: "number" }, size(bytes)))))),
        h("section", { class: "shelf" },
            h("h2", null, t("office.cleanup.title")),
            h("p", { class: "soft" }, t("office.cleanup.hint")),
            h("ol", { class: "list", role: "list" }, cleanup.rounds.map(round)),
            h("nav", { class: "sortings", "aria-label": t("office.state") }, verdicts.map((one) =>
                h("a", { class: "chip", href: `/office/storage?verdict=${one}`, "aria-current": one === verdict ? "true" : null }, t(`office.cleanup.verdict.${one}`)))),
            await table({ path: "admin/storage/cleanup/objects", query: { verdict }, label: t("office.cleanup.title"), none: t("office.cleanup.none"), signal, columns: [
                { name: t("office.cleanup.object"), cell: ({ key }) => h("bdi", null, key) },
                { name: t("office.note"), cell: (file) => [file.reason, file.failure ? ` (${reason(file.failure)})` : ""] },
                { name: t("office.cleanup.size"), cell: ({ bytes }) => size(bytes), isNumber: true },
                { name: t("office.since"), cell: ({ at }) => moment(at) },
            ] })),
    );
}

/** @param {{ isDryRun: boolean, beganAt: string, endedAt?: string, totals: { verdict: string, reason: string, objects: number, bytes: number }[] }} round */
function round({ isDryRun, beganAt, endedAt, totals }) {
    return h("li", null,
        h("p", null, moment(beganAt), " · ", t(endedAt ? "office.cleanup.ended" : "office.cleanup.running"), isDryRun ? ` · ${t("office.cleanup.dryRun")}` : ""),
        h("ul", { class: "soft small" }, totals.map(({ verdict, reason, objects, bytes }) =>
            h("li", null, `${t(`office.cleanup.verdict.${verdict}`)}: ${reason} · ${number(objects)} · ${size(bytes)}`))));
}

/** @param {string} name @param {string} value */
function fact(name, value) {
    return h("div", null, h("dt", null, name), h("dd", { class: "number" }, value));
}

/** @param {number} bytes */
function size(bytes) {
    const units = ["B", "kB", "MB", "GB", "TB"];
    const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
    return `${number(Math.round((bytes / 1000 ** power) * 10) / 10)} ${units[power]}`;
}
