import { h } from "../lib/dom.js";
import { t } from "../lib/messages.js";

const good = ["paid", "no_payment_required"];
const bad = ["charged_back", "underpaid", "overcharged"];

/**
 * How an order stands, in two words.
 * @param {string} state
 * @param {string} [paymentStatus]
 */
export function orderChip(state, paymentStatus) {
    const shown = state === "confirmed" && paymentStatus ? paymentStatus : state;
    const kind = good.includes(shown) ? " chip-good" : bad.includes(shown) ? " chip-bad" : state === "pending" ? " chip-warning" : "";
    return h("span", { class: `chip${kind}` }, t(`orders.state.${shown}`));
}
