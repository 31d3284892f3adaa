/** @typedef {Record<string, string | number>} Values */

/** @type {Record<string, string>} */
let messages = {};

export function language() {
    return document.documentElement.lang || "en";
}

/** Digits are the same in all languages, as the server writes them. */
function locale() {
    return language() === "ar" ? "ar-u-nu-latn" : language();
}

/** @type {Promise<void> | null} */
let loading = null;

/** Once for a page, whoever asks; a language is changed by loading the page anew. */
export function loadMessages() {
    loading ??= fetchMessages().catch((error) => {
        loading = null;
        throw error;
    });
    return loading;
}

/** Whether there are words for what is to be said. */
export function hasMessages() {
    return Object.keys(messages).length > 0;
}

async function fetchMessages() {
    const response = await fetch(`/messages/${language()}.json`);
    messages = response.ok ? await response.json() : {};
}

/**
 * A message in the language of the page, such as `{count, plural, one {# book} other {# books}} by {name}`.
 * @param {string} key
 * @param {Values} [values]
 * @returns {string}
 */
export function t(key, values = {}) {
    const message = messages[key];
    return message === undefined ? key : format(message, values);
}

/**
 * @param {string} message
 * @param {Values} values
 */
export function format(message, values) {
    const plural = /\{(\w+), plural,((?:\s*[\w=]+\s*\{[^{}]*\})+)\s*\}/g;
    const chosen = message.replace(plural, (_, name, forms) => pluralForm(Number(values[name]), forms));
    return chosen.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/**
 * @param {number} count
 * @param {string} text
 */
function pluralForm(count, text) {
    /** @type {Record<string, string>} */
    const forms = {};
    for (const [, name, form] of text.matchAll(/([\w=]+)\s*\{([^{}]*)\}/g)) {
        forms[name] = form;
    }
    const form = forms[`=${count}`] ?? forms[new Intl.PluralRules(locale()).select(count)] ?? forms.other ?? "";
    return form.replaceAll("#", number(count));
}

/** @param {number} value */
export function number(value) {
    return new Intl.NumberFormat(locale()).format(value);
}

/** @param {{ minorUnits: number, currency: string }} amount */
export function money({ minorUnits, currency }) {
    const formatter = new Intl.NumberFormat(locale(), { style: "currency", currency });
    return formatter.format(minorUnits / 10 ** (formatter.resolvedOptions().maximumFractionDigits ?? 2));
}

/**
 * About how long something is, in words: `9 h 42 min`.
 * @param {number} milliseconds
 */
export function duration(milliseconds) {
    const minutes = Math.round(milliseconds / 60_000);
    if (minutes < 1) {
        return t("common.duration.seconds", { seconds: number(Math.round(milliseconds / 1000)) });
    }
    const hours = Math.floor(minutes / 60);
    return t(hours > 0 ? "common.duration.hours" : "common.duration.minutes", { hours, minutes: minutes % 60 });
}

/**
 * A place in a recording: `9:42:07`, or `42:07` below an hour.
 * @param {number} milliseconds
 */
export function clock(milliseconds) {
    const seconds = Math.max(0, Math.floor(milliseconds / 1000));
    const two = (/** @type {number} */ value) => String(value).padStart(2, "0");
    const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
    return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** @param {string} iso a day, or a moment, which is told as the day it has here */
export function day(iso) {
    const isDay = !iso.includes("T");
    return new Intl.DateTimeFormat(locale(), { dateStyle: "medium", ...(isDay && { timeZone: "UTC" }) }).format(new Date(iso));
}

/** @param {string} iso */
export function moment(iso) {
    return new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));
}
