import { h } from "../lib/dom.js";
import { money, t } from "../lib/messages.js";

/** @typedef {import("../lib/cart.js").Money} Money */

/**
 * What it comes to, line by line.
 * @param {{ subtotal: Money, discount: Money, total: Money, tax?: Money, includedTax?: Money }} sums
 */
export function sums({ subtotal, discount, total, tax, includedTax }) {
    const line = (/** @type {string} */ name, /** @type {string} */ value, strong = false) =>
        h("div", { class: strong ? "sum sum-total" : "sum" }, h("dt", null, name), h("dd", { class: "number" }, value));
    const isReduced = discount.minorUnits > 0;
    const lines = h("dl", { class: "sums" },
        isReduced || tax?.minorUnits ? line(t("cart.subtotal"), money(subtotal)) : null,
        isReduced ? line(t("cart.discount"), `−${money(discount)}`) : null,
        tax && tax.minorUnits > 0 ? line(t("cart.tax"), money(tax)) : null,
        line(t("cart.total"), money(total), true));
    const isWithin = includedTax !== undefined && includedTax.minorUnits > 0;
    return h("div", null, lines, isWithin ? h("p", { class: "soft small" }, t("cart.includedTax", { tax: money(includedTax) })) : null);
}
