import { h, replace } from "../lib/dom.js";
import { number, t } from "../lib/messages.js";
import { sentence } from "../lib/states.js";
import { toast } from "../lib/toast.js";
import { forget, keep, keptTracks, megabytesTaken } from "../player/offline.js";

/**
 * Keeps a book on this device, and lets it go.
 * @param {string} id
 * @param {AbortSignal} signal
 */
export function keepOffline(id, signal) {
    const place = h("div", { class: "keep-offline", "aria-live": "polite" });
    const button = (/** @type {string} */ text, /** @type {() => unknown} */ act) =>
        h("button", { class: "button button-quiet", type: "button", onclick: act }, text);

    const begin = async () => {
        const download = new AbortController();
        signal.addEventListener("abort", () => download.abort());
        const bar = h("progress", { max: 1, value: 0, "aria-label": t("player.keep.running") });
        replace(place, bar, button(t("player.pause"), () => download.abort()));
        try {
            await keep(id, (share) => bar.setAttribute("value", String(share)), download.signal);
            await draw();
        } catch (error) {
            if (!download.signal.aborted) {
                toast(sentence(error), { kind: "failed" });
            }
            replace(place, button(t("player.keep.goOn"), begin));
        }
    };
    const letGo = async () => {
        await forget(id);
        await draw();
    };
    const draw = async () => {
        const isKept = (await keptTracks(id)) !== null;
        replace(place, isKept
            ? [h("span", { class: "chip chip-good" }, t("player.keep.kept", { megabytes: number(await megabytesTaken()) })), button(t("player.keep.remove"), letGo)]
            : button(t("player.keep.begin"), begin));
    };
    if ("caches" in globalThis && "serviceWorker" in navigator) {
        navigator.serviceWorker.ready.then(draw);
    }
    return place;
}
