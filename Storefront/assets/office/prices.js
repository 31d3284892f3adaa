import { api } from "../lib/api.js";
import { h, replace } from "../lib/dom.js";
import { choiceField, field, onSubmit } from "../lib/forms.js";
import { money, moment, t } from "../lib/messages.js";
import { toast } from "../lib/toast.js";

const currencies = ["EUR", "USD", "GBP"];

/**
 * @param {import("./book.js").KnownBook} known
 * @param {AbortSignal} signal
 * @param {() => Promise<void>} changed
 */
export async function prices(known, signal, changed) {
    const path = `audiobooks/${known.body.id}/prices`;
    const list = h("ul", { class: "list", role: "list" });
    const draw = async () => {
        const { body } = await api.get(path, { query: { limit: 20 }, signal });
        replace(list, body.items.map((/** @type {any} */ price) =>
            h("li", null, h("b", { class: "number" }, money(price.price)), " ", h("span", { class: "soft small" }, t(`office.price.${price.state}`), " · ", moment(price.from)))));
    };
    const form = h("form", null,
        h("div", { class: "field-pair" },
            field({ name: "amount", label: t("shop.facet.price"), inputmode: "decimal", required: true, pattern: "[0-9]+([.,][0-9]{1,2})?", hint: t("office.price.hint") }),
            choiceField({ name: "currency", label: t("office.currency"), value: "EUR", choices: currencies.map((currency) => [currency, currency]) })),
        h("button", { class: "button button-second" }, t("office.price.set")));
    onSubmit(form, async ({ amount, currency }) => {
        const minorUnits = Math.round(Number(amount.replace(",", ".")) * 100);
        await api.post(path, { price: { minorUnits, currency } }, { key: true });
        await Promise.all([draw(), changed()]);
        form.reset();
        toast(t("common.saved"));
    });
    await draw();
    return h("section", { class: "card" }, h("h2", null, t("office.prices")), list, form);
}
