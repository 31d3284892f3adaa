import { api } from "../lib/api.js";
import { h, replace } from "../lib/dom.js";
import { field, onSubmit } from "../lib/forms.js";
import { day, money, number, t } from "../lib/messages.js";
import { toast } from "../lib/toast.js";
import { table } from "./table.js";

/** @param {import("./office.js").OfficeVisit} visit */
export async function show({ place, signal }) {
    const list = h("section", { "aria-label": t("office.section.promotions") });
    const draw = async () => {
        replace(list, await table({ path: "admin/promotions", label: t("office.section.promotions"), none: t("office.promotions.none"), signal, columns: [
            { name: t("cart.promotion.label"), cell: (promotion) => h("b", null, promotion.code) },
            { name: t("cart.discount"), cell: (promotion) => (promotion.percent ? `${number(promotion.percent)} %` : (promotion.amounts ?? []).map(money).join(", ")) },
            { name: t("office.promotions.until"), cell: (promotion) => (promotion.validUntil ? day(promotion.validUntil) : "–") },
            { name: t("office.promotions.uses"), cell: (promotion) => `${number(promotion.uses ?? 0)}${promotion.maximumUses ? ` / ${number(promotion.maximumUses)}` : ""}`, isNumber: true },
        ] }));
    };
    const form = h("form", { class: "card" },
        h("h2", null, t("office.promotions.new")),
        field({ name: "code", label: t("cart.promotion.label"), required: true, minlength: 3, maxlength: 40, pattern: "[A-Za-z0-9]+(-[A-Za-z0-9]+)*", hint: t("office.promotions.codeHint") }),
        field({ name: "percent", label: t("office.promotions.percent"), type: "number", min: 1, max: 100, required: true }),
        field({ name: "validUntil", label: t("office.promotions.until"), type: "date" }),
        field({ name: "maximumUses", label: t("office.promotions.most"), type: "number", min: 1 }),
        h("button", { class: "button" }, t("office.promotions.make")));
    onSubmit(form, async ({ code, percent, validUntil, maximumUses }) => {
        await api.post("admin/promotions", {
            code,
            percent: Number(percent),
            validUntil: validUntil && `${validUntil}T23:59:59Z`,
            maximumUses: maximumUses && Number(maximumUses),
        }, { key: true });
        form.reset();
        toast(t("common.saved"));
        await draw();
    });
    await draw();
    replace(place, h("h1", { tabindex: "-1" }, t("office.section.promotions")), h("div", { class: "columns" }, list, form));
}
