import { api, Problem } from "../lib/api.js";
import { windowMilliseconds, wordsOf } from "./words.js";

const cacheName = "earshelf-books";
/** Where the service worker keeps what it has seen of the API. */
const seenName = "earshelf-own";
const partBytes = 2 * 1024 * 1024;

/** @typedef {import("./tracks.js").Track & { bytes: number, contentType: string }} DownloadedTrack */

/** @param {string} id */
const address = (id) => `/offline/${id}`;

/**
 * The files of a book that is kept whole, at addresses the service worker answers; null where it is not.
 * @param {string} id
 * @returns {Promise<import("./tracks.js").Track[] | null>}
 */
export async function keptTracks(id) {
    if (!("caches" in globalThis) || !navigator.serviceWorker?.controller) {
        return null;
    }
    const known = await (await caches.open(cacheName)).match(address(id));
    const tracks = known ? await known.json() : null;
    return tracks?.isWhole ? tracks.tracks : null;
}

/**
 * Fetches a book in ranges and keeps them, one by one: what was there when it ended is there when it goes on. The bytes of each
 * are counted.
 * @param {string} id
 * @param {(share: number) => void} tell
 * @param {AbortSignal} signal
 */
export async function keep(id, tell, signal) {
    const cache = await caches.open(cacheName);
    /** @type {{ tracks: DownloadedTrack[] }} */
    const { tracks } = (await api.post(`library/${id}/download`, undefined, { signal })).body;
    await navigator.storage?.persist?.();
    const all = tracks.reduce((sum, track) => sum + track.bytes, 0);
    let done = 0;
    for (const track of tracks) {
        const path = `${address(id)}/${track.position}`;
        for (let start = 0, number = 0; start < track.bytes; start += partBytes, number += 1) {
            const end = Math.min(start + partBytes, track.bytes);
            if (!(await cache.match(`${path}/${number}`))) {
                await cache.put(`${path}/${number}`, new Response(await part(track, start, end, signal)));
            }
            done += end - start;
            tell(done / all);
        }
        await cache.put(path, asJSON({ bytes: track.bytes, contentType: track.contentType, partBytes }));
    }
    await keepWords(id, tracks[tracks.length - 1].endMilliseconds, signal);
    const local = tracks.map((track) => ({ ...track, url: `${address(id)}/${track.position}`, renewAt: "9999-12-31T00:00:00Z" }));
    await cache.put(address(id), asJSON({ isWhole: true, tracks: local }));
}

/**
 * @param {DownloadedTrack} track
 * @param {number} start
 * @param {number} end
 * @param {AbortSignal} signal
 */
async function part(track, start, end, signal) {
    const response = await fetch(track.url, { headers: { range: `bytes=${start}-${end - 1}` }, signal });
    const blob = await response.blob();
    if (response.status !== 206 || blob.size !== end - start) {
        throw new Error(`The storage answered ${response.status} with ${blob.size} bytes`);
    }
    return blob;
}

/**
 * All that is said in a book, asked for as it is when one reads along: the service worker keeps what it sees.
 * @param {string} id
 * @param {number} duration
 * @param {AbortSignal} signal
 */
async function keepWords(id, duration, signal) {
    try {
        for (let number = 0; number * windowMilliseconds <= duration; number += 1) {
            await wordsOf(id, number, signal);
        }
    } catch (error) {
        if (!(error instanceof Problem && error.type === "no-transcript")) {
            throw error;
        }
    }
}

/** @param {string} id */
export async function forget(id) {
    await removeBelow(cacheName, address(id));
    await removeBelow(seenName, `/api/v1/library/${id}/transcript`);
}

/** @param {string} name of a cache @param {string} path */
async function removeBelow(name, path) {
    const cache = await caches.open(name);
    const found = (await cache.keys()).filter(({ url }) => `${new URL(url).pathname}/`.startsWith(`${path}/`));
    await Promise.all(found.map((request) => cache.delete(request)));
}

/** How much room is taken, in megabytes. */
export async function megabytesTaken() {
    const { usage = 0 } = (await navigator.storage?.estimate?.()) ?? {};
    return Math.round(usage / 1_000_000);
}

/** @param {unknown} value */
function asJSON(value) {
    return new Response(JSON.stringify(value), { headers: { "content-type": "application/json" } });
}
