import { orderChip } from "../elements/order-chip.js";
import { listInPages } from "../elements/pages.js";
import { h, replace } from "../lib/dom.js";
import { day, money, t } from "../lib/messages.js";
import { requirePerson } from "../lib/session.js";
import { empty } from "../lib/states.js";

/** @param {HTMLElement} main @param {import("../lib/navigation.js").Visit} visit */
export async function show(main, { signal }) {
    if (!(await requirePerson(main))) {
        return;
    }
    const list = await listInPages({ path: "orders", line, signal });
    replace(main, h("h1", { tabindex: "-1" }, t("common.orders")), list ?? empty({
        icon: "receipt",
        title: t("orders.empty"),
        detail: t("orders.emptyDetail"),
        action: { href: "/search", text: t("common.browse") },
    }));
}

/** @param {any} order an `OrderOverview` of the API */
function line(order) {
    const name = order.number ? t("orders.number", { number: order.number }) : t("orders.unnumbered");
    return h("li", null,
        h("a", { class: "order-line", href: `/orders/${order.id}` },
            h("span", null, h("b", null, name), h("span", { class: "soft" }, ` · ${day(order.createdAt)}`)),
            orderChip(order.state, order.paymentStatus),
            h("span", { class: "soft" }, t("shop.count", { count: order.bookCount })),
            h("span", { class: "number" }, money(order.total))));
}
