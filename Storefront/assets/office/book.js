import { api } from "../lib/api.js";
import { h, replace } from "../lib/dom.js";
import { t } from "../lib/messages.js";
import { cover } from "../lib/cover.js";
import { chapters } from "./chapters.js";
import { description } from "./description.js";
import { Listening } from "./listening.js";
import { prices } from "./prices.js";
import { publishing } from "./publishing.js";
import { recording } from "./recording.js";
import { summaries } from "./summaries.js";
import { transcript } from "./transcript.js";

/** @typedef {{ body: any, etag: string | null }} KnownBook */

/**
 * A book from its words to its sale; each part is a section with its own form.
 * @param {import("./office.js").OfficeVisit} visit
 */
export async function show({ place, parameters, signal }) {
    const path = `audiobooks/${parameters.id}`;
    /** @type {KnownBook} */
    const known = await api.get(path, { signal });
    const head = h("header", { class: "page-head" });
    const sale = h("div");
    const words = h("div", { class: "office-sections" });
    const listening = new Listening(parameters.id, signal);

    const draw = () => {
        const book = known.body;
        replace(head,
            h("p", { class: "small" }, h("a", { href: "/office/books" }, t("office.section.books")), " ", h("span", { class: book.state === "published" ? "chip chip-good" : "chip" }, t(`office.bookState.${book.state}`))),
            h("h1", { tabindex: "-1", dir: "auto" }, book.title),
            book.cover ? cover(book) : null);
        replace(sale, publishing(known, path, changed));
    };
    /** @param {KnownBook} [answer] as it is now; asked for where only its parts have changed */
    const changed = async (answer) => {
        const { body, etag } = answer ?? (await api.get(path, { signal }));
        Object.assign(known, { body, etag });
        draw();
    };
    /** What is made of the recording, as it is made. */
    const drawWords = async () => {
        const beginnings = await chapters(known, listening, signal, changed);
        const written = await summaries(known, signal);
        const heard = async () => {
            await Promise.all([beginnings?.drawSound(), written.follow()]);
        };
        replace(words, transcript(known, listening, signal, heard), beginnings?.element, written.element);
    };
    const recorded = async () => {
        await changed();
        await drawWords();
    };
    draw();
    await drawWords();
    replace(
        place,
        head,
        h("div", { class: "columns" },
            h("div", { class: "office-sections" }, recording(known, signal, recorded), words, await description(known, path, changed)),
            h("div", { class: "aside" }, sale, await prices(known, signal, changed))),
    );
}
