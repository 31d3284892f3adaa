import { api, Problem } from "../lib/api.js";
import { h, replace } from "../lib/dom.js";
import { field } from "../lib/forms.js";
import { day, t } from "../lib/messages.js";
import { sentence } from "../lib/states.js";
import { toast } from "../lib/toast.js";
import { table } from "./table.js";

const roles = ["admin", "editor", "support", "finance"];

/** @typedef {{ id: string, name?: string, email?: string, roles: string[], rolesVersion: string, createdAt: string }} KnownPerson */

/**
 * Who the shop knows, and what each may do.
 * @param {import("./office.js").OfficeVisit} visit
 */
export async function show({ place, query, signal }) {
    const words = query.get("q") ?? "";
    replace(
        place,
        h("h1", { tabindex: "-1" }, t("office.section.people")),
        h("form", { class: "office-filter", role: "search", action: "/office/people", method: "get" },
            field({ name: "q", label: t("office.people.search"), type: "search", value: words, maxlength: 200 }),
            h("button", { class: "button button-second" }, t("common.search.do"))),
        await table({ path: "users", query: { q: words }, label: t("office.section.people"), none: t("office.people.none"), signal, columns: [
            { name: t("office.customer"), cell: (person) => [h("bdi", null, person.name ?? "–"), h("br"), h("bdi", { class: "soft small" }, person.email ?? "")] },
            { name: t("office.since"), cell: (person) => day(person.createdAt) },
            { name: t("office.people.roles"), cell: roleChoices },
        ] }),
    );
}

/** @param {KnownPerson} person */
function roleChoices(person) {
    let { rolesVersion } = person;
    let current = person.roles;
    const boxes = roles.map((role) => h("input", { type: "checkbox", value: role, checked: current.includes(role), onchange: () => save() }));
    const save = async () => {
        const wanted = boxes.filter((box) => box.checked).map((box) => box.value);
        try {
            ({ roles: current, rolesVersion } = (await api.put(`users/${person.id}/roles`, { roles: wanted }, { ifMatch: rolesVersion })).body);
            toast(t("common.saved"));
        } catch (error) {
            toast(sentence(error), { kind: "failed" });
            if (error instanceof Problem && error.type === "changed-meanwhile") {
                ({ roles: current, rolesVersion } = (await api.get(`users/${person.id}`)).body);
            }
        }
        for (const box of boxes) {
            box.checked = current.includes(box.value);
        }
    };
    return h("div", { class: "chips" }, boxes.map((box) => h("label", { class: "choice" }, box, t(`office.role.${box.value}`))));
}
