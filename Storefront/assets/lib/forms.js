import { Problem } from "./api.js";
import { h } from "./dom.js";
import { notice, sentence } from "./states.js";

/**
 * A field with its label, its hint, and room for what is wrong with it.
 * @param {{ name: string, label: string, hint?: string, type?: string, value?: string, [attribute: string]: unknown }} options
 */
export function field({ name, label, hint, value, type = "text", ...attributes }) {
    const described = hint ? `${name}-hint` : null;
    const input = type === "textarea"
        ? h("textarea", { id: name, name, dir: "auto", "aria-describedby": described, ...attributes }, value)
        : h("input", { id: name, name, type, value, "aria-describedby": described, ...attributes });
    return h("div", { class: "field", dataset: { field: name } },
        h("label", { for: name }, label),
        input,
        hint ? h("span", { id: `${name}-hint`, class: "field-hint" }, hint) : null);
}

/**
 * @param {{ name: string, label: string, hint?: string, value?: string, choices: [value: string, text: string][], [attribute: string]: unknown }} options
 */
export function choiceField({ name, label, hint, value, choices, ...attributes }) {
    const options = choices.map(([one, text]) => h("option", { value: one, selected: one === value }, text));
    return h("div", { class: "field", dataset: { field: name } },
        h("label", { for: name }, label),
        h("select", { id: name, name, "aria-describedby": hint ? `${name}-hint` : null, ...attributes }, options),
        hint ? h("span", { id: `${name}-hint`, class: "field-hint" }, hint) : null);
}

/**
 * Sends a form once at a time, says what is wrong beside it, and keeps all that was typed.
 * @param {HTMLFormElement} form
 * @param {(values: Record<string, string>) => Promise<unknown>} send
 */
export function onSubmit(form, send) {
    form.addEventListener("submit", async (event) => {
        event.preventDefault();
        const buttons = [...form.querySelectorAll("button")].filter((button) => button.type === "submit");
        if (form.getAttribute("aria-busy") === "true") {
            return;
        }
        clear(form);
        form.setAttribute("aria-busy", "true");
        buttons.forEach((button) => button.setAttribute("aria-busy", "true"));
        try {
            await send(valuesOf(form));
        } catch (error) {
            tell(form, error);
        } finally {
            form.removeAttribute("aria-busy");
            buttons.forEach((button) => button.removeAttribute("aria-busy"));
        }
    });
}

/**
 * @param {HTMLFormElement} form
 * @returns {Record<string, string>}
 */
export function valuesOf(form) {
    /** @type {Record<string, string>} */
    const values = {};
    for (const [name, value] of new FormData(form)) {
        if (typeof value === "string" && value.trim() !== "") {
            values[name] = value.trim();
        }
    }
    return values;
}

/** @param {HTMLFormElement} form */
function clear(form) {
    form.querySelectorAll(".notice-failed, .field-error").forEach((node) => node.remove());
    form.querySelectorAll("[aria-invalid]").forEach((node) => node.removeAttribute("aria-invalid"));
}

/**
 * @param {HTMLFormElement} form
 * @param {unknown} error
 */
function tell(form, error) {
    /** @type {HTMLElement | null} */
    let first = null;
    for (const { pointer, detail } of error instanceof Problem ? error.errors : []) {
        const name = pointer?.split("/").pop() ?? "";
        const place = form.querySelector(`[data-field="${CSS.escape(name)}"]`);
        const input = /** @type {HTMLElement | null} */ (place?.querySelector("input, select, textarea") ?? null);
        if (place && input) {
            place.append(h("span", { class: "field-error", id: `${name}-error` }, detail));
            input.setAttribute("aria-invalid", "true");
            input.setAttribute("aria-errormessage", `${name}-error`);
            first ??= input;
        }
    }
    if (first) {
        first.focus();
    } else {
        form.prepend(notice("failed", sentence(error)));
    }
}
