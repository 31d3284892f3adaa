import { api } from "../lib/api.js";
import { h, replace } from "../lib/dom.js";
import { field, onSubmit } from "../lib/forms.js";
import { clock, t } from "../lib/messages.js";
import { sentence } from "../lib/states.js";
import { toast } from "../lib/toast.js";
import { player } from "../player/player.js";

/** @typedef {{ id: string, positionMilliseconds: number, note?: string, version: number }} Bookmark */

/**
 * The bookmarks of a book, as they lie in it, and a form for another.
 * @param {string} id
 * @param {AbortSignal} signal
 */
export async function bookmarkList(id, signal) {
    const path = `library/${id}/bookmarks`;
    /** @type {Bookmark[]} */
    let bookmarks = (await api.get(path, { query: { limit: 100 }, signal })).body.items;
    const list = h("ul", { class: "list", role: "list" });

    const draw = () => {
        bookmarks.sort((one, other) => one.positionMilliseconds - other.positionMilliseconds);
        replace(list, bookmarks.length > 0 ? bookmarks.map(line) : h("li", { class: "soft" }, t("player.bookmarks.none")));
    };

    /** @param {number} positionMilliseconds @param {string} [note] */
    const add = async (positionMilliseconds, note) => {
        const { body } = await api.post(path, { positionMilliseconds, note }, { key: true });
        bookmarks = [...bookmarks, body];
        draw();
    };

    /** @param {Bookmark} bookmark */
    const remove = async (bookmark) => {
        try {
            await api.delete(`${path}/${bookmark.id}`, undefined, { ifMatch: `"${bookmark.version}"` });
            bookmarks = bookmarks.filter(({ id: other }) => other !== bookmark.id);
            draw();
            toast(t("player.bookmarks.removed"), { undo: () => add(bookmark.positionMilliseconds, bookmark.note) });
        } catch (error) {
            toast(sentence(error), { kind: "failed" });
        }
    };

    /** @param {Bookmark} bookmark */
    const line = (bookmark) => {
        const place = clock(bookmark.positionMilliseconds);
        return h("li", { class: "bookmark" },
            h("button", { class: "link number", type: "button", "aria-label": t("player.bookmarks.go", { place }), onclick: () => player.seek(bookmark.positionMilliseconds) }, place),
            h("p", { dir: "auto" }, bookmark.note),
            h("button", { class: "link small", type: "button", "aria-label": `${t("common.delete")}: ${place}`, onclick: () => remove(bookmark) }, t("common.delete")));
    };

    const form = h("form", null,
        field({ name: "note", label: t("player.bookmarks.note"), type: "textarea", maxlength: 2000 }),
        h("button", { class: "button button-second" }, t("player.bookmarks.add")));
    onSubmit(form, async ({ note }) => {
        await add(player.position, note);
        form.reset();
        toast(t("player.bookmarks.added"));
    });
    draw();
    return h("section", { class: "aside" }, h("h2", null, t("player.bookmarks.title")), list, form);
}
