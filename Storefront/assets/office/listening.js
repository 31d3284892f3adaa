import { api } from "../lib/api.js";
import { indexAt } from "../player/tracks.js";

/** @typedef {import("../player/tracks.js").Track} Track */

/** A recording that its editor listens to, here and there. It tells by events: `change` when it begins or ends, `time` as it goes. */
export class Listening extends EventTarget {
    #audio = new Audio();
    #book;
    /** @type {Promise<Track[]> | null} */
    #opening = null;
    /** @type {Track[]} */
    #tracks = [];
    #track = -1;
    /** Where the file is to begin once the browser knows it. */
    #wanted = 0;
    #end = Infinity;
    #isRenewed = false;

    /**
     * @param {string} audiobookId
     * @param {AbortSignal} signal
     */
    constructor(audiobookId, signal) {
        super();
        this.#book = audiobookId;
        this.#audio.addEventListener("timeupdate", () => this.#passed());
        this.#audio.addEventListener("loadedmetadata", () => {
            this.#audio.currentTime = this.#wanted / 1000;
        });
        this.#audio.addEventListener("playing", () => {
            this.#isRenewed = false;
        });
        for (const event of ["play", "pause"]) {
            this.#audio.addEventListener(event, () => this.dispatchEvent(new Event("change")));
        }
        this.#audio.addEventListener("ended", () => this.#next());
        this.#audio.addEventListener("error", () => this.#renew());
        signal.addEventListener("abort", () => this.pause());
    }

    get isPlaying() {
        return !this.#audio.paused;
    }

    /** Where in the book it is. */
    get position() {
        const track = this.#tracks[this.#track];
        return track ? track.startMilliseconds + (this.#audio.readyState > 0 ? Math.round(this.#audio.currentTime * 1000) : this.#wanted) : 0;
    }

    /**
     * @param {number} from
     * @param {number} [to] all that is left, where it is not told
     */
    async play(from, to = Infinity) {
        this.#opening ??= this.#open();
        this.#tracks = await this.#opening;
        this.#end = to;
        this.#load(from);
        await this.#audio.play();
    }

    pause() {
        this.#audio.pause();
    }

    async #open() {
        try {
            return (await api.get(`transcription/${this.#book}/audio`)).body.tracks;
        } catch (error) {
            this.#opening = null;
            throw error;
        }
    }

    /** @param {number} milliseconds */
    #load(milliseconds) {
        const index = indexAt(this.#tracks, milliseconds);
        this.#wanted = milliseconds - this.#tracks[index].startMilliseconds;
        if (index === this.#track && this.#audio.readyState > 0) {
            this.#audio.currentTime = this.#wanted / 1000;
        } else {
            this.#track = index;
            this.#audio.src = this.#tracks[index].url;
        }
    }

    #passed() {
        if (this.position >= this.#end) {
            this.pause();
        }
        this.dispatchEvent(new Event("time"));
    }

    #next() {
        const next = this.#tracks[this.#track + 1];
        if (next && next.startMilliseconds < this.#end) {
            this.#load(next.startMilliseconds);
            this.#audio.play();
        }
    }

    /** An address has ended; the next is asked for once. */
    async #renew() {
        if (this.#isRenewed) {
            return;
        }
        this.#isRenewed = true;
        const { position } = this;
        this.#track = -1;
        this.#opening = null;
        await this.play(position, this.#end).catch(() => this.dispatchEvent(new Event("change")));
    }
}
