import { sums } from "../elements/summary.js";
import { api, Problem } from "../lib/api.js";
import { cart } from "../lib/cart.js";
import { countries } from "../lib/countries.js";
import { h, replace } from "../lib/dom.js";
import { choiceField, onSubmit } from "../lib/forms.js";
import { money, number, t } from "../lib/messages.js";
import { go } from "../lib/navigation.js";
import { requirePerson } from "../lib/session.js";
import { empty, notice, sentence } from "../lib/states.js";

/** @typedef {{ country: string, taxBasisPoints: number, isTaxIncluded: boolean, isWaiverRequired: boolean, withdrawalWaiver: { version: string, text: string } }} Terms */

/** @param {HTMLElement} main @param {import("../lib/navigation.js").Visit} visit */
export async function show(main, { signal }) {
    if (!(await requirePerson(main))) {
        return;
    }
    const [chosen, preferences] = await Promise.all([cart.read(signal), api.get("me/preferences", { signal })]);
    if (chosen.items.length === 0) {
        replace(main, empty({ icon: "cart", level: 1, title: t("cart.empty"), detail: t("cart.emptyDetail"), action: { href: "/search", text: t("common.browse") } }));
        return;
    }
    let terms = await termsOf(preferences.body.country, signal);
    const waiver = h("div", { "aria-live": "polite" });
    const tax = h("p", { class: "soft small", "aria-live": "polite" });
    const country = choiceField({ name: "country", label: t("cart.country"), hint: t("cart.countryHint"), value: terms.country, choices: countries(), autocomplete: "country" });
    const draw = () => {
        replace(waiver, terms.isWaiverRequired ? agreement(terms) : null);
        replace(tax, taxText(terms));
    };
    country.querySelector("select")?.addEventListener("change", async (event) => {
        const { value } = /** @type {HTMLSelectElement} */ (event.target);
        try {
            terms = await termsOf(value, signal);
            draw();
        } catch (error) {
            replace(tax, sentence(error));
        }
    });
    draw();
    const isFree = chosen.total.minorUnits === 0;
    const form = h("form", { class: "columns" },
        h("div", null, country, waiver, h("p", { class: "soft small" }, t(isFree ? "cart.freeHint" : "cart.stripeHint"))),
        h("section", { class: "card aside", "aria-label": t("cart.total") },
            h("ul", { class: "checkout-books", role: "list" }, chosen.items.map((item) =>
                h("li", null,
                    h("span", { dir: "auto" }, item.title),
                    h("span", { class: "number" }, item.price ? money(item.price) : "–")))),
            sums(chosen),
            tax,
            h("button", { class: "button button-wide" }, isFree ? t("cart.orderFree") : t("cart.pay", { total: money(chosen.total) })),
            h("a", { class: "button button-quiet button-wide", href: "/cart" }, t("cart.back"))));
    onSubmit(form, (values) => place(values, terms, form));
    replace(main, h("h1", { tabindex: "-1" }, t("cart.checkOut")), form);
}

/**
 * @param {string | undefined} country
 * @param {AbortSignal} signal
 * @returns {Promise<Terms>}
 */
async function termsOf(country, signal) {
    return (await api.get("checkout/terms", { query: { country }, signal })).body;
}

/** @param {Terms} terms */
function agreement({ withdrawalWaiver }) {
    return h("div", { class: "card agreement" },
        h("label", { class: "choice" },
            h("input", { type: "checkbox", name: "withdrawalWaiver", value: withdrawalWaiver.version, required: true }),
            h("span", { dir: "auto" }, withdrawalWaiver.text)));
}

/** @param {Terms} terms */
function taxText({ taxBasisPoints, isTaxIncluded }) {
    return t(isTaxIncluded ? "cart.taxIncluded" : "cart.taxOnTop", { percent: number(taxBasisPoints / 100) });
}

/**
 * @param {Record<string, string>} values
 * @param {Terms} terms
 * @param {HTMLFormElement} form
 */
async function place(values, terms, form) {
    try {
        const { body } = await api.post("checkout", { country: terms.country, withdrawalWaiver: values.withdrawalWaiver }, { key: true });
        if (body.payAt) {
            location.assign(body.payAt);
        } else {
            await go(`/orders/${body.orderId}`);
        }
    } catch (error) {
        if (error instanceof Problem && error.type === "order-pending") {
            form.prepend(notice("hint", t("cart.orderPending"), " ", h("a", { href: "/orders" }, t("common.orders"))));
            return;
        }
        throw error;
    }
}
