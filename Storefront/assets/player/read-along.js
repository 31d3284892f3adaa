import { api, Problem } from "../lib/api.js";
import { h, replace } from "../lib/dom.js";
import { clock, t } from "../lib/messages.js";
import { sentence, skeleton } from "../lib/states.js";
import { player } from "./player.js";

/** @typedef {{ text: string, startMilliseconds: number, endMilliseconds: number }} Word */
/** @typedef {{ position: number, text: string, startMilliseconds: number, endMilliseconds: number, words?: Word[] }} Segment */

const beforeMilliseconds = 60_000;
const afterMilliseconds = 600_000;
const aheadMilliseconds = 30_000;
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
    /** @type {{ from: number, to: number }} */
    let loaded = { from: 0, to: 0 };
    /** @type {HTMLElement[]} */
    let words = [];
    /** @type {HTMLElement | null} */
    let lit = null;
    let isLoading = false;
    let scrolledAt = 0;
    let frame = 0;

    const load = async () => {
        const from = Math.max(0, player.position - beforeMilliseconds);
        const to = Math.min(player.position + afterMilliseconds, player.duration + 1);
        isLoading = true;
        if (words.length === 0) {
            replace(text, skeleton(5));
        }
        try {
            const { body } = await api.get(`library/${id}/transcript`, { query: { from, to, limit: 1000 }, signal });
            const last = body.segments[body.segments.length - 1];
            text.lang = body.language;
            loaded = { from, to: body.next && last ? last.endMilliseconds : to };
            replace(text, body.segments.length > 0 ? body.segments.map(paragraph) : h("p", { class: "soft" }, t("player.noWords")));
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
        const isMissing = position < loaded.from || position + aheadMilliseconds > loaded.to;
        if (isMissing && loaded.to < player.duration + 1 && !isLoading) {
            load();
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

/** @param {Segment} segment */
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
