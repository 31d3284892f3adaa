import { Problem } from "./api.js";
import { h, icon } from "./dom.js";
import { t } from "./messages.js";

/** @param {unknown} error */
export function sentence(error) {
    if (error instanceof Problem) {
        return said(`common.problem.${error.type}`, error.errors[0]?.detail || error.detail || error.title);
    }
    return t("common.failure.detail");
}

/**
 * Why something that the shop does by itself came to nothing, or is doubtful.
 * @param {string} word of the API's, such as `ffmpeg-truncated`
 */
export function reason(word) {
    return said(`office.reason.${word}`, word);
}

/**
 * @param {string} key
 * @param {string} otherwise where there are no words for it
 */
function said(key, otherwise) {
    const known = t(key);
    return known === key ? otherwise : known;
}

/**
 * What is in the place of something that could not be shown.
 * @param {unknown} error
 * @param {() => unknown} [again]
 */
export function failure(error, again) {
    const isOffline = error instanceof Problem && error.type === "offline";
    const isMissing = error instanceof Problem && error.status === 404;
    const title = isOffline ? "common.offline.title" : isMissing ? "common.notFound.title" : "common.failure.title";
    return h("div", { class: "empty", role: "alert" },
        icon(isOffline ? "offline" : "notice"),
        h("h1", { tabindex: "-1" }, t(title)),
        h("p", null, isMissing ? t("common.notFound.detail") : sentence(error)),
        again && !isMissing ? h("button", { class: "button", type: "button", onclick: again }, t("common.again")) : h("a", { class: "button", href: "/" }, t("common.home")));
}

/**
 * A list that has nothing to show yet, with a way on.
 * @param {{ icon?: string, title: string, detail?: string, action?: { href: string, text: string }, level?: 1 | 2 }} options
 */
export function empty({ icon: picture, title, detail, action, level = 2 }) {
    return h("div", { class: "empty" },
        picture ? icon(picture) : null,
        h(level === 1 ? "h1" : "h2", { tabindex: "-1" }, title),
        detail ? h("p", null, detail) : null,
        action ? h("a", { class: "button", href: action.href }, action.text) : null);
}

/**
 * Lines where text will be.
 * @param {number} lines
 */
export function skeleton(lines = 3) {
    const made = h("div", { class: "skeleton-lines", "aria-hidden": "true" });
    for (let line = 0; line < lines; line += 1) {
        made.append(h("span", { class: "skeleton" }));
    }
    return made;
}

/**
 * Says beside a form what is wrong with it.
 * @param {"failed" | "done" | "hint"} kind
 * @param {...(import("./dom.js").Child)} children
 */
export function notice(kind, ...children) {
    return h("div", { class: `notice notice-${kind}`, role: kind === "failed" ? "alert" : "status" }, icon(kind === "done" ? "check" : "notice"), h("div", null, ...children));
}
