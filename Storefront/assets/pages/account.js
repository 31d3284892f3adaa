import { api } from "../lib/api.js";
import { confirmDialog } from "../lib/dialog.js";
import { h, replace } from "../lib/dom.js";
import { choiceField, field, onSubmit } from "../lib/forms.js";
import { language, number, t } from "../lib/messages.js";
import { requirePerson, signOut } from "../lib/session.js";
import { remember } from "../lib/settings.js";
import { sentence } from "../lib/states.js";
import { toast } from "../lib/toast.js";

const speeds = [0.5, 0.75, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3, 3.5];
const skips = [5, 10, 15, 30, 45, 60, 90, 120];
const typed = "forget me";

/** @param {HTMLElement} main @param {import("../lib/navigation.js").Visit} visit */
export async function show(main, { signal }) {
    if (!(await requirePerson(main))) {
        return;
    }
    const [me, preferences] = await Promise.all([api.get("me", { signal }), api.get("me/preferences", { signal })]);
    replace(
        main,
        h("h1", { tabindex: "-1" }, t("common.account")),
        h("div", { class: "account" }, nameForm(me), preferenceForm(preferences), takeAlong(), leave()),
    );
}

/** @param {import("../lib/api.js").Answer} answer */
function nameForm({ body, etag }) {
    let version = etag;
    const form = h("form", { class: "card" },
        h("h2", null, t("account.who")),
        h("p", { class: "soft", dir: "auto" }, [body.name, body.email].filter(Boolean).join(" · ")),
        field({ name: "displayName", label: t("account.displayName"), hint: t("account.displayNameHint"), value: body.displayName ?? "", maxlength: 100, dir: "auto", autocomplete: "nickname" }),
        h("button", { class: "button" }, t("common.save")));
    onSubmit(form, async ({ displayName }) => {
        version = (await api.patch("me", { displayName: displayName ?? null }, { ifMatch: version })).etag;
        toast(t("common.saved"));
    });
    return form;
}

/** @param {import("../lib/api.js").Answer} answer */
function preferenceForm({ body, etag }) {
    let version = etag;
    let current = body;
    const form = h("form", { class: "card" },
        h("h2", null, t("account.preferences")),
        choiceField({ name: "language", label: t("account.language"), value: language(), choices: [["en", "English"], ["ar", "العربية"]] }),
        choiceField({ name: "theme", label: t("account.theme"), value: current.theme, choices: ["system", "light", "dark"].map((theme) => [theme, t(`account.themes.${theme}`)]) }),
        choiceField({ name: "speed", label: t("account.speed"), hint: t("account.speedHint"), value: String(current.speed), choices: withCurrent(speeds, current.speed).map((speed) => [String(speed), `${number(speed)}×`]) }),
        h("div", { class: "field-pair" },
            choiceField({ name: "skipBackSeconds", label: t("account.skipBack"), value: String(current.skipBackSeconds), choices: withCurrent(skips, current.skipBackSeconds).map(seconds) }),
            choiceField({ name: "skipForwardSeconds", label: t("account.skipForward"), value: String(current.skipForwardSeconds), choices: withCurrent(skips, current.skipForwardSeconds).map(seconds) })),
        h("fieldset", { class: "field" },
            h("legend", null, t("account.mail")),
            h("label", { class: "choice" }, h("input", { type: "checkbox", checked: true, disabled: true }), h("span", null, t("account.receipts"))),
            h("label", { class: "choice" }, h("input", { type: "checkbox", name: "news", checked: current.mail.news }), h("span", null, t("account.news")))),
        h("button", { class: "button" }, t("common.save")));
    onSubmit(form, async (values) => {
        const wanted = {
            ...current,
            language: values.language === current.language.slice(0, 2) ? current.language : values.language,
            theme: values.theme,
            speed: Number(values.speed),
            skipBackSeconds: Number(values.skipBackSeconds),
            skipForwardSeconds: Number(values.skipForwardSeconds),
            mail: { receipts: true, news: values.news !== undefined },
        };
        const answer = await api.put("me/preferences", wanted, { ifMatch: version });
        ({ body: current, etag: version } = answer);
        remember("theme", values.theme);
        remember("language", values.language);
        if (values.language !== language()) {
            location.reload();
        }
        toast(t("common.saved"));
    });
    return form;
}

/**
 * What was chosen elsewhere is a choice here too.
 * @param {number[]} usual
 * @param {number} current
 */
function withCurrent(usual, current) {
    return [...new Set([...usual, current])].sort((one, other) => one - other);
}

/**
 * @param {number} count
 * @returns {[string, string]}
 */
function seconds(count) {
    return [String(count), t("common.duration.seconds", { seconds: number(count) })];
}

function takeAlong() {
    return h("section", { class: "card" },
        h("h2", null, t("account.export")),
        h("p", null, t("account.exportDetail")),
        h("a", { class: "button button-second", href: "/api/v1/me/export", download: "earshelf.json" }, t("account.exportDo")));
}

function leave() {
    const forget = async () => {
        const isSure = await confirmDialog({
            title: t("account.erase"),
            detail: t("account.eraseDetail"),
            confirm: t("account.eraseDo"),
            isDangerous: true,
            typed,
            typedLabel: t("account.eraseType", { words: typed }),
        });
        if (!isSure) {
            return;
        }
        try {
            await api.delete(`me?confirmation=${encodeURIComponent(typed)}`);
            await signOut();
        } catch (error) {
            toast(sentence(error), { kind: "failed" });
        }
    };
    return h("section", { class: "card card-danger" },
        h("h2", null, t("account.erase")),
        h("p", null, t("account.eraseDetail")),
        h("button", { class: "button button-danger", type: "button", onclick: forget }, t("account.eraseDo")));
}
