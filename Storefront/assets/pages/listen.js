import { bookmarkList } from "../elements/bookmarks.js";
import { bookFiles } from "../elements/files.js";
import { keepOffline } from "../elements/keep-offline.js";
import { passageSearch } from "../elements/passages.js";
import { recap } from "../elements/recap.js";
import { api } from "../lib/api.js";
import { cover } from "../lib/cover.js";
import { h, icon, replace } from "../lib/dom.js";
import { choiceField } from "../lib/forms.js";
import { clock, duration, number, t } from "../lib/messages.js";
import { requirePerson } from "../lib/session.js";
import { notice } from "../lib/states.js";
import { playButton, skips } from "../player/element.js";
import { player } from "../player/player.js";
import { readAlong } from "../player/read-along.js";
import { sleepTimer } from "../player/sleep.js";
import { chapterStart, indexAt } from "../player/tracks.js";

const speeds = [0.5, 0.75, 0.9, 1, 1.1, 1.25, 1.5, 1.75, 2, 2.5, 3, 3.5];
const sleepMinutes = [5, 15, 30, 45, 60];
const sleep = sleepTimer(player);

/** @param {HTMLElement} main @param {import("../lib/navigation.js").Visit} visit */
export async function show(main, { parameters, query, signal }) {
    if (!(await requirePerson(main))) {
        return;
    }
    await player.open(parameters.id);
    const wanted = Number(query.get("at"));
    if (wanted > 0) {
        player.seek(wanted);
    }
    const { book } = player;
    if (signal.aborted || !book) {
        return;
    }
    const controls = h("div", { class: "controls" });
    const slider = h("input", { type: "range", min: 0, max: player.duration, step: 1000, "aria-label": t("player.position"), oninput: () => showTime(Number(slider.value)), onchange: () => player.seek(Number(slider.value)) });
    const time = h("div", { class: "listen-time number" });
    const chapters = h("ol", { class: "chapter-list listen-chapters", role: "list" });
    const elsewhere = h("div", { "aria-live": "polite" });

    /** @param {number} position */
    const showTime = (position) => {
        const left = (player.duration - position) / player.speed;
        replace(time, h("span", null, clock(position)), h("span", { class: "soft" }, t("shop.home.left", { duration: duration(left) })));
        slider.setAttribute("aria-valuetext", t("player.at", { position: clock(position), duration: clock(player.duration) }));
    };
    const tick = () => {
        if (document.activeElement !== slider || player.isPlaying) {
            slider.value = String(player.position);
        }
        showTime(player.position);
        markChapter(chapters);
    };
    const draw = () => {
        const hadFocus = controls.contains(document.activeElement);
        const focused = hadFocus ? [...controls.children].indexOf(/** @type {Element} */ (document.activeElement)) : -1;
        replace(controls, ...buttons());
        /** @type {HTMLElement | undefined} */ (controls.children[focused])?.focus();
        tick();
    };
    replace(chapters, player.chapters.map(chapterLine));
    replace(
        main,
        h("div", { class: "listen" },
            cover(book, { size: 800, class: "cover-large" }),
            h("div", { class: "listen-side" },
                h("h1", { tabindex: "-1", dir: "auto" }, book.title),
                h("p", { class: "soft", dir: "auto" }, book.authors.join(", ")),
                elsewhere,
                slider,
                time,
                controls,
                h("div", { class: "field-pair" }, speedField(book.audiobookId), sleepField(signal)),
                keepOffline(book.audiobookId, signal))),
        readAlong(book.audiobookId, signal),
        h("div", { class: "columns" },
            h("section", null,
                h("h2", null, t("shop.book.chapters")),
                chapters,
                recap(book.audiobookId, signal),
                passageSearch({ path: `library/${book.audiobookId}/search`, label: t("player.search.here"), go: ({ milliseconds }) => player.seek(milliseconds) })),
            h("div", { class: "aside" },
                await bookmarkList(book.audiobookId, signal).catch(() => null),
                await bookFiles(book.audiobookId, signal).catch(() => null))),
    );
    draw();
    for (const [event, listener] of /** @type {[string, EventListener][]} */ ([["change", draw], ["time", tick]])) {
        player.addEventListener(event, listener, { signal });
    }
    player.addEventListener("elsewhere", (event) => {
        const place = /** @type {CustomEvent} */ (event).detail;
        const jump = () => {
            player.seek(place.positionMilliseconds);
            replace(elsewhere);
        };
        replace(elsewhere, notice("hint",
            t("player.elsewhere", { position: clock(place.positionMilliseconds) }), " ",
            h("button", { class: "link", type: "button", onclick: jump }, t("player.jump"))));
    }, { signal });
}

