import { api } from "../lib/api.js";
import { h, icon, replace } from "../lib/dom.js";
import { field, onSubmit } from "../lib/forms.js";
import { t } from "../lib/messages.js";
import { person, signInAddress } from "../lib/session.js";

/** The code is taken out of the address at once, so that it stays in no history; signing in gives it back. */
const keptKey = "earshelf-gift-code";

/** @param {HTMLElement} main @param {import("../lib/navigation.js").Visit} visit */
export async function show(main, { query }) {
    const given = decodeURIComponent(location.hash.slice(1)) || query.get("code");
    if (given) {
        sessionStorage.setItem(keptKey, given);
        history.replaceState(history.state, "", "/gifts/redeem");
    }
    const kept = sessionStorage.getItem(keptKey) ?? "";
    const isSignedIn = (await person()) !== null;
    const form = h("form", { class: "card redeem" },
        field({ name: "code", label: t("gifts.code"), hint: t("gifts.codeHint"), value: kept, required: true, maxlength: 60, autocomplete: "off", autocapitalize: "characters", spellcheck: "false" }),
        h("button", { class: "button" }, icon("gift"), t(isSignedIn ? "gifts.open" : "gifts.signInAndOpen")));
    onSubmit(form, async ({ code }) => {
        sessionStorage.setItem(keptKey, code);
        if (!isSignedIn) {
            location.assign(signInAddress("/gifts/redeem"));
            return;
        }
        const { body } = await api.post("gifts/redeem", { code });
        sessionStorage.removeItem(keptKey);
        replace(main, opened(body.audiobookId));
        main.querySelector("h1")?.focus();
    });
    replace(main, h("header", { class: "page-head" }, h("h1", { tabindex: "-1" }, t("gifts.title")), h("p", { class: "soft" }, t("gifts.detail"))), form);
}

/** @param {string} audiobookId */
function opened(audiobookId) {
    return h("div", { class: "empty" },
        icon("gift"),
        h("h1", { tabindex: "-1" }, t("gifts.opened")),
        h("p", null, t("gifts.openedDetail")),
        h("a", { class: "button", href: `/library/${audiobookId}` }, t("shop.book.listen")));
}
