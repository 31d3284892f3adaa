import { clock, t } from "../lib/messages.js";
import { toast } from "../lib/toast.js";

/**
 * Plays the sample of a book where its link is, until one leaves the page. Whatever else plays is told.
 * @param {HTMLElement} main
 * @param {AbortSignal} signal
 */
export function playSample(main, signal) {
    const link = /** @type {HTMLAnchorElement | null} */ (main.querySelector("[data-sample]"));
    const use = link?.querySelector("use");
    const words = link?.lastChild;
    const time = link?.nextElementSibling;
    if (!link || !use || !words || !time) {
        return;
    }
    const length = time.textContent;
    const audio = new Audio();
    audio.preload = "none";
    audio.src = link.href;
    link.setAttribute("role", "button");

    const show = () => {
        use.setAttribute("href", `/assets/icons/icons.svg#${audio.paused ? "play" : "pause"}`);
        words.textContent = t(audio.paused ? "shop.book.sample" : "shop.book.samplePause");
    };
    const toggle = async (/** @type {Event} */ event) => {
        event.preventDefault();
        if (!audio.paused) {
            audio.pause();
            return;
        }
        document.dispatchEvent(new CustomEvent("earshelf:sample"));
        try {
            await audio.play();
        } catch {
            audio.pause();
            toast(t("shop.book.sampleFailed"), { kind: "failed" });
        }
    };
    link.addEventListener("click", toggle);
    link.addEventListener("keydown", (event) => (event.key === " " ? toggle(event) : undefined));
    for (const event of ["play", "pause"]) {
        audio.addEventListener(event, show);
    }
    audio.addEventListener("timeupdate", () => {
        time.textContent = audio.ended ? length : `${clock(audio.currentTime * 1000)} / ${length}`;
    });
    signal.addEventListener("abort", () => audio.pause());
}
