import { orderChip } from "../elements/order-chip.js";
import { sums } from "../elements/summary.js";
import { api, Problem } from "../lib/api.js";
import { confirmDialog } from "../lib/dialog.js";
import { h, icon, replace } from "../lib/dom.js";
import { choiceField, onSubmit } from "../lib/forms.js";
import { day, moment, money, t } from "../lib/messages.js";
import { requirePerson } from "../lib/session.js";
import { sentence } from "../lib/states.js";
import { toast } from "../lib/toast.js";

const refundReasons = ["changed_mind", "duplicate", "faulty"];

/** After how long the order is looked at again, each time; then nobody waits for it any more. */
const pausesMilliseconds = [1_000, 2_000, 3_000, 5_000, 8_000, 13_000, 21_000, 34_000, 55_000];

/** @param {HTMLElement} main @param {import("../lib/navigation.js").Visit} visit */
export async function show(main, { parameters, signal }) {
    if (!(await requirePerson(main))) {
        return;
    }
    const path = `orders/${parameters.id}`;
    let order = (await api.get(path, { signal })).body;
    const draw = (/** @type {any} */ now) => {
        order = now;
        replace(main, ...page(order, path, draw));
    };
    draw(order);
    await follow(() => order, path, draw, signal);
}

/**
 * Whoever comes back from paying wants to know at once: the payment provider is asked first, then only the order is looked at.
 * @param {() => any} current
 * @param {string} path
 * @param {(now: any) => void} draw
 * @param {AbortSignal} signal
 */
async function follow(current, path, draw, signal) {
    for (const [round, pause] of [0, ...pausesMilliseconds].entries()) {
        await new Promise((done) => setTimeout(done, pause));
        if (signal.aborted || current().state !== "pending") {
            return;
        }
        try {
            const { body } = round < 3 ? await api.post(`${path}/refresh`, undefined, { signal }) : await api.get(path, { signal });
            if (!signal.aborted && told(body) !== told(current())) {
                draw(body);
                /** @type {HTMLElement | null} */ (document.querySelector("main h1"))?.focus();
            }
        } catch (error) {
            if (!(error instanceof Problem)) {
                throw error;
            }
        }
    }
}

/**
 * Which of the stories it is.
 * @param {any} order an `Order` of the API
 */
function told({ state, payment }) {
    if (state === "pending") {
        return payment.attempt === "processing" ? "processing" : payment.payAt ? "unpaid" : "pending";
    }
    return state === "confirmed" && payment.status !== "paid" && payment.status !== "no_payment_required" ? payment.status : state;
}

/**
 * @param {any} order
 * @param {string} path
 * @param {(now: any) => void} draw
 */
function page(order, path, draw) {
    const story = told(order);
    const { payment } = order;
    return [
        h("header", { class: "page-head order-head" },
            h("p", { class: "soft small" }, order.number ? t("orders.number", { number: order.number }) : t("orders.unnumbered"), ` · ${day(order.createdAt)} `, orderChip(order.state, payment.status)),
            h("h1", { tabindex: "-1" }, t(`orders.title.${story}`)),
            h("p", { role: "status" }, t(`orders.detail.${story}`)),
            h("div", { class: "actions" }, ...steps(order, path, draw))),
        h("div", { class: "columns" },
            h("section", null,
                h("h2", null, t("cart.books")),
                h("ul", { class: "list", role: "list" }, order.lines.map(line))),
            h("section", { class: "card aside", "aria-label": t("cart.total") },
                sums(order),
                payment.refunded.minorUnits > 0 ? h("p", { class: "number" }, t("orders.refunded", { amount: money(payment.refunded) })) : null,
                order.number ? receipts(path) : null,
                order.number ? refundWish(order, path, draw) : null)),
        history(order),
    ];
}

/**
 * @param {any} order
 * @param {string} path
 * @param {(now: any) => void} draw
 */
