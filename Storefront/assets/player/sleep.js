import { indexAt } from "./tracks.js";

/** @typedef {{ kind: "off" } | { kind: "minutes", until: number } | { kind: "chapter", end: number }} Sleep */

/**
 * Pauses when it is time: after some minutes, or where the chapter ends, as somebody who falls asleep wants it.
 * @param {import("./player.js").Player} player
 */
export function sleepTimer(player) {
    /** @type {Sleep} */
    let sleep = { kind: "off" };

    const set = (/** @type {Sleep} */ wanted) => {
        sleep = wanted;
        player.dispatchEvent(new Event("sleep"));
    };

    player.addEventListener("time", () => {
        const isOver = (sleep.kind === "minutes" && Date.now() >= sleep.until) || (sleep.kind === "chapter" && player.position >= sleep.end);
        if (isOver && player.isPlaying) {
            player.pause();
            set({ kind: "off" });
        }
    });
    player.addEventListener("seek", () => {
        if (sleep.kind === "chapter") {
            set({ kind: "chapter", end: chapterEnd() });
        }
    });

    const chapterEnd = () => player.chapters[indexAt(player.chapters, player.position)]?.endMilliseconds ?? player.duration;

    return {
        get current() {
            return sleep;
        },
        off: () => set({ kind: "off" }),
        afterMinutes: (/** @type {number} */ minutes) => set({ kind: "minutes", until: Date.now() + minutes * 60_000 }),
        atChapterEnd: () => set({ kind: "chapter", end: chapterEnd() }),
    };
}
