import { api } from "../lib/api.js";
import { loadMessages, number, t } from "../lib/messages.js";
import { isSignedIn, person, signOut } from "../lib/session.js";
import { toast } from "../lib/toast.js";
import { remember } from "../lib/settings.js";
import { offerSuggestions } from "./suggestions.js";

const mergedKey = "earshelf-merged";
const neverSet = '"0"';

await loadMessages();
const field = /** @type {HTMLInputElement | null} */ (document.querySelector("#search"));
if (field) {
    offerSuggestions(field);
}
document.addEventListener("click", pressed);
document.addEventListener("keydown", closeMenuByEscape);
document.addEventListener("earshelf:cart", (event) => showCount(/** @type {CustomEvent} */ (event).detail));
document.addEventListener("earshelf:page", () => {
    closeMenu();
    returnHere();
});
showWho();

/** @param {MouseEvent} event */
function pressed(event) {
    const target = /** @type {Element} */ (event.target);
    const language = /** @type {HTMLElement | null} */ (target.closest("[data-language]"));
    if (language?.dataset.language) {
        remember("language", language.dataset.language);
        location.reload();
    } else if (target.closest("[data-sign-out]")) {
        signOut();
    } else if (!target.closest(".menu")) {
        closeMenu();
    }
}

function menu() {
    return /** @type {HTMLDetailsElement | null} */ (document.querySelector(".menu"));
}

function closeMenu() {
    menu()?.removeAttribute("open");
}

/** @param {KeyboardEvent} event */
function closeMenuByEscape(event) {
    if (event.key === "Escape" && menu()?.open) {
        closeMenu();
        menu()?.querySelector("summary")?.focus();
    }
}

/** The link to sign in leads back to where somebody is now. */
function returnHere() {
    const here = encodeURIComponent(location.pathname + location.search);
    document.querySelector("[data-sign-in]")?.setAttribute("href", `/auth/sign-in?returnTo=${here}`);
}

async function showWho() {
    try {
        const who = await person();
        const canWork = (who?.roles.length ?? 0) > 0;
        document.querySelector("[data-office]")?.toggleAttribute("hidden", !canWork);
        showCount(who && !sessionStorage.getItem(mergedKey) ? await merge() : (await api.get("cart")).body);
    } catch {
        document.querySelector("[data-cart-count]")?.replaceChildren();
    }
}

/** Once after signing in: what a guest chose comes along, and how the customer likes the shop to look. */
async function merge() {
    const [{ body }, preferences] = await Promise.all([api.post("cart/merge"), api.get("me/preferences")]);
    sessionStorage.setItem(mergedKey, "1");
    if (preferences.etag !== neverSet) {
        remember("theme", preferences.body.theme);
    }
    for (const { title, outcome } of body.merged) {
        if (outcome !== "already-in-cart") {
            toast(t(`cart.merged.${outcome}`, { title }), { kind: outcome === "added" ? "done" : "failed" });
        }
    }
    if (body.merged.length > 0) {
        document.dispatchEvent(new CustomEvent("earshelf:merged"));
    }
    return body;
}

/** @param {{ items: unknown[] }} cart */
function showCount(cart) {
    const place = document.querySelector("[data-cart-count]");
    const count = cart.items.length;
    place?.replaceChildren(count > 0 ? number(count) : "");
    place?.parentElement?.setAttribute("aria-label", count > 0 ? t("common.cartCount", { count }) : t("common.cart"));
    document.documentElement.toggleAttribute("data-signed-in", isSignedIn());
}
