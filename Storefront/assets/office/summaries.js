import { api } from "../lib/api.js";
import { h, redraw } from "../lib/dom.js";
import { t } from "../lib/messages.js";
import { reason, sentence } from "../lib/states.js";
import { toast } from "../lib/toast.js";

const pauseMilliseconds = 1_500;

/** @param {{ state: string }} summary */
const isUnwritten = ({ state }) => ["wanted", "writing"].includes(state);

/**
 * What a model wrote of a book, and who lets it be read: nobody sees it before.
 * @param {import("./book.js").KnownBook} known
 * @param {AbortSignal} signal
 */
export async function summaries(known, signal) {
    const path = `ai/summary/${known.body.id}`;
    const list = h("ul", { class: "list", role: "list" });
    const none = h("p", { class: "soft" }, t("office.summaries.none"));
    let asked = 0;
    let drawn = 0;
    const draw = async () => {
        asked += 1;
        const turn = asked;
        const { body } = await api.get(path, { query: { limit: 50 }, signal });
        // What was asked for before a change may come after it.
        if (turn < drawn) {
            return false;
        }
        drawn = turn;
        const shown = body.items.filter((/** @type {any} */ { state }) => !["rejected", "superseded"].includes(state));
        redraw(list, shown, line);
        none.hidden = shown.length > 0;
        return shown.length > 0 && !shown.some(isUnwritten);
    };
    /** Until all that is to come is there. */
    const follow = async () => {
        while (!signal.aborted && !(await draw())) {
            await new Promise((done) => setTimeout(done, pauseMilliseconds));
        }
    };
    const act = async (/** @type {() => Promise<unknown>} */ change) => {
        try {
            await change();
            await draw();
        } catch (error) {
            toast(sentence(error), { kind: "failed" });
        }
    };

    /** @param {any} summary */
    const line = (summary) => h("li", null,
        h("p", { class: "soft small" },
            summary.chapter ? t("office.summaries.chapter", { number: summary.chapter }) : t("office.summaries.whole"), " · ",
            t(`office.summaries.state.${summary.state}`), summary.failure ? ` (${reason(summary.failure)})` : "", summary.model ? ` · ${summary.model}` : "", ` · $${(summary.cost.microdollars / 1_000_000).toFixed(4)}`),
        summary.text ? h("p", { dir: "auto" }, summary.text) : null,
        summary.state === "draft"
            ? h("div", { class: "actions" },
                h("button", { class: "button button-second", type: "button", onclick: () => act(() => api.post(`${path}/approve`, { summaryId: summary.id })) }, t("office.summaries.approve")),
                h("button", { class: "button button-quiet", type: "button", onclick: () => act(() => api.post(`${path}/regenerate`, { summaryId: summary.id })) }, t("office.summaries.again")))
            : null);

    await draw();
    const element = h("section", { class: "card" },
        h("h2", null, t("office.summaries.title")),
        none,
        list,
        h("button", { class: "button button-quiet", type: "button", onclick: () => act(draw) }, t("office.transcript.look")));
    return { element, follow };
}
