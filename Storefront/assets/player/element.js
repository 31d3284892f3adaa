import { api } from "../lib/api.js";
import { cover } from "../lib/cover.js";
import { h, icon, replace } from "../lib/dom.js";
import { clock, t } from "../lib/messages.js";
import { toast } from "../lib/toast.js";
import { keepPlace } from "./place.js";
import { player } from "./player.js";
import { mediaSession } from "./session.js";
import { indexAt } from "./tracks.js";

/** How far a skip goes: what the listener chose for all books, once it is known. */
export const skips = { back: 15_000, forward: 30_000 };

/** The player at the foot of every page, as long as a book is open. */
class PlayerElement extends HTMLElement {
    connectedCallback() {
        api.get("me/preferences").then(({ body }) => {
            skips.back = body.skipBackSeconds * 1000;
            skips.forward = body.skipForwardSeconds * 1000;
        }, () => undefined);
        keepPlace(player);
        mediaSession(player, skips);
        player.addEventListener("change", () => this.#draw());
        player.addEventListener("time", () => this.#showTime());
        player.addEventListener("failed", () => toast(t("player.failed"), { kind: "failed" }));
        document.addEventListener("earshelf:sample", () => player.pause());
        document.addEventListener("earshelf:page", () => this.#draw());
        document.addEventListener("keydown", (event) => onKey(event));
    }

    #draw() {
        const { book } = player;
        const isOnItsPage = book !== null && location.pathname === `/library/${book.audiobookId}`;
        this.hidden = book === null || isOnItsPage;
        document.documentElement.style.setProperty("--player-height", this.hidden ? "0px" : "5rem");
        if (!book || this.hidden) {
            replace(this);
            return;
        }
        const hadFocus = this.contains(document.activeElement);
        replace(this, h("section", { class: "mini", "aria-label": t("player.label") },
            h("a", { class: "mini-book", href: `/library/${book.audiobookId}` },
                cover(book),
                h("span", { class: "mini-words" },
                    h("span", { class: "mini-title", dir: "auto" }, book.title),
                    h("span", { class: "soft small", dir: "auto" }, player.chapters[indexAt(player.chapters, player.position)]?.title))),
            h("span", { class: "mini-time soft small number" }),
            playButton("mini-play")));
        this.#showTime();
        if (hadFocus) {
            this.querySelector("button")?.focus();
        }
    }

    #showTime() {
        const time = this.querySelector(".mini-time");
        if (time) {
            time.textContent = `${clock(player.position)} / ${clock(player.duration)}`;
        }
    }
}

/** @param {string} name */
export function playButton(name) {
    const text = t(player.isPlaying ? "player.pause" : "player.play");
    return h("button", { class: `button ${name}`, type: "button", "aria-label": text, onclick: () => player.toggle() }, icon(player.isPlaying ? "pause" : "play"));
}

/**
 * Space plays and pauses, the arrows skip; not where somebody types or chooses.
 * @param {KeyboardEvent} event
 */
function onKey(event) {
    const target = /** @type {Element} */ (event.target);
    if (!player.book || event.ctrlKey || event.metaKey || event.altKey || target.closest("input, select, textarea, button, a, summary, dialog, [role=listbox]")) {
        return;
    }
    const forward = document.documentElement.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
    const back = document.documentElement.dir === "rtl" ? "ArrowRight" : "ArrowLeft";
    if (event.key === " ") {
        player.toggle();
    } else if (event.key === forward) {
        player.seek(player.position + skips.forward);
    } else if (event.key === back) {
        player.seek(player.position - skips.back);
    } else {
        return;
    }
    event.preventDefault();
}

customElements.define("earshelf-player", PlayerElement);