function steps(order, path, draw) {
    if (order.state === "confirmed") {
        return [h("a", { class: "button", href: "/library" }, t("orders.toLibrary"))];
    }
    if (order.state !== "pending") {
        return [h("a", { class: "button", href: "/cart" }, t("shop.book.toCart"))];
    }
    const cancel = async () => {
        const isSure = await confirmDialog({ title: t("orders.cancel.title"), detail: t("orders.cancel.detail"), confirm: t("orders.cancel.do"), cancel: t("common.back"), isDangerous: true });
        if (isSure) {
            try {
                draw((await api.post(`${path}/cancel`)).body);
            } catch (error) {
                toast(sentence(error), { kind: "failed" });
            }
        }
    };
    return [
        order.payment.payAt ? h("a", { class: "button", href: order.payment.payAt }, t("orders.payNow")) : null,
        h("button", { class: "button button-quiet", type: "button", onclick: cancel }, t("orders.cancel.do")),
    ];
}

/** @param {any} bought an `OrderLine` of the API */
function line({ title, total, gift }) {
    const name = gift?.recipientName ?? gift?.recipientEmail;
    return h("li", { class: "order-book" },
        h("div", null,
            h("span", { class: "cart-item-title", dir: "auto" }, title),
            gift ? h("p", { class: "chip chip-good" }, icon("gift"), h("bdi", null, t("cart.gift.for", { name }))) : null),
        h("span", { class: "number" }, total.minorUnits === 0 ? t("common.free") : money(total)));
}

/** @param {string} path */
function receipts(path) {
    return h("p", { class: "receipts" },
        icon("receipt"),
        h("a", { href: `/api/v1/${path}/receipt?format=html`, target: "_blank" }, t("orders.receipt")),
        h("a", { href: `/api/v1/${path}/receipt?format=pdf`, download: "" }, "PDF"));
}

/**
 * Asking for money back: nothing goes back by that, but somebody looks at it.
 * @param {any} order
 * @param {string} path
 * @param {(now: any) => void} draw
 */
function refundWish(order, path, draw) {
    const { refundRequest: asked, payment } = order;
    if (payment.net.minorUnits <= 0) {
        return null;
    }
    const form = h("form", null,
        h("fieldset", { class: "field" },
            h("legend", null, t("orders.refund.which")),
            order.lines.map((/** @type {any} */ { title, total }, /** @type {number} */ index) =>
                h("label", { class: "choice" },
                    h("input", { type: "checkbox", name: "line", value: index + 1, disabled: total.minorUnits === 0, checked: asked?.lines.includes(index + 1) || order.lines.length === 1 }),
                    h("span", { dir: "auto" }, title)))),
        choiceField({ name: "reason", label: t("orders.refund.why"), value: asked?.reason, choices: refundReasons.map((reason) => [reason, t(`orders.refund.reason.${reason}`)]) }),
        h("button", { class: "button button-second" }, t("orders.refund.ask")));
    onSubmit(form, async ({ reason }) => {
        const lines = new FormData(form).getAll("line").map(Number);
        if (lines.length === 0) {
            toast(t("office.refund.none"), { kind: "failed" });
            return;
        }
        draw((await api.put(`${path}/refund-request`, { lines, reason })).body);
        toast(t("orders.refund.done"));
    });
    return h("div", { class: "refund-wish small" },
        asked ? h("p", null, t("orders.refund.asked", { day: day(asked.askedAt) })) : null,
        h("details", null, h("summary", null, t(asked ? "orders.refund.change" : "orders.refund.write")), form));
}

/** @param {any} order */
function history(order) {
    return h("details", { class: "order-history" },
        h("summary", null, t("orders.history")),
        h("ol", { class: "list", role: "list" }, order.history.map((/** @type {any} */ { state, at, by }) =>
            h("li", null, h("b", null, t(`orders.state.${state}`)), h("span", { class: "soft" }, ` · ${moment(at)} · ${t(`orders.by.${by}`)}`)))));
}
