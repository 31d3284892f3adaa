import { api } from "../lib/api.js";
import { h, replace } from "../lib/dom.js";
import { t } from "../lib/messages.js";
import { go } from "../lib/navigation.js";

/** @typedef {{ kind: "title" | "person" | "series", slug: string, text: string }} Suggestion */

const pauseMilliseconds = 150;
const places = { title: "books", person: "people", series: "series" };

/**
 * Makes the search field a combobox. Without an answer it stays the plain field that it is.
 * @param {HTMLInputElement} field
 */
export function offerSuggestions(field) {
    const list = h("ul", { id: "suggestions", class: "suggestions", role: "listbox", "aria-label": t("shop.suggestions.label"), hidden: true });
    field.after(list);
    const attributes = { role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": "suggestions" };
    for (const [name, value] of Object.entries(attributes)) {
        field.setAttribute(name, value);
    }

    /** @type {Suggestion[]} */
    let found = [];
    let chosen = -1;
    let timer = 0;
    let asking = new AbortController();

    const close = () => {
        clearTimeout(timer);
        asking.abort();
        list.hidden = true;
        chosen = -1;
        field.setAttribute("aria-expanded", "false");
        field.removeAttribute("aria-activedescendant");
    };

    /** @param {Suggestion} suggestion */
    const follow = (suggestion) => {
        close();
        field.value = suggestion.text;
        go(`/${places[suggestion.kind]}/${suggestion.slug}`);
    };

    /** @param {number} index */
    const choose = (index) => {
        chosen = index;
        for (const [place, option] of [...list.children].entries()) {
            option.setAttribute("aria-selected", String(place === index));
        }
        if (index < 0) {
            field.removeAttribute("aria-activedescendant");
        } else {
            field.setAttribute("aria-activedescendant", `suggestion-${index}`);
        }
    };

    const show = () => {
        replace(list, found.map((suggestion, index) =>
            h("li", {
                id: `suggestion-${index}`,
                role: "option",
                "aria-selected": "false",
                onpointerdown: (/** @type {Event} */ event) => event.preventDefault(),
                onclick: () => follow(suggestion),
            },
                h("bdi", null, suggestion.text),
                h("span", { class: "soft small" }, t(`shop.suggestions.${suggestion.kind}`)))));
        chosen = -1;
        list.hidden = found.length === 0;
        field.setAttribute("aria-expanded", String(found.length > 0));
    };

    const ask = async () => {
        asking.abort();
        asking = new AbortController();
        const { signal } = asking;
        try {
            found = (await api.get("search/suggestions", { query: { q: field.value.trim() }, signal })).body.items;
        } catch {
            found = [];
        }
        if (!signal.aborted) {
            show();
        }
    };

    field.addEventListener("input", () => {
        close();
        if (field.value.trim().length > 1) {
            timer = window.setTimeout(ask, pauseMilliseconds);
        }
    });
    field.addEventListener("blur", close);
    field.form?.addEventListener("submit", close);
    field.addEventListener("keydown", (event) => {
        const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
        if (step !== 0 && !list.hidden) {
            event.preventDefault();
            const places = found.length + 1;
            choose(((chosen + 1 + step + places) % places) - 1);
        } else if (event.key === "Enter" && chosen >= 0) {
            event.preventDefault();
            follow(found[chosen]);
        } else if (event.key === "Escape" && !list.hidden) {
            event.preventDefault();
            close();
        }
    });
}
