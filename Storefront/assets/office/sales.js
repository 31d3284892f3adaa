import { api } from "../lib/api.js";
import { h, replace } from "../lib/dom.js";
import { choiceField, field } from "../lib/forms.js";
import { day, money, number, t } from "../lib/messages.js";
import { bars } from "./chart.js";

const intervals = ["day", "week", "month"];
const usualDays = 30;

/** @typedef {{ orders: number, books: number, total: import("../lib/cart.js").Money, refunds: import("../lib/cart.js").Money, disputes: import("../lib/cart.js").Money, net: import("../lib/cart.js").Money }} Figures */

/**
 * What was sold and what moved, each currency for itself.
 * @param {import("./office.js").OfficeVisit} visit
 */
export async function show({ place, query, signal }) {
    const from = query.get("from") ?? dayFromNow(1 - usualDays);
    const until = query.get("until") ?? dayFromNow(1);
    const interval = query.get("interval") ?? "day";
    const { body } = await api.get("admin/sales", { query: { from, until, interval }, signal });
    replace(
        place,
        h("h1", { tabindex: "-1" }, t("office.section.sales")),
        h("form", { class: "office-filter", action: "/office/sales", method: "get" },
            field({ name: "from", label: t("office.sales.from"), type: "date", value: from, required: true }),
            field({ name: "until", label: t("office.sales.until"), type: "date", value: until, required: true }),
            choiceField({ name: "interval", label: t("office.sales.interval"), value: interval, choices: intervals.map((one) => [one, t(`office.sales.by.${one}`)]) }),
            h("button", { class: "button button-second" }, t("office.sales.show"))),
        body.totals.length === 0 ? h("p", { class: "soft" }, t("office.sales.none")) : null,
        body.totals.map((/** @type {{ currency: string, figures: Figures }} */ { currency, figures }) =>
            ofCurrency(currency, figures, body.periods.filter((/** @type {{ currency: string }} */ period) => period.currency === currency))),
        bestSellers(body.bestSellers),
    );
}

/** @param {number} days */
function dayFromNow(days) {
    return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

/**
 * @param {string} currency
 * @param {Figures} total
 * @param {{ from: string, figures: Figures }[]} periods
 */
function ofCurrency(currency, total, periods) {
    const label = t("office.sales.chart", { currency });
    return h("section", { class: "shelf" },
        h("h2", null, currency, " · ", h("span", { class: "number" }, money(total.net))),
        bars(periods.map(({ figures }) => figures.net.minorUnits), label),
        h("div", { class: "table-scroll", role: "region", tabindex: "0", "aria-label": label },
            h("table", { class: "table" },
                h("thead", null, h("tr", null, ["when", "orders", "books", "total", "refunds", "disputes", "net"].map((name, index) =>
                    h("th", { scope: "col", class: index > 0 ? "number" : "" }, t(`office.sales.${name}`))))),
                h("tbody", null,
                    periods.map(({ from, figures }) => row(day(from), figures)),
                    row(t("office.sales.all"), total)))));
}

/**
 * @param {string} name
 * @param {Figures} figures
 */
function row(name, { orders, books, total, refunds, disputes, net }) {
    return h("tr", null,
        h("th", { scope: "row" }, name),
        [number(orders), number(books), money(total), money(refunds), money(disputes), money(net)].map((value) => h("td", { class: "number" }, value)));
}

/** @param {{ audiobookId: string, title: string, copies: number, revenue: import("../lib/cart.js").Money[] }[]} books */
function bestSellers(books) {
    return books.length === 0
        ? null
        : h("section", { class: "shelf" },
            h("h2", null, t("office.sales.best")),
            h("ol", { class: "list", role: "list" }, books.map(({ title, copies, revenue }) =>
                h("li", { class: "order-book" },
                    h("span", { dir: "auto" }, title),
                    h("span", { class: "number" }, `${number(copies)} × · ${revenue.map(money).join(", ")}`)))));
}
