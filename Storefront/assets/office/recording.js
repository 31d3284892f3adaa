import { api } from "../lib/api.js";
import { h, icon, replace } from "../lib/dom.js";
import { duration, t } from "../lib/messages.js";
import { notice, sentence } from "../lib/states.js";
import { sendCover, sendInParts } from "./upload.js";

/**
 * What browsers call them, and what the shop does.
 * @type {Record<string, string>}
 */
const typesByEnding = { m4b: "audio/x-m4b", m4a: "audio/x-m4a", mp4: "audio/mp4", mp3: "audio/mpeg", flac: "audio/flac", ogg: "audio/ogg", wav: "audio/wav", aac: "audio/aac" };

/**
 * Files by drag and drop or by the file chooser; a pause is kept, and so is a closed tab.
 * @param {import("./book.js").KnownBook} known
 * @param {AbortSignal} signal
 * @param {() => Promise<void>} changed
 */
export function recording(known, signal, changed) {
    const status = h("div", { "aria-live": "polite" });
    const facts = h("p", { class: "soft" });
    let sending = new AbortController();
    /** @type {File[]} */
    let files = [];

    const drawFacts = () => {
        const { durationMilliseconds, chapters } = known.body;
        replace(facts, durationMilliseconds ? `${duration(durationMilliseconds)} · ${t("shop.book.chapterCount", { count: chapters.length })}` : t("office.recording.none"));
    };
    const input = h("input", { id: "recording-files", type: "file", multiple: true, accept: "audio/*,.m4b,image/jpeg,image/png", onchange: () => start([...(input.files ?? [])]) });

    /** @param {File[]} chosen */
    const start = async (chosen) => {
        if (chosen.length === 0) {
            return;
        }
        files = chosen;
        sending = new AbortController();
        try {
            await sendAll(files);
            await changed();
            drawFacts();
            replace(status, notice("done", t("office.recording.accepted")));
        } catch (error) {
            const again = h("button", { class: "button button-second", type: "button", onclick: () => start(files) }, t("office.recording.goOn"));
            replace(status, sending.signal.aborted ? notice("hint", h("p", null, t("office.recording.paused")), again) : notice("failed", h("p", null, sentence(error)), again));
        }
    };

    /** @param {File[]} all */
    const sendAll = async (all) => {
        const audiobookId = known.body.id;
        const tracks = all.filter((file) => !file.type.startsWith("image/"));
        for (const file of all.filter((one) => one.type.startsWith("image/"))) {
            await sendCover({ audiobookId, file, signal: sending.signal });
        }
        const uploadIds = [];
        for (const file of tracks) {
            const contentType = typesByEnding[file.name.split(".").pop()?.toLowerCase() ?? ""] ?? file.type;
            const purpose = tracks.length > 1 ? /** @type {const} */ ("track") : undefined;
            uploadIds.push((await sendInParts({ audiobookId, file, contentType, purpose, signal: sending.signal, tell: (progress) => show(file, progress) })).id);
        }
        if (tracks.length > 1) {
            await api.post(`audiobooks/${audiobookId}/editions`, { uploadIds }, { key: true });
        }
    };

    /** @param {File} file @param {import("./upload.js").Progress} progress */
    const show = (file, { phase, done, of }) => {
        replace(status,
            h("p", null, h("bdi", null, file.name), " · ", t(`office.recording.${phase}`, { done, of })),
            h("progress", { max: of, value: done, "aria-label": file.name }),
            phase === "checking" ? null : h("button", { class: "button button-quiet", type: "button", onclick: () => sending.abort() }, t("player.pause")));
    };

    const drop = h("label", { class: "drop", for: "recording-files" }, icon("upload"), h("span", null, t("office.recording.drop")), input);
    for (const event of ["dragover", "dragenter"]) {
        drop.addEventListener(event, (dragged) => {
            dragged.preventDefault();
            drop.classList.add("drop-over");
        });
    }
    drop.addEventListener("dragleave", () => drop.classList.remove("drop-over"));
    drop.addEventListener("drop", (event) => {
        event.preventDefault();
        drop.classList.remove("drop-over");
        start([...(event.dataTransfer?.files ?? [])]);
    });
    signal.addEventListener("abort", () => sending.abort());
    drawFacts();
    return h("section", { class: "card aside" }, h("h2", null, t("office.recording.title")), facts, drop, status);
}
