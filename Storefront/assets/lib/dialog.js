import { h } from "./dom.js";
import { t } from "./messages.js";

/**
 * Asks before something that cannot be taken back.
 * @param {{ title: string, detail?: string, confirm: string, cancel?: string, isDangerous?: boolean, typed?: string, typedLabel?: string }} options
 *     where there is `typed`, it must be typed before anything is done
 * @returns {Promise<boolean>}
 */
export function confirmDialog({ title, detail, confirm, cancel, isDangerous = false, typed, typedLabel }) {
    const button = h("button", { class: isDangerous ? "button button-danger" : "button", value: "yes" }, confirm);
    const field = typed === undefined
        ? null
        : h("input", {
            id: "dialog-typed",
            autocomplete: "off",
            autocapitalize: "off",
            spellcheck: "false",
            oninput: (/** @type {Event} */ event) => {
                button.disabled = /** @type {HTMLInputElement} */ (event.target).value.trim() !== typed;
            },
        });
    button.disabled = field !== null;
    const form = h("form", { method: "dialog" },
        h("h2", { id: "dialog-title" }, title),
        detail ? h("p", null, detail) : null,
        field && h("div", { class: "field" }, h("label", { for: "dialog-typed" }, typedLabel ?? typed), field),
        h("div", { class: "dialog-actions" },
            h("button", { class: "button button-quiet", value: "no", formnovalidate: true }, cancel ?? t("common.cancel")),
            button));
    return openDialog(form).then((value) => value === "yes");
}

/**
 * Shows a form in a dialog until it is sent or left; the answer is the value of the button.
 * @param {HTMLFormElement} form with a heading of id `dialog-title`
 * @returns {Promise<string>}
 */
export function openDialog(form) {
    const dialog = h("dialog", { class: "dialog", "aria-labelledby": "dialog-title" }, form);
    document.body.append(dialog);
    dialog.showModal();
    return new Promise((resolve) => {
        dialog.addEventListener("close", () => {
            dialog.remove();
            resolve(dialog.returnValue);
        });
    });
}
