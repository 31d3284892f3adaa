import { h } from "./dom.js";

/**
 * The cover of a book, or its title where there is none.
 * @param {{ slug: string, title: string }} book
 * @param {{ size?: 160 | 400 | 800, class?: string }} [options]
 */
export function cover({ slug, title }, options) {
    const size = options?.size ?? 160;
    const words = () => h("span", { class: "cover-words", dir: "auto", "aria-hidden": "true" }, title);
    const picture = h("img", {
        src: `/api/v1/audiobooks/${slug}/cover?size=${size}`,
        width: size,
        height: size,
        alt: "",
        loading: "lazy",
        decoding: "async",
        onerror: () => picture.replaceWith(words()),
    });
    return h("span", { class: `cover ${options?.class ?? "cover-small"}` }, picture);
}
