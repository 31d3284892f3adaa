import { askForGift } from "../elements/gift-dialog.js";
import { sums } from "../elements/summary.js";
import { cart } from "../lib/cart.js";
import { cover } from "../lib/cover.js";
import { h, icon, replace } from "../lib/dom.js";
import { field, onSubmit } from "../lib/forms.js";
import { day, money, t } from "../lib/messages.js";
import { person, signInAddress } from "../lib/session.js";
import { empty, notice, sentence } from "../lib/states.js";
import { toast } from "../lib/toast.js";

/** @typedef {import("../lib/cart.js").Cart} Cart */
/** @typedef {import("../lib/cart.js").CartItem} CartItem */

/** @param {HTMLElement} main @param {import("../lib/navigation.js").Visit} visit */
export async function show(main, { signal }) {
    const [chosen, who] = await Promise.all([cart.read(signal), person()]);
    const draw = (/** @type {Cart} */ now) => replace(main, ...page(now, who !== null, draw));
    draw(chosen);
}

/**
 * @param {Cart} chosen
 * @param {boolean} isSignedIn
 * @param {(now: Cart) => void} draw
 */
function page(chosen, isSignedIn, draw) {
    if (chosen.items.length === 0) {
        return [empty({ icon: "cart", level: 1, title: t("cart.empty"), detail: t("cart.emptyDetail"), action: { href: "/search", text: t("common.browse") } })];
    }
    const isSomethingGone = chosen.items.some((item) => !item.isSold);
    const canPay = !isSomethingGone;
    return [
        h("h1", { tabindex: "-1" }, t("common.cart")),
        h("div", { class: "columns" },
            h("section", { "aria-label": t("cart.books") },
                isSomethingGone ? notice("hint", t("cart.somethingGone")) : null,
                h("ul", { class: "list cart-items", role: "list" }, chosen.items.map((item) => line(item, draw)))),
            h("section", { class: "card aside", "aria-label": t("cart.total") },
                sums(chosen),
                promotion(chosen, draw),
                canPay
                    ? h("a", { class: "button button-wide", href: isSignedIn ? "/checkout" : signInAddress("/checkout") }, t(isSignedIn ? "cart.checkOut" : "cart.signInAndCheckOut"))
                    : h("button", { class: "button button-wide", type: "button", disabled: true }, t("cart.checkOut")),
                isSignedIn ? null : h("p", { class: "soft small" }, t("cart.guestHint")))),
    ];
}

/**
 * @param {CartItem} item
 * @param {(now: Cart) => void} draw
 */
function line(item, draw) {
    const { audiobookId, title, gift } = item;
    const remove = () => act(async () => {
        draw(await cart.remove(audiobookId));
        document.querySelector("h1")?.focus();
        toast(t("cart.removed", { title }), { undo: () => act(async () => draw(await cart.add(audiobookId, gift))) });
    });
    const give = () => askForGift({ title, gift, send: async (wish) => draw(await cart.change(audiobookId, wish)) });
    const keep = () => act(async () => draw(await cart.change(audiobookId)));
    return h("li", { class: "cart-item" },
        cover(item),
        h("div", { class: "cart-item-words" },
            h("a", { class: "cart-item-title", href: `/books/${item.slug}`, dir: "auto" }, title),
            gift ? giftLine(gift) : null,
            change(item),
            h("div", { class: "cart-item-actions" },
                action(t(gift ? "cart.gift.change" : "cart.gift.make"), title, give),
                gift ? action(t("cart.gift.keep"), title, keep) : null,
                action(t("cart.remove"), title, remove))),
        h("span", { class: "cart-item-price number" }, item.price ? (item.price.minorUnits === 0 ? t("common.free") : money(item.price)) : "–"));
}

/**
 * @param {string} text
 * @param {string} title of the book it is for, which only those need to be told who do not see the line
 * @param {() => unknown} act
 */
function action(text, title, act) {
    return h("button", { class: "link", type: "button", "aria-label": `${text}: ${title}`, onclick: act }, text);
}

/** @param {import("../lib/cart.js").Gift} gift */
function giftLine(gift) {
    const name = gift.recipientName ?? gift.recipientEmail;
    return h("p", { class: "chip chip-good" },
        icon("gift"),
        h("bdi", null, gift.deliverOn ? t("cart.gift.forOn", { name, day: day(gift.deliverOn) }) : t("cart.gift.for", { name })));
}

/** @param {CartItem} item */
function change(item) {
    if (!item.isSold) {
        return h("p", { class: "chip chip-bad" }, t("cart.gone"));
    }
    if (item.hasPriceChanged && item.price) {
        const isMore = item.price.minorUnits > item.seenPrice.minorUnits;
        return h("p", { class: isMore ? "chip chip-warning" : "chip chip-good" }, t(isMore ? "cart.dearer" : "cart.cheaper", { price: money(item.seenPrice) }));
    }
    return null;
}

/**
 * @param {Cart} chosen
 * @param {(now: Cart) => void} draw
 */
function promotion(chosen, draw) {
    const { promotion: entered } = chosen;
    if (entered) {
        const remove = () => act(async () => draw(await cart.removePromotion()));
        return h("div", { class: "promotion" },
            h("p", { class: entered.isGood ? "chip chip-good" : "chip chip-warning" }, icon(entered.isGood ? "check" : "notice"), h("bdi", null, entered.code)),
            h("button", { class: "link", type: "button", onclick: remove }, t("cart.promotion.remove")),
            entered.isGood ? null : h("p", { class: "small" }, reason(entered)));
    }
    const form = h("form", { class: "promotion-form" },
        field({ name: "code", label: t("cart.promotion.label"), required: true, maxlength: 100, autocomplete: "off", autocapitalize: "characters" }),
        h("button", { class: "button button-second" }, t("cart.promotion.enter")));
    onSubmit(form, async ({ code }) => {
        draw(await cart.enterPromotion(code));
        toast(t("cart.promotion.entered"));
    });
    return h("details", { class: "promotion" }, h("summary", null, t("cart.promotion.have")), form);
}

/** @param {{ reason?: string, detail?: string }} entered */
function reason(entered) {
    const key = `common.problem.${entered.reason}`;
    return t(key) === key ? entered.detail : t(key);
}

/** @param {() => Promise<unknown>} change */
async function act(change) {
    try {
        await change();
    } catch (error) {
        toast(sentence(error), { kind: "failed" });
    }
}
