import { orderChip } from "../elements/order-chip.js";
import { sums } from "../elements/summary.js";
import { api } from "../lib/api.js";
import { confirmDialog } from "../lib/dialog.js";
import { h, replace } from "../lib/dom.js";
import { choiceField, onSubmit } from "../lib/forms.js";
import { day, money, moment, t } from "../lib/messages.js";
import { notice } from "../lib/states.js";
import { toast } from "../lib/toast.js";

const reasons = ["customer_request", "duplicate", "fraud"];

/** @param {import("./office.js").OfficeVisit} visit */
export async function show({ place, parameters, roles, signal }) {
    const path = `admin/orders/${parameters.id}`;
    const canRefund = roles.includes("finance") || roles.includes("admin");
    const draw = async () => {
        const { body } = await api.get(path, { signal });
        replace(place, ...page(body, canRefund, draw));
    };
    await draw();
}

/**
 * @param {any} file an `OrderFile` of the API
 * @param {boolean} canRefund
 * @param {() => Promise<void>} draw
 */
function page({ order, customer, refunds, disputes, ledger }, canRefund, draw) {
    const returned = new Set(refunds.filter((/** @type {any} */ { state }) => !["failed", "cancelled"].includes(state)).flatMap((/** @type {any} */ { lines }) => lines));
    const isPaid = order.payment.charged.minorUnits > order.payment.refunded.minorUnits;
    return [
        h("header", { class: "page-head" },
            h("p", { class: "small" }, h("a", { href: "/office/orders" }, t("office.section.orders")), " ", orderChip(order.state, order.payment.status)),
            h("h1", { tabindex: "-1" }, order.number ? t("orders.number", { number: order.number }) : t("orders.unnumbered")),
            h("p", { class: "soft", dir: "auto" }, [customer.name, customer.email].filter(Boolean).join(" · "))),
        order.refundRequest ? notice("hint", t("office.refund.asked", { day: day(order.refundRequest.askedAt), reason: t(`orders.refund.reason.${order.refundRequest.reason}`) })) : null,
        h("div", { class: "columns" },
            h("section", null, canRefund && isPaid ? refundForm(order, returned, draw) : lines(order)),
            h("section", { class: "card aside", "aria-label": t("cart.total") }, sums(order),
                order.number ? h("a", { href: `/api/v1/orders/${order.id}/receipt?format=html`, target: "_blank" }, t("orders.receipt")) : null)),
        part(t("orders.history"), order.history, ({ state, at, by }) => [h("b", null, t(`orders.state.${state}`)), ` · ${moment(at)} · ${t(`office.by.${by}`)}`]),
        part(t("office.refunds"), refunds, ({ amount, state, reason, createdAt }) => [h("b", { class: "number" }, money(amount)), ` · ${t(`office.refundState.${state}`)} · ${reason} · ${moment(createdAt)}`]),
        part(t("office.disputes"), disputes, ({ amount, status, reason, createdAt }) => [h("b", { class: "number" }, money(amount)), ` · ${status} · ${reason} · ${moment(createdAt)}`]),
        part(t("office.ledger"), ledger, ({ amount, kind, occurredAt }) => [h("b", { class: "number" }, money(amount)), ` · ${kind} · ${moment(occurredAt)}`]),
    ];
}

/** @param {any} order */
function lines(order) {
    return h("ul", { class: "list", role: "list" }, order.lines.map((/** @type {any} */ line) =>
        h("li", { class: "order-book" }, h("span", { dir: "auto" }, line.title), h("span", { class: "number" }, money(line.total)))));
}

/**
 * Line by line: what goes back leaves the customer's library, and all else stays.
 * @param {any} order
 * @param {Set<number>} returned
 * @param {() => Promise<void>} draw
 */
function refundForm(order, returned, draw) {
    const form = h("form", null,
        h("fieldset", { class: "field" },
            h("legend", null, t("office.refund.lines")),
            order.lines.map((/** @type {any} */ line, /** @type {number} */ index) =>
                h("label", { class: "choice" },
                    h("input", { type: "checkbox", name: "line", value: index + 1, disabled: returned.has(index + 1) || line.total.minorUnits === 0, checked: order.refundRequest?.lines.includes(index + 1) && !returned.has(index + 1) }),
                    h("span", { dir: "auto" }, line.title),
                    h("span", { class: "number" }, returned.has(index + 1) ? t("orders.state.refunded") : money(line.total))))),
        choiceField({ name: "reason", label: t("office.refund.reason"), choices: reasons.map((reason) => [reason, t(`office.refund.${reason}`)]) }),
        h("button", { class: "button button-danger" }, t("office.refund.do")));
    onSubmit(form, async ({ reason }) => {
        const chosen = new FormData(form).getAll("line").map(Number);
        const titles = chosen.map((number) => order.lines[number - 1].title).join(", ");
        if (chosen.length === 0) {
            toast(t("office.refund.none"), { kind: "failed" });
            return;
        }
        if (await confirmDialog({ title: t("office.refund.sure"), detail: titles, confirm: t("office.refund.do"), isDangerous: true })) {
            await api.post("payments/refund", { orderId: order.id, lines: chosen, reason }, { key: true });
            toast(t("office.refund.done"));
            await draw();
        }
    });
    return form;
}

/**
 * @param {string} title
 * @param {any[]} items
 * @param {(item: any) => import("../lib/dom.js").Child[]} line
 */
function part(title, items, line) {
    return items.length === 0 ? null : h("section", { class: "shelf" }, h("h2", null, title), h("ul", { class: "list", role: "list" }, items.map((item) => h("li", null, line(item)))));
}
