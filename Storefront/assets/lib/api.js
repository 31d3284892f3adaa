import { t } from "./messages.js";

/**
 * @typedef {{ status: number, body: any, etag: string | null, headers: Headers }} Answer
 * @typedef {Record<string, string | number | boolean | null | undefined | (string | number)[]>} Query
 * @typedef {{ key?: boolean | string, ifMatch?: string | null, signal?: AbortSignal, keepalive?: boolean }} ChangeOptions
 * @typedef {{ path: string, method: string, headers: Record<string, string>, text?: string, signal?: AbortSignal, keepalive?: boolean }} Asked
 */

const longestWaitSeconds = 10;

/** What the shop refuses (RFC 9457), or `offline` where it cannot be reached. */
export class Problem extends Error {
    /** @param {{ type: string, title: string, detail?: string, status: number, errors?: { pointer?: string, parameter?: string, detail: string }[] }} members */
    constructor(members) {
        super(members.detail || members.title);
        this.type = members.type;
        this.title = members.title;
        this.detail = members.detail ?? "";
        this.status = members.status;
        this.errors = members.errors ?? [];
        this.members = /** @type {Record<string, any>} */ (members);
    }
}

/** Whether the network is gone or the shop is, nobody here can tell. */
export function unreachable() {
    return new Problem({ type: "offline", title: t("common.offline.title"), detail: t("common.offline.detail"), status: 0 });
}

/**
 * Under what key an intent was sent before. It is kept until the intent has succeeded, so that pressing a button again
 * after a failure does nothing twice.
 * @type {Map<string, string>}
 */
const keys = new Map();

export const api = {
    /**
     * @param {string} path below `/api/v1/`
     * @param {{ query?: Query, signal?: AbortSignal, etag?: string | null }} options by `etag`, what is unchanged has status 304 and no body
     */
    get(path, { query, signal, etag } = {}) {
        /** @type {Record<string, string>} */
        const headers = etag ? { "if-none-match": etag } : {};
        return send({ path: address(path, query), method: "GET", headers, signal });
    },
    /** @param {string} path @param {unknown} [body] @param {ChangeOptions} [options] */
    post: (path, body, options) => change("POST", path, body, options),
    /** @param {string} path @param {unknown} [body] @param {ChangeOptions} [options] */
    put: (path, body, options) => change("PUT", path, body, options),
    /** @param {string} path @param {unknown} [body] @param {ChangeOptions} [options] */
    patch: (path, body, options) => change("PATCH", path, body, options),
    /** @param {string} path @param {unknown} [body] @param {ChangeOptions} [options] */
    delete: (path, body, options) => change("DELETE", path, body, options),
};

/**
 * @param {string} path
 * @param {Query} [query]
 */
export function address(path, query = {}) {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
        for (const one of Array.isArray(value) ? value : [value]) {
            if (one !== null && one !== undefined && one !== "") {
                parameters.append(name, String(one));
            }
        }
    }
    const text = parameters.toString();
    return `/api/v1/${path}${text ? (path.includes("?") ? "&" : "?") + text : ""}`;
}

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} body
 * @param {ChangeOptions} options
 * @returns {Promise<Answer>}
 */
async function change(method, path, body, { key, ifMatch, signal, keepalive } = {}) {
    /** @type {Record<string, string>} */
    const headers = {};
    const text = body === undefined ? undefined : JSON.stringify(body);
    if (text !== undefined) {
        headers["content-type"] = "application/json";
    }
    if (ifMatch) {
        headers["if-match"] = ifMatch;
    }
    const intent = `${method} ${path} ${text ?? ""}`;
    if (key) {
        const name = typeof key === "string" ? key : keys.get(intent) ?? crypto.randomUUID();
        keys.set(intent, name);
        headers["idempotency-key"] = name;
    }
    const answer = await send({ path: address(path), method, headers, text, signal, keepalive });
    keys.delete(intent);
    return answer;
}

/**
 * @param {Asked} asked
 * @returns {Promise<Answer>}
 */
async function send(asked) {
    // Without its session, who is signed in would be answered as a guest is.
    if (isOver(sessionEnd())) {
        await refresh();
    }
    let response = await reach(asked);
    if (response.status === 401 && sessionEnd() !== null && (await refresh())) {
        response = await reach(asked);
    }
    const seconds = Number(response.headers.get("retry-after"));
    if ((response.status === 429 || response.status === 503) && seconds > 0 && seconds <= longestWaitSeconds) {
        await new Promise((done) => setTimeout(done, seconds * 1000));
        asked.signal?.throwIfAborted();
        response = await reach(asked);
    }
    try {
        return await read(response);
    } catch (error) {
        throw error instanceof Problem || asked.signal?.aborted ? error : unreachable();
    }
}

/**
 * @param {Asked} asked
 * @returns {Promise<Response>}
 */
async function reach({ path, method, headers, text, signal, keepalive }) {
    try {
        const accept = "application/json, application/problem+json";
        return await fetch(path, { method, headers: { accept, ...headers }, body: text, signal, keepalive });
    } catch (error) {
        if (signal?.aborted) {
            throw error;
        }
        throw unreachable();
    }
}

/**
 * @param {Response} response
 * @returns {Promise<Answer>}
 */
async function read(response) {
    const isJSON = /\bjson\b/.test(response.headers.get("content-type") ?? "");
    const body = isJSON ? await response.json() : null;
    if (!response.ok && response.status !== 304) {
        throw new Problem({
            title: t("common.failure.title"),
            detail: t(response.status === 429 ? "common.failure.tooMany" : "common.failure.detail"),
            type: response.status === 429 ? "too-many-requests" : "internal",
            ...body,
            status: response.status,
        });
    }
    return { status: response.status, body, etag: response.headers.get("etag"), headers: response.headers };
}

/** @type {Promise<boolean> | null} */
let refreshing = null;

/** When the session ends, in seconds since 1970, as the cookie beside it tells; null where nobody is signed in. */
export function sessionEnd() {
    const cookie = document.cookie.split("; ").find((one) => one.startsWith("earshelf-signed-in="));
    return cookie === undefined ? null : Number(cookie.slice(cookie.indexOf("=") + 1));
}

/** @param {number | null} end where it is no moment, the session may be good or not */
function isOver(end) {
    return end !== null && end > 1_000_000_000 && end * 1000 < Date.now() + 2000;
}

/**
 * Once for all calls that find out at the same time that the session is over, in all tabs: what it is renewed by is good
 * once.
 */
function refresh() {
    const known = sessionEnd();
    refreshing ??= navigator.locks
        .request("earshelf-session", async () => {
            const end = sessionEnd();
            if (end !== known && end !== null && !isOver(end)) {
                return true;
            }
            return fetch("/auth/refresh", { method: "POST" }).then((response) => response.ok, () => false);
        })
        .finally(() => {
            refreshing = null;
        });
    return refreshing;
}
