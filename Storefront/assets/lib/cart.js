import { api } from "./api.js";
import { person } from "./session.js";

/**
 * @typedef {{ minorUnits: number, currency: string }} Money
 * @typedef {{ recipientEmail: string, recipientName?: string, senderName?: string, message?: string, deliverOn?: string }} Gift
 * @typedef {{ audiobookId: string, slug: string, title: string, price?: Money, seenPrice: Money, hasPriceChanged: boolean, isSold: boolean, gift?: Gift }} CartItem
 * @typedef {{ items: CartItem[], subtotal: Money, discount: Money, total: Money, promotion?: { code: string, isGood: boolean, reason?: string, detail?: string }, version: number }} Cart
 */

const mergedKey = "earshelf-merged";
/** @type {Promise<{ title: string, outcome: string }[]> | null} */
let coming = null;

/** Once after signing in, a guest's cart comes along: what became of each book of it. Whoever reads the cart waits for it. */
export function bringAlong() {
    coming ??= merge();
    return coming;
}

async function merge() {
    if (sessionStorage.getItem(mergedKey) || (await person()) === null) {
        return [];
    }
    try {
        const { body } = await api.post("cart/merge");
        sessionStorage.setItem(mergedKey, "1");
        return body.merged;
    } catch (error) {
        coming = null;
        throw error;
    }
}

/** How many changes were begun, and how many of them still wait for their answer. */
let begun = 0;
let waiting = 0;

/**
 * Every answer about the cart is told to the header, which counts.
 * @param {Promise<import("./api.js").Answer>} answer
 * @returns {Promise<Cart>}
 */
async function told(answer) {
    begun += 1;
    waiting += 1;
    try {
        const { body } = await answer;
        tell(body);
        return body;
    } finally {
        waiting -= 1;
    }
}

/**
 * What was read beside a change may be older than what the change answers, and is not told.
 * @param {AbortSignal} [signal]
 * @returns {Promise<Cart>}
 */
async function read(signal) {
    await bringAlong();
    const isAlone = waiting === 0;
    const before = begun;
    const { body } = await api.get("cart", { signal });
    if (isAlone && begun === before) {
        tell(body);
    }
    return body;
}

/** @param {Cart} detail */
function tell(detail) {
    document.dispatchEvent(new CustomEvent("earshelf:cart", { detail }));
}

export const cart = {
    read,
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
