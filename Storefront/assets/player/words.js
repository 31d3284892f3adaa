import { api } from "../lib/api.js";

/** @typedef {{ text: string, startMilliseconds: number, endMilliseconds: number }} Word */
/** @typedef {{ position: number, text: string, startMilliseconds: number, endMilliseconds: number, words?: Word[] }} Segment */

/** A text is read by windows that are the same for everybody who asks, so that one that was kept is found again. */
export const windowMilliseconds = 600_000;

/**
 * What is said in a window, and the language of it.
 * @param {string} id
 * @param {number} number counted from nought
 * @param {AbortSignal} [signal]
 */
export async function wordsOf(id, number, signal) {
    const range = { from: number * windowMilliseconds, to: (number + 1) * windowMilliseconds, limit: 1000 };
    /** @type {Segment[]} */
    const segments = [];
    /** @type {string | undefined} */
    let cursor;
    let language = "";
    do {
        const { body } = /** @type {import("../lib/api.js").Answer} */ (await api.get(`library/${id}/transcript`, { query: { ...range, cursor }, signal }));
        segments.push(...body.segments);
        ({ language, next: cursor } = body);
    } while (cursor);
    return { segments, language };
}
