import { orderChip } from "../elements/order-chip.js";
import { h, replace } from "../lib/dom.js";
import { field } from "../lib/forms.js";
import { money, moment, t } from "../lib/messages.js";
import { table } from "./table.js";

/** @param {import("./office.js").OfficeVisit} visit */
export async function show({ place, query, signal }) {
    const [email, number] = [query.get("email") ?? "", query.get("number") ?? ""];
    replace(
        place,
        h("h1", { tabindex: "-1" }, t("office.section.orders")),
        h("form", { class: "office-filter", action: "/office/orders", method: "get" },
            field({ name: "email", label: t("office.orders.email"), type: "email", value: email, maxlength: 320 }),
            field({ name: "number", label: t("office.orders.number"), inputmode: "numeric", pattern: "[0-9]+", value: number }),
            h("button", { class: "button button-second" }, t("common.search.do"))),
        await table({ path: "admin/orders", query: { email, number }, label: t("office.section.orders"), none: t("office.orders.none"), signal, columns: [
            { name: t("office.section.orders"), cell: ({ order }) => h("a", { href: `/office/orders/${order.id}` }, order.number ? t("orders.number", { number: order.number }) : t("orders.unnumbered")) },
            { name: t("office.customer"), cell: ({ customer }) => h("bdi", null, customer.email ?? "–") },
            { name: t("office.state"), cell: ({ order }) => orderChip(order.state, order.paymentStatus) },
            { name: t("office.since"), cell: ({ order }) => moment(order.createdAt) },
            { name: t("cart.total"), cell: ({ order }) => money(order.total), isNumber: true },
        ] }),
    );
}
