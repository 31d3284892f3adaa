import { h } from "../lib/dom.js";
import { field, onSubmit } from "../lib/forms.js";
import { t } from "../lib/messages.js";

const longestAheadDays = 365;

/**
 * Asks for whom a book is, until `send` has succeeded or nobody wants to any more.
 * @param {{ title: string, gift?: import("../lib/cart.js").Gift, send: (gift: import("../lib/cart.js").Gift) => Promise<unknown> }} options
 */
export function askForGift({ title, gift, send }) {
    const [first, last] = [0, longestAheadDays].map((days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10));
    const dialog = h("dialog", { class: "dialog", "aria-labelledby": "gift-title" });
    const form = h("form", null,
        h("h2", { id: "gift-title" }, t("cart.gift.title")),
        h("p", { class: "soft", dir: "auto" }, title),
        field({ name: "recipientEmail", label: t("cart.gift.email"), hint: t("cart.gift.emailHint"), type: "email", value: gift?.recipientEmail, required: true, maxlength: 320, autocomplete: "off" }),
        field({ name: "recipientName", label: t("cart.gift.recipient"), value: gift?.recipientName, maxlength: 100, dir: "auto", autocomplete: "off" }),
        field({ name: "senderName", label: t("cart.gift.sender"), value: gift?.senderName, maxlength: 100, dir: "auto", autocomplete: "name" }),
        field({ name: "message", label: t("cart.gift.message"), type: "textarea", value: gift?.message, maxlength: 500 }),
        field({ name: "deliverOn", label: t("cart.gift.deliverOn"), hint: t("cart.gift.deliverOnHint"), type: "date", value: gift?.deliverOn, min: first, max: last }),
        h("div", { class: "dialog-actions" },
            h("button", { class: "button button-quiet", type: "button", onclick: () => dialog.close() }, t("common.cancel")),
            h("button", { class: "button" }, t("cart.gift.save"))));
    onSubmit(form, async (values) => {
        await send(/** @type {import("../lib/cart.js").Gift} */ (/** @type {unknown} */ (values)));
        dialog.close();
    });
    dialog.addEventListener("close", () => dialog.remove());
    dialog.append(form);
    document.body.append(dialog);
    dialog.showModal();
}
