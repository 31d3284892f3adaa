import { api } from "../lib/api.js";
import { h, replace } from "../lib/dom.js";
import { t } from "../lib/messages.js";
import { sentence } from "../lib/states.js";
import { toast } from "../lib/toast.js";

const pauseMilliseconds = 2_000;

/** @typedef {{ format: "m4b" | "epub", state: "none" | "waiting" | "making" | "ready" | "outdated" | "failed", url?: string }} BookFile */

/**
 * A book as files to keep: the recording as it was sent, and what editors allow to be made of it.
 * @param {string} id
 * @param {AbortSignal} signal
 */
export async function bookFiles(id, signal) {
    const path = `library/${id}/exports`;
    const { body } = await api.get(path, { signal });
    return h("section", { class: "book-files" },
        h("h2", null, t("player.files.title")),
        h("ul", { class: "list", role: "list" },
            h("li", { "aria-live": "polite" }, recording(id)),
            body.exports.map((/** @type {BookFile} */ file) => h("li", { "aria-live": "polite" }, made(path, file, signal)))));
}

/** @param {string} id of a book whose files the storage names after it */
function recording(id) {
    const place = h("div", { class: "book-file" });
    const ask = async () => {
        try {
            const { body } = await api.post(`library/${id}/download`);
            if (body.tracks.length === 1) {
                location.assign(body.tracks[0].url);
                return;
            }
            replace(place, h("ol", { class: "list" }, body.tracks.map((/** @type {{ position: number, url: string }} */ { position, url }) =>
                h("li", null, h("a", { href: url, download: true }, t("player.files.part", { number: position }))))));
        } catch (error) {
            toast(sentence(error), { kind: "failed" });
        }
    };
    replace(place, h("span", null, t("player.files.recording")), button(t("player.files.download"), ask));
    return place;
}

/**
 * @param {string} path
 * @param {BookFile} file
 * @param {AbortSignal} signal
 */
function made(path, file, signal) {
    const place = h("div", { class: "book-file" });
    const name = h("span", null, t(`player.files.${file.format}`));
    const draw = (/** @type {BookFile["state"]} */ state) => {
        const isMade = state === "ready";
        const isMaking = state === "waiting" || state === "making";
        replace(place, name,
            state === "failed" ? h("span", { class: "chip chip-warning" }, t("player.files.failed")) : null,
            isMaking ? h("span", { class: "soft" }, t("player.files.making")) : button(t(isMade ? "player.files.download" : "player.files.make"), ask));
    };
    const ask = async () => {
        try {
            const { body } = await api.put(`${path}/${file.format}`);
            draw(body.state);
            if (body.url) {
                location.assign(body.url);
            } else {
                await wait();
            }
        } catch (error) {
            toast(sentence(error), { kind: "failed" });
        }
    };
    const wait = async () => {
        /** @type {BookFile["state"]} */
        let state = "making";
        while (["waiting", "making"].includes(state) && !signal.aborted) {
            await new Promise((done) => setTimeout(done, pauseMilliseconds));
            const { body } = await api.get(path, { signal });
            state = body.exports.find((/** @type {BookFile} */ one) => one.format === file.format)?.state ?? "failed";
        }
        draw(state);
    };
    draw(file.state);
    if (file.state === "waiting" || file.state === "making") {
        wait().catch(() => draw("failed"));
    }
    return place;
}

/** @param {string} text @param {() => unknown} act */
function button(text, act) {
    return h("button", { class: "button button-quiet", type: "button", onclick: act }, text);
}
