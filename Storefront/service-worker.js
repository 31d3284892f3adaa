/**
 * What is there without a network: the pages and programs that were seen, and the books somebody keeps.
 * With a network everything comes from it, so that nothing here can be out of date.
 */
const shell = "earshelf-shell-1";
const own = "earshelf-own";
const books = "earshelf-books";
const kept = [shell, own, books];

/** What of the API is worth having on a journey: who one is, what one owns, and where one is in it. */
const ownPaths = /^\/api\/v1\/(me|me\/preferences|cart|library(\/[^/]+(\/(bookmarks|transcript|recap|position))?)?)$/;
const shellPaths = /^\/(assets|messages)\/|^\/(favicon\.svg|manifest\.webmanifest)$/;
const coverPaths = /^\/api\/v1\/audiobooks\/[^/]+\/cover$/;

const worker = /** @type {any} */ (self);

worker.addEventListener("install", (/** @type {any} */ event) => {
    event.waitUntil(caches.open(shell).then((cache) => cache.addAll(["/library", "/favicon.svg"])).catch(() => undefined).then(() => worker.skipWaiting()));
});

worker.addEventListener("activate", (/** @type {any} */ event) => {
    const old = async () => {
        const names = (await caches.keys()).filter((name) => name.startsWith("earshelf-") && !kept.includes(name));
        await Promise.all(names.map((name) => caches.delete(name)));
        await worker.clients.claim();
    };
    event.waitUntil(old());
});

worker.addEventListener("message", (/** @type {any} */ event) => {
    if (event.data === "signed-out") {
        event.waitUntil(Promise.all([caches.delete(own), caches.delete(books)]));
    }
});

worker.addEventListener("fetch", (/** @type {any} */ event) => {
    const { request } = event;
    const url = new URL(request.url);
    if (request.method !== "GET" || url.origin !== location.origin) {
        return;
    }
    if (url.pathname.startsWith("/offline/")) {
        event.respondWith(partOfBook(url.pathname, request.headers.get("range")));
    } else if (shellPaths.test(url.pathname)) {
        event.respondWith(fresh(request, shell));
    } else if (ownPaths.test(url.pathname) || coverPaths.test(url.pathname)) {
        event.respondWith(fresh(request, own));
    } else if (request.headers.get("accept")?.includes("text/html") && !/^\/(api|auth|_earshelf)\//.test(url.pathname)) {
        event.respondWith(fresh(request, own, url.pathname.startsWith("/library") ? "/library" : undefined));
    }
});

/**
 * From the network, and kept; what was kept where there is none.
 * @param {Request} request
 * @param {string} name of the cache
 * @param {string} [instead] a page that draws itself by its address
 */
async function fresh(request, name, instead) {
    try {
        const response = await fetch(request);
        if (response.ok && (response.type === "basic" || response.type === "cors")) {
            const cache = await caches.open(name);
            await cache.put(request.url, response.clone());
        }
        return response;
    } catch (error) {
        const known = (await caches.match(request.url, { ignoreVary: true })) ?? (instead ? await caches.match(instead, { ignoreVary: true }) : undefined);
        if (known) {
            return known;
        }
        throw error;
    }
}

/**
 * A file of a kept book, put together of its parts, as a player asks for it: by ranges.
 * @param {string} path
 * @param {string | null} range
 */
async function partOfBook(path, range) {
    const cache = await caches.open(books);
    const about = await (await cache.match(path))?.json();
    if (!about) {
        return new Response(null, { status: 404 });
    }
    const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [null, "0", ""];
    const start = Number(from);
    if (start >= about.bytes) {
        return new Response(null, { status: 416, headers: { "content-range": `bytes */${about.bytes}` } });
    }
    const end = Math.min(to === "" ? Infinity : Number(to), about.bytes - 1);
    const blobs = [];
    for (let number = Math.floor(start / about.partBytes); number <= Math.floor(end / about.partBytes); number += 1) {
        const blob = await (await cache.match(`${path}/${number}`))?.blob();
        if (!blob) {
            return new Response(null, { status: 404 });
        }
        const first = number * about.partBytes;
        blobs.push(blob.slice(Math.max(0, start - first), end + 1 - first));
    }
    const headers = { "content-type": about.contentType, "accept-ranges": "bytes", "content-length": String(end + 1 - start) };
    return range
        ? new Response(new Blob(blobs), { status: 206, headers: { ...headers, "content-range": `bytes ${start}-${end}/${about.bytes}` } })
        : new Response(new Blob(blobs), { status: 200, headers });
}
