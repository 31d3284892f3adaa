import { api } from "../lib/api.js";
import { keptTracks } from "./offline.js";
import { pendingPosition } from "./pending.js";
import { indexAt } from "./tracks.js";

/** @typedef {import("./tracks.js").Track} Track */
/** @typedef {{ audiobookId: string, slug: string, title: string, authors: string[], durationMilliseconds: number }} Book */

const slowest = 0.5;
const fastest = 3.5;
/** A timer that is longer runs out at once. */
const longestTimer = 2 ** 31 - 1;

/**
 * One book that plays, over all pages. It tells by events: `change` of what is shown, `time` as it goes, `start`, `pause` and
 * `seek` for whoever keeps the place, `failed` where it cannot go on.
 */
export class Player extends EventTarget {
    audio = new Audio();
    /** @type {Book | null} */
    book = null;
    /** @type {import("./tracks.js").Chapter[]} */
    chapters = [];
    /** The version of the place, as the shop knew it last. */
    version = 0;
    speed = 1;
    /** @type {Track[]} */
    #tracks = [];
    #track = -1;
    /** Where the next file is to begin once the browser knows it. */
    #wanted = 0;
    #isRenewed = false;
    #renewal = 0;

    constructor() {
        super();
        this.audio.preload = "auto";
        this.audio.addEventListener("timeupdate", () => this.#tell("time"));
        this.audio.addEventListener("play", () => {
            this.#tell("change");
            this.#tell("start");
        });
        this.audio.addEventListener("pause", () => {
            this.#tell("change");
            this.#tell("pause");
        });
        this.audio.addEventListener("loadedmetadata", () => {
            this.audio.currentTime = this.#wanted / 1000;
            this.audio.playbackRate = this.speed;
        });
        this.audio.addEventListener("playing", () => {
            this.#isRenewed = false;
        });
        this.audio.addEventListener("ended", () => this.#next());
        this.audio.addEventListener("error", () => this.#recover());
    }

    get isPlaying() {
        return !this.audio.paused && !this.audio.ended;
    }

    /** Where in the book it is. */
    get position() {
        const track = this.#tracks[this.#track];
        if (!track) {
            return 0;
        }
        const isKnown = this.audio.readyState > 0;
        return Math.min(track.endMilliseconds, track.startMilliseconds + Math.round(isKnown ? this.audio.currentTime * 1000 : this.#wanted));
    }

    get duration() {
        return this.book?.durationMilliseconds ?? 0;
    }

    /**
     * Gets a book ready at its place. One that is there already goes on.
     * @param {string} id
     */
    async open(id) {
        if (this.book?.audiobookId === id) {
            return;
        }
        const [{ body }, tracks] = await Promise.all([api.get(`library/${id}`), tracksOf(id)]);
        this.audio.pause();
        this.#tracks = tracks;
        this.#track = -1;
        this.book = body.book;
        this.chapters = body.chapters;
        this.version = body.position.version;
        this.speed = body.settings.speed;
        this.#planRenewal();
        const positionMilliseconds = pendingPosition(id) ?? body.position.positionMilliseconds;
        this.#load(positionMilliseconds >= this.duration ? 0 : positionMilliseconds);
        this.#tell("change");
    }

    async play() {
        try {
            await this.audio.play();
        } catch (error) {
            if (!(error instanceof DOMException && error.name === "AbortError")) {
                this.#tell("failed");
            }
        }
    }

    pause() {
        this.audio.pause();
    }

    toggle() {
        return this.isPlaying ? this.pause() : this.play();
    }

    /**
     * The listener's own choice of a place.
     * @param {number} milliseconds
     */
    seek(milliseconds) {
        const from = this.position;
        this.#load(Math.min(Math.max(0, milliseconds), this.duration));
        this.dispatchEvent(new CustomEvent("seek", { detail: { from } }));
        this.#tell("time");
    }

    /** @param {number} speed */
    setSpeed(speed) {
        this.speed = Math.min(fastest, Math.max(slowest, Math.round(speed * 100) / 100));
        this.audio.playbackRate = this.speed;
        this.#tell("change");
    }

    /** @param {number} milliseconds */
    #load(milliseconds) {
        const index = indexAt(this.#tracks, milliseconds);
        const track = this.#tracks[index];
        this.#wanted = milliseconds - track.startMilliseconds;
        if (index === this.#track && this.audio.readyState > 0) {
            this.audio.currentTime = this.#wanted / 1000;
            return;
        }
        const isPlaying = this.isPlaying;
        this.#track = index;
        this.audio.src = track.url;
        if (isPlaying) {
            this.play();
        }
    }

    #next() {
        const track = this.#tracks[this.#track];
        if (this.#track + 1 < this.#tracks.length) {
            this.#load(track.endMilliseconds);
            this.play();
        } else {
            this.#tell("change");
            this.#tell("pause");
        }
    }

    /** Addresses of files end. One that has ended is asked for again, once, and nobody hears it. */
    async #recover() {
        if (!this.book || this.#isRenewed || !this.audio.src) {
            this.#tell("failed");
            return;
        }
        this.#isRenewed = true;
        const position = this.position;
        const wasPlaying = !this.audio.paused;
        try {
            await this.#renew();
            this.#track = -1;
            this.#load(position);
            if (wasPlaying) {
                await this.play();
            }
        } catch {
            this.#tell("failed");
        }
    }

    async #renew() {
        this.#tracks = await tracksOf(this.book?.audiobookId ?? "");
        this.#planRenewal();
    }

    /** Before they end: what plays goes on from the old address, the next file comes from the new one. */
    #planRenewal() {
        clearTimeout(this.#renewal);
        const first = Math.min(...this.#tracks.map((track) => Date.parse(track.renewAt)));
        this.#renewal = window.setTimeout(() => this.#renew().catch(() => undefined), Math.min(longestTimer, Math.max(1_000, first - Date.now())));
    }

    /** @param {string} name */
    #tell(name) {
        this.dispatchEvent(new Event(name));
    }
}

/**
 * From here where the book is kept, else from the shop.
 * @param {string} id
 * @returns {Promise<Track[]>}
 */
async function tracksOf(id) {
    return (await keptTracks(id)) ?? (await api.post(`library/${id}/stream`)).body.tracks;
}

export const player = new Player();
