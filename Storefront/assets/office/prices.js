import { api } from "../lib/api.js";
import { h, replace } from "../lib/dom.js";
import { choiceField, field, onSubmit } from "../lib/forms.js";
import { money, moment, t } from "../lib/messages.js";
import { sentence } from "../lib/states.js";
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
            h("li", null, h("b", { class: "number" }, money(price.price)), " ", h("span", { class: "soft small" }, t(`office.price.${price.isSale ? "sale" : price.state}`), " · ", moment(price.from), price.until ? ` – ${moment(price.until)}` : ""),
                price.state === "planned" ? h("button", { class: "link", type: "button", "aria-label": `${t("office.price.withdraw")}: ${money(price.price)}`, onclick: () => withdraw(price.id) }, t("office.price.withdraw")) : null)));
    };
    const withdraw = async (/** @type {string} */ id) => {
        try {
            await api.delete(`${path}/${id}`);
            await draw();
        } catch (error) {
            toast(sentence(error), { kind: "failed" });
        }
    };
    const form = h("form", null,
        h("div", { class: "field-pair" },
            field({ name: "amount", label: t("shop.facet.price"), inputmode: "decimal", required: true, pattern: "[0-9]+([.,][0-9]{1,2})?", hint: t("office.price.hint") }),
            choiceField({ name: "currency", label: t("office.currency"), value: "EUR", choices: currencies.map((currency) => [currency, currency]) })),
        h("details", null,
            h("summary", null, t("office.price.plan")),
            field({ name: "from", label: t("office.price.from"), type: "datetime-local", hint: t("office.price.fromHint") }),
            field({ name: "until", label: t("office.price.until"), type: "datetime-local", hint: t("office.price.untilHint") })),
        h("button", { class: "button button-second" }, t("office.price.set")));
    onSubmit(form, async ({ amount, currency, from, until }) => {
        const minorUnits = Math.round(Number(amount.replace(",", ".")) * 100);
        await api.post(path, { price: { minorUnits, currency }, from: instant(from), until: instant(until) }, { key: true });
        await Promise.all([draw(), changed()]);
        form.reset();
        toast(t("common.saved"));
    });
    await draw();
    return h("section", { class: "card" }, h("h2", null, t("office.prices")), list, form);
}

/** @param {string | undefined} local as this machine's clock has it */
function instant(local) {
    return local ? new Date(local).toISOString() : undefined;
}
