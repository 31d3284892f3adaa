import { api } from "../lib/api.js";
import { bringAlong, cart } from "../lib/cart.js";
import { loadMessages, number, t } from "../lib/messages.js";
import { isSignedIn, person, signOut } from "../lib/session.js";
import { toast } from "../lib/toast.js";
import { remember } from "../lib/settings.js";
import { offerSuggestions } from "./suggestions.js";

const likedKey = "earshelf-liked";
const neverSet = '"0"';

const field = /** @type {HTMLInputElement | null} */ (document.querySelector("#search"));
if (field) {
    loadMessages().then(() => offerSuggestions(field), () => undefined);
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
        await loadMessages();
        const who = await person();
        const canWork = (who?.roles.length ?? 0) > 0;
        document.querySelector("[data-office]")?.toggleAttribute("hidden", !canWork);
        for (const { title, outcome } of await bringAlong()) {
            if (outcome !== "already-in-cart") {
                toast(t(`cart.merged.${outcome}`, { title }), { kind: outcome === "added" ? "done" : "failed" });
            }
        }
        await cart.read();
        if (who) {
            await likeBefore();
        }
    } catch {
        document.querySelector("[data-cart-count]")?.replaceChildren();
    }
}

/** On a device where nobody chose the looks, they are what the customer chose elsewhere. */
async function likeBefore() {
    if (sessionStorage.getItem(likedKey)) {
        return;
    }
    const { body, etag } = await api.get("me/preferences");
    sessionStorage.setItem(likedKey, "1");
    if (etag !== neverSet) {
        remember("theme", body.theme);
    }
}

/** @param {import("../lib/cart.js").Cart} chosen */
function showCount(chosen) {
    const place = document.querySelector("[data-cart-count]");
    const count = chosen.items.length;
    place?.replaceChildren(count > 0 ? number(count) : "");
    place?.parentElement?.setAttribute("aria-label", count > 0 ? t("common.cartCount", { count }) : t("common.cart"));
    document.documentElement.toggleAttribute("data-signed-in", isSignedIn());
}
