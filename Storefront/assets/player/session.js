import { chapterStart, indexAt } from "./tracks.js";

/**
 * The keys of keyboards and headphones, and the lock screen.
 * @param {import("./player.js").Player} player
 * @param {{ back: number, forward: number }} skips in milliseconds
 */
export function mediaSession(player, skips) {
    if (!("mediaSession" in navigator)) {
        return;
    }
    const { mediaSession: session } = navigator;
    /** @type {[MediaSessionAction, (details: MediaSessionActionDetails) => void][]} */
    const actions = [
        ["play", () => player.play()],
        ["pause", () => player.pause()],
        ["seekbackward", ({ seekOffset }) => player.seek(player.position - (seekOffset ? seekOffset * 1000 : skips.back))],
        ["seekforward", ({ seekOffset }) => player.seek(player.position + (seekOffset ? seekOffset * 1000 : skips.forward))],
        ["previoustrack", () => player.seek(chapterStart(player.chapters, player.position, -1))],
        ["nexttrack", () => player.seek(chapterStart(player.chapters, player.position, 1))],
        ["seekto", ({ seekTime }) => player.seek((seekTime ?? 0) * 1000)],
    ];
    for (const [action, act] of actions) {
        session.setActionHandler(action, act);
    }
    const show = () => {
        const { book } = player;
        if (!book) {
            return;
        }
        session.metadata = new MediaMetadata({
            title: player.chapters[indexAt(player.chapters, player.position)]?.title ?? book.title,
            artist: book.authors.join(", "),
            album: book.title,
            artwork: [400, 800].map((size) => ({ src: `/api/v1/audiobooks/${book.slug}/cover?size=${size}`, sizes: `${size}x${size}`, type: "image/jpeg" })),
        });
        session.playbackState = player.isPlaying ? "playing" : "paused";
        session.setPositionState({
            duration: player.duration / 1000,
            position: Math.min(player.position, player.duration) / 1000,
            playbackRate: player.speed,
        });
    };
    for (const event of ["change", "seek"]) {
        player.addEventListener(event, show);
    }
}
