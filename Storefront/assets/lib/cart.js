import { api } from "./api.js";

/**
 * @typedef {{ minorUnits: number, currency: string }} Money
 * @typedef {{ recipientEmail: string, recipientName?: string, senderName?: string, message?: string, deliverOn?: string }} Gift
 * @typedef {{ audiobookId: string, slug: string, title: string, price?: Money, seenPrice: Money, hasPriceChanged: boolean, isSold: boolean, gift?: Gift }} CartItem
 * @typedef {{ items: CartItem[], subtotal: Money, discount: Money, total: Money, promotion?: { code: string, isGood: boolean, reason?: string, detail?: string }, version: number }} Cart
 */

/**
 * Every answer about the cart is told to the header, which counts.
 * @param {Promise<import("./api.js").Answer>} answer
 * @returns {Promise<Cart>}
 */
async function told(answer) {
    const { body } = await answer;
    document.dispatchEvent(new CustomEvent("earshelf:cart", { detail: body }));
    return body;
}

export const cart = {
    /** @param {AbortSignal} [signal] */
    read: (signal) => told(api.get("cart", { signal })),
    /** @param {string} audiobookId @param {Gift} [gift] */
    add: (audiobookId, gift) => told(api.post("cart/items", { audiobookId, gift })),
    /** @param {string} audiobookId @param {Gift} [gift] none makes it one's own again */
    change: (audiobookId, gift) => told(api.put(`cart/items/${audiobookId}`, { gift })),
    /** @param {string} audiobookId */
    remove: (audiobookId) => told(api.delete(`cart/items/${audiobookId}`)),
    /** @param {string} code */
    enterPromotion: (code) => told(api.post("cart/promotion", { code })),
    removePromotion: () => told(api.delete("cart/promotion")),
};
