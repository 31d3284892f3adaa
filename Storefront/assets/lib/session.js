import { api, Problem, sessionEnd } from "./api.js";
import { h, replace } from "./dom.js";
import { t } from "./messages.js";

/** @typedef {{ id: string, name?: string, displayName?: string, email?: string, isEmailVerified: boolean, roles: string[], createdAt: string }} Person */

/** @type {Promise<Person | null> | null} */
let asked = null;

/** Whether asking who is there is worth while. */
export function isSignedIn() {
    return sessionEnd() !== null;
}

/**
 * Who is signed in, or null; asked for once in the life of a page.
 * @returns {Promise<Person | null>}
 */
export function person() {
    asked ??= isSignedIn() ? ask() : Promise.resolve(null);
    return asked;
}

async function ask() {
    try {
        return (await api.get("me")).body;
    } catch (error) {
        if (error instanceof Problem && error.status === 401) {
            return null;
        }
        asked = null;
        throw error;
    }
}

/** @param {string} returnTo a path of the shop */
export function signInAddress(returnTo) {
    return `/auth/sign-in?returnTo=${encodeURIComponent(returnTo)}`;
}

/** @param {string} [returnTo] */
export function signIn(returnTo = location.pathname + location.search) {
    location.assign(signInAddress(returnTo));
}

export async function signOut() {
    await fetch("/auth/sign-out", { method: "POST" });
    sessionStorage.clear();
    navigator.serviceWorker?.controller?.postMessage("signed-out");
    location.assign("/");
}

/**
 * Who is signed in; for everybody else, `main` says what to do, and the answer is null.
 * @param {HTMLElement} main
 */
export async function requirePerson(main) {
    const who = await person();
    if (who === null) {
        // Whoever comes back from the issuer without being signed in is told why.
        const failure = new URLSearchParams(location.search).get("signIn") ?? "";
        const isTold = ["expired", "refused", "unavailable"].includes(failure);
        replace(
            main,
            h("div", { class: "empty" },
                h("h1", { tabindex: "-1" }, t("common.signInFirst.title")),
                h("p", null, t(isTold ? `common.signInFailed.${failure}` : "common.signInFirst.detail")),
                h("a", { class: "button", href: signInAddress(location.pathname + location.search) }, t("common.signIn"))),
        );
    }
    return who;
}
