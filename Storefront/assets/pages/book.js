import { askForGift } from "../elements/gift-dialog.js";
import { playSample } from "../elements/sample.js";
import { api, Problem } from "../lib/api.js";
import { cart } from "../lib/cart.js";
import { h, replace } from "../lib/dom.js";
import { t } from "../lib/messages.js";
import { person } from "../lib/session.js";
import { sentence } from "../lib/states.js";
import { toast } from "../lib/toast.js";

/** @param {HTMLElement} main @param {import("../lib/navigation.js").Visit} visit */
export async function show(main, { signal }) {
    const book = /** @type {HTMLElement | null} */ (main.querySelector("[data-book]"));
    const add = /** @type {HTMLButtonElement | null} */ (main.querySelector("[data-add]"));
    const give = /** @type {HTMLButtonElement | null} */ (main.querySelector("[data-gift]"));
    const id = book?.dataset.book;
    if (!book || !id) {
        return;
    }
    const title = book.querySelector("h1")?.textContent ?? "";
    add?.addEventListener("click", async () => {
        try {
            await cart.add(id);
            toast(t("cart.added", { title }), { undo: () => cart.remove(id) });
            showInCart(book);
        } catch (error) {
            toast(sentence(error), { kind: "failed" });
        }
    });
    give?.addEventListener("click", () => {
        askForGift({
            title,
            send: async (gift) => {
                await cart.add(id, gift);
                toast(t("cart.addedGift", { title }));
                showInCart(book);
            },
        });
    });
    playSample(main, signal);
    for (const button of [add, give]) {
        button?.removeAttribute("disabled");
    }
    const [isOwned, chosen] = await Promise.all([isInLibrary(id, signal), cart.read(signal)]);
    if (isOwned) {
        showOwned(book, id);
    } else if (chosen.items.some((item) => item.audiobookId === id)) {
        showInCart(book);
    }
}

/**
 * @param {string} id
 * @param {AbortSignal} signal
 */
async function isInLibrary(id, signal) {
    if ((await person()) === null) {
        return false;
    }
    try {
        await api.get(`library/${id}`, { signal });
        return true;
    } catch (error) {
        if (error instanceof Problem && [403, 404].includes(error.status)) {
            return false;
        }
        throw error;
    }
}

/** @param {HTMLElement} book */
function showInCart(book) {
    const add = book.querySelector("[data-add]");
    const isFocused = add === document.activeElement;
    const link = h("a", { class: "button", href: "/cart" }, t("shop.book.toCart"));
    add?.replaceWith(link);
    if (isFocused) {
        link.focus();
    }
}

/**
 * What one owns can still be given: its other button stays.
 * @param {HTMLElement} book
 * @param {string} id
 */
function showOwned(book, id) {
    const listen = h("a", { class: "button", href: `/library/${id}` }, t("shop.book.listen"));
    const price = book.querySelector(".buy-price");
    const add = book.querySelector("[data-add]");
    if (price && add) {
        price.className = "";
        replace(price, t("shop.book.owned"));
        add.replaceWith(listen);
    } else {
        const place = book.querySelector("[data-buy]");
        if (place) {
            replace(place, h("p", null, t("shop.book.owned")), h("div", { class: "actions" }, listen));
        }
    }
}
