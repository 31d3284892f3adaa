import { listInPages } from "../elements/pages.js";
import { cover } from "../lib/cover.js";
import { h, replace } from "../lib/dom.js";
import { day, t } from "../lib/messages.js";
import { requirePerson } from "../lib/session.js";
import { empty } from "../lib/states.js";
import { toast } from "../lib/toast.js";

/** @param {HTMLElement} main @param {import("../lib/navigation.js").Visit} visit */
export async function show(main, { signal }) {
    if (!(await requirePerson(main))) {
        return;
    }
    const list = await listInPages({ path: "gifts", line, signal });
    replace(
        main,
        h("h1", { tabindex: "-1" }, t("common.gifts")),
        list ?? empty({ icon: "gift", title: t("gifts.empty"), detail: t("gifts.emptyDetail"), action: { href: "/search", text: t("common.browse") } }),
        h("p", { class: "more" }, h("a", { class: "button button-second", href: "/gifts/redeem" }, t("gifts.gotOne"))),
    );
}

/** @param {any} gift a `Gift` of the API */
function line(gift) {
    const name = gift.recipientName ?? gift.recipientEmail;
    return h("li", { class: "gift-line" },
        cover(gift),
        h("div", null,
            h("a", { class: "cart-item-title", href: `/books/${gift.slug}`, dir: "auto" }, gift.title),
            name ? h("p", { dir: "auto" }, t("cart.gift.for", { name })) : null,
            h("p", { class: "soft small" }, t(`gifts.state.${gift.state}`), " · ", day(gift.redeemedAt ?? gift.deliverOn ?? gift.givenAt)),
            gift.message ? h("blockquote", { dir: "auto" }, gift.message) : null),
        gift.code ? code(gift) : null);
}

/** @param {any} gift */
function code(gift) {
    const copy = async () => {
        await navigator.clipboard.writeText(gift.link ?? gift.code);
        toast(t("gifts.copied"));
    };
    return h("div", { class: "gift-code" },
        h("code", null, gift.code),
        h("button", { class: "button button-quiet", type: "button", "aria-label": `${t("gifts.copy")}: ${gift.title}`, onclick: copy }, t("gifts.copy")));
}