function buttons() {
    const button = (/** @type {string} */ name, /** @type {string} */ text, /** @type {() => unknown} */ act) =>
        h("button", { class: "button button-icon", type: "button", "aria-label": text, onclick: act }, icon(name));
    const back = t("player.back", { seconds: number(skips.back / 1000) });
    const forward = t("player.forward", { seconds: number(skips.forward / 1000) });
    return [
        button("previous", t("player.previousChapter"), () => player.seek(chapterStart(player.chapters, player.position, -1))),
        button("back", back, () => player.seek(player.position - skips.back)),
        playButton("controls-play"),
        button("forward", forward, () => player.seek(player.position + skips.forward)),
        button("next", t("player.nextChapter"), () => player.seek(chapterStart(player.chapters, player.position, 1))),
    ];
}

/** @param {import("../player/tracks.js").Chapter} chapter @param {number} index */
function chapterLine(chapter, index) {
    const start = () => {
        player.seek(chapter.startMilliseconds);
        player.play();
    };
    return h("li", null,
        h("span", { class: "soft number" }, number(index + 1)),
        h("button", { class: "link chapter-button", type: "button", dir: "auto", onclick: start }, chapter.title),
        h("span", { class: "soft number" }, clock(chapter.endMilliseconds - chapter.startMilliseconds)));
}

/** @param {HTMLElement} list */
function markChapter(list) {
    const current = indexAt(player.chapters, player.position);
    for (const [index, line] of [...list.children].entries()) {
        const button = line.querySelector("button");
        if (index === current) {
            button?.setAttribute("aria-current", "true");
        } else {
            button?.removeAttribute("aria-current");
        }
    }
}

/** @param {string} id */
function speedField(id) {
    const values = [...new Set([...speeds, player.speed])].sort((one, other) => one - other);
    const change = async (/** @type {Event} */ event) => {
        player.setSpeed(Number(/** @type {HTMLSelectElement} */ (event.target).value));
        await api.put(`library/${id}/settings`, { speed: player.speed });
    };
    return choiceField({ name: "speed", label: t("account.speed"), value: String(player.speed), choices: values.map((speed) => [String(speed), `${number(speed)}×`]), onchange: change });
}

/** @param {AbortSignal} signal */
function sleepField(signal) {
    const choose = (/** @type {Event} */ event) => {
        const { value } = /** @type {HTMLSelectElement} */ (event.target);
        if (value === "off") {
            sleep.off();
        } else if (value === "chapter") {
            sleep.atChapterEnd();
        } else {
            sleep.afterMinutes(Number(value));
        }
    };
    const place = choiceField({
        name: "sleep",
        label: t("player.sleep"),
        value: sleep.current.kind === "chapter" ? "chapter" : "off",
        choices: [["off", t("player.sleeps.off")], ...sleepMinutes.map((minutes) => /** @type {[string, string]} */ ([String(minutes), t("common.duration.minutes", { minutes: number(minutes) })])), ["chapter", t("player.sleeps.chapter")]],
        onchange: choose,
    });
    player.addEventListener("sleep", () => {
        const select = place.querySelector("select");
        if (select && sleep.current.kind === "off") {
            select.value = "off";
        }
    }, { signal });
    return place;
}
