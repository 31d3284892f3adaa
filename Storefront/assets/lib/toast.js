import { h } from "./dom.js";
import { t } from "./messages.js";

const shownMilliseconds = 6_000;

/**
 * Says something that needs no answer, where it disturbs nobody. It stays while somebody is at it.
 * @param {string} text
 * @param {{ undo?: () => unknown, kind?: "done" | "failed" }} options
 */
export function toast(text, { undo, kind = "done" } = {}) {
    const note = h("div", { class: `toast toast-${kind}` }, h("p", null, text));
    const remove = () => note.remove();
    let timer = setTimeout(remove, shownMilliseconds);
    const stay = () => clearTimeout(timer);
    const goOn = () => {
        stay();
        timer = setTimeout(remove, shownMilliseconds);
    };
    if (undo) {
        const take = () => {
            stay();
            remove();
            undo();
        };
        note.append(h("button", { class: "button button-quiet", type: "button", onclick: take }, t("common.undo")));
    }
    note.append(h("button", { class: "toast-close", type: "button", "aria-label": t("common.close"), onclick: remove }, "×"));
    for (const event of ["pointerenter", "focusin"]) {
        note.addEventListener(event, stay);
    }
    for (const event of ["pointerleave", "focusout"]) {
        note.addEventListener(event, goOn);
    }
    region().append(note);
}

function region() {
    const there = document.getElementById("toasts");
    if (there) {
        return there;
    }
    const made = h("div", { id: "toasts", class: "toasts", role: "status", "aria-live": "polite" });
    document.body.append(made);
    return made;
}
