import { api, Problem } from "../lib/api.js";
import { addPendingMove, pendingMoves, setPendingMoves } from "./pending.js";

const everyMilliseconds = 15_000;
const deviceKey = "earshelf-device";

/** @typedef {{ positionMilliseconds: number, version: number, device?: { name?: string } }} Place */

/** The device's own name for itself; it tells nothing of who uses it. */
function device() {
    const id = localStorage.getItem(deviceKey) ?? crypto.randomUUID();
    localStorage.setItem(deviceKey, id);
    return { id, name: /Mobi/.test(navigator.userAgent) ? "Mobile browser" : "Browser" };
}

/**
 * Tells the shop where the listener is: every quarter of a minute while it plays, at each pause, and when the page goes. Where
 * another device is further, `player` tells `elsewhere`, and nobody is moved.
 * @param {import("./player.js").Player} player
 */
export function keepPlace(player) {
    let playedFrom = 0;
    let told = 0;
    /** @type {Promise<unknown>} */
    let last = Promise.resolve();

    /**
     * One after the other, so that each is made on the version of the one before.
     * @param {Record<string, unknown>} move
     * @param {boolean} [keepalive]
     */
    const tell = (move, keepalive = false) => {
        const id = player.book?.audiobookId;
        last = last.then(async () => {
            if (player.book?.audiobookId !== id) {
                return;
            }
            const body = { ...move, device: device(), at: new Date().toISOString(), utcOffsetMinutes: -new Date().getTimezoneOffset() };
            try {
                const answer = await api.put(`library/${id}/position`, { ...body, baseVersion: player.version }, { keepalive });
                player.version = answer.body.version;
            } catch (error) {
                if (!(error instanceof Problem)) {
                    return;
                }
                if (error.type === "offline" && id) {
                    addPendingMove({ book: id, body, baseVersion: player.version });
                } else if (error.members.position) {
                    tellElsewhere(player, error.members.position);
                }
            }
        });
    };

    const report = (keepalive = false) => {
        const position = player.position;
        if (!player.book || position === playedFrom) {
            return;
        }
        told = Date.now();
        tell({ move: "sync", positionMilliseconds: position, playedFromMilliseconds: Math.min(playedFrom, position) }, keepalive);
        playedFrom = position;
    };

    player.addEventListener("start", () => {
        playedFrom = player.position;
        told = Date.now();
    });
    player.addEventListener("time", () => {
        if (player.isPlaying && Date.now() - told > everyMilliseconds) {
            report();
        }
    });
    player.addEventListener("pause", () => report());
    player.addEventListener("seek", (event) => {
        const { from } = /** @type {CustomEvent} */ (event).detail;
        if (from > playedFrom && player.isPlaying) {
            tell({ move: "sync", positionMilliseconds: from, playedFromMilliseconds: playedFrom });
        }
        playedFrom = player.position;
        tell({ move: "seek", positionMilliseconds: player.position });
    });
    const catchUp = () => {
        last = last.then(() => tellPending(player));
    };
    addEventListener("online", catchUp);
    catchUp();
    addEventListener("pagehide", () => player.isPlaying && report(true));
}

/**
 * What was heard without a network, the oldest first, each on the version the one before made. Where the listener was moved
 * meanwhile, the rest of that book is let go, and they are asked.
 * @param {import("./player.js").Player} player
 */
async function tellPending(player) {
    /** @type {Map<string, number>} */
    const versions = new Map();
    for (let [move] = pendingMoves(); move; [move] = pendingMoves()) {
        const { book, body, baseVersion } = move;
        try {
            const answer = await api.put(`library/${book}/position`, { ...body, baseVersion: versions.get(book) ?? baseVersion });
            versions.set(book, answer.body.version);
            setPendingMoves(pendingMoves().slice(1));
            if (player.book?.audiobookId === book) {
                player.version = answer.body.version;
            }
        } catch (error) {
            if (!(error instanceof Problem) || error.type === "offline" || error.status >= 500) {
                return;
            }
            setPendingMoves(pendingMoves().filter((one) => one.book !== book));
            if (error.members.position && player.book?.audiobookId === book) {
                tellElsewhere(player, error.members.position);
            }
        }
    }
}

/**
 * @param {import("./player.js").Player} player
 * @param {Place} place
 */
function tellElsewhere(player, place) {
    player.version = place.version;
    player.dispatchEvent(new CustomEvent("elsewhere", { detail: place }));
}
