import { Problem } from "../lib/api.js";
import { h, replace } from "../lib/dom.js";
import { clock, t } from "../lib/messages.js";
import { sentence, skeleton } from "../lib/states.js";
import { player } from "./player.js";
import { windowMilliseconds, wordsOf } from "./words.js";

/** What was said so long ago, and what is said so soon, is there too. */
const beforeMilliseconds = 60_000;
const aheadMilliseconds = 60_000;
/** Whoever scrolls is reading elsewhere; the text stays there for so long. */
const yieldMilliseconds = 5_000;

let isOpen = false;

/**
 * The words as they are said. The one that is said is lit, and one that is tapped is where it goes on.
 * @param {string} id
 * @param {AbortSignal} signal
 */
export function readAlong(id, signal) {
    const text = h("div", { class: "read-along-text", tabindex: "0", role: "region", "aria-label": t("player.readAlong"), dir: "auto" });
    const details = h("details", { class: "read-along", open: isOpen }, h("summary", null, h("h2", null, t("player.readAlong"))), text);
    /** The windows that are shown, the last of them not included. */
    let loaded = { from: 0, to: 0 };
    /** @type {HTMLElement[]} */
    let words = [];
    /** @type {HTMLElement | null} */
    let lit = null;
    let isLoading = false;
    let scrolledAt = 0;
    let frame = 0;

    /** @param {{ from: number, to: number }} wanted */
    const load = async (wanted) => {
        isLoading = true;
        if (words.length === 0) {
            replace(text, skeleton(5));
        }
        try {
            const windows = Array.from({ length: wanted.to - wanted.from }, (_, index) => wordsOf(id, wanted.from + index, signal));
            const read = await Promise.all(windows);
            // What is said over the border of two windows is in both.
            const segments = new Map(read.flatMap((one) => one.segments).map((segment) => [segment.position, segment]));
            text.lang = read[0].language;
            loaded = wanted;
            replace(text, segments.size > 0 ? [...segments.values()].map(paragraph) : h("p", { class: "soft" }, t("player.noWords")));
            words = /** @type {HTMLElement[]} */ ([...text.querySelectorAll("[data-start]")]);
            lit = null;
            light();
        } catch (error) {
            if (!signal.aborted) {
                loaded = { from: 0, to: Infinity };
                const isMissing = error instanceof Problem && ["no-transcript", "not-found"].includes(error.type);
                replace(text, h("p", { class: "soft" }, isMissing ? t("player.noWords") : sentence(error)));
            }
        } finally {
            isLoading = false;
        }
    };

    const light = () => {
        if (!details.open) {
            return;
        }
        const { position } = player;
        const from = Math.floor(Math.max(0, position - beforeMilliseconds) / windowMilliseconds);
        const to = Math.floor(Math.min(player.duration, position + aheadMilliseconds) / windowMilliseconds) + 1;
        if ((from < loaded.from || to > loaded.to) && !isLoading) {
            load({ from, to });
        }
        const word = wordAt(words, position);
        if (word === lit) {
            return;
        }
        lit?.classList.remove("lit");
        word?.classList.add("lit");
        lit = word;
        if (word && Date.now() - scrolledAt > yieldMilliseconds) {
            const top = word.offsetTop - text.clientHeight / 2;
            text.scrollTo({ top, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
        }
    };

    /** At the pace of the screen while it plays: the browser tells of the time four times a second only. */
    const follow = () => {
        cancelAnimationFrame(frame);
        light();
        if (player.isPlaying && details.open && !signal.aborted) {
            frame = requestAnimationFrame(follow);
        }
    };

    for (const event of ["change", "time", "seek"]) {
        player.addEventListener(event, follow, { signal });
    }
    for (const event of ["wheel", "touchmove", "keydown"]) {
        text.addEventListener(event, () => {
            scrolledAt = Date.now();
        }, { passive: true });
    }
    text.addEventListener("click", (event) => {
        const word = /** @type {HTMLElement | null} */ (/** @type {Element} */ (event.target).closest("[data-start]"));
        if (word) {
            player.seek(Number(word.dataset.start));
        }
    });
    details.addEventListener("toggle", () => {
        isOpen = details.open;
        follow();
    });
    return details;
}

/** @param {import("./words.js").Segment} segment */
function paragraph({ text, startMilliseconds, endMilliseconds, words }) {
    const spoken = words?.length ? words : [{ text, startMilliseconds, endMilliseconds }];
    return h("p", null,
        h("button", { class: "link small number", type: "button", "aria-label": t("player.readFrom", { position: clock(startMilliseconds) }), onclick: () => player.seek(startMilliseconds) }, clock(startMilliseconds)),
        spoken.flatMap((word) => [" ", h("span", { dataset: { start: String(word.startMilliseconds) } }, word.text)]));
}

/**
 * The last word that has begun.
 * @param {HTMLElement[]} words in order
 * @param {number} position
 */
function wordAt(words, position) {
    let [low, high] = [0, words.length];
    while (low < high) {
        const middle = (low + high) >> 1;
        if (Number(words[middle].dataset.start) <= position) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return words[low - 1] ?? null;
}
