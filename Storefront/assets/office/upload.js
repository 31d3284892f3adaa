import { api, Problem } from "../lib/api.js";

const partBytes = 8 * 1024 * 1024;
const tries = 4;
const rememberedKey = "earshelf-uploads";

/** @typedef {{ phase: "reading" | "sending" | "checking", done: number, of: number }} Progress */
/** @typedef {{ audiobookId: string, file: File, contentType: string, purpose?: "track", tell: (progress: Progress) => void, signal: AbortSignal }} Wish */

/**
 * Sends a recording in parts. Each is read, and its checksum made, without holding the file; the storage checks every one. A
 * file that is chosen again goes on with the parts that are not there yet, whatever ended it before.
 * @param {Wish} wish
 */
export async function sendInParts({ audiobookId, file, contentType, purpose, tell, signal }) {
    const count = Math.max(1, Math.ceil(file.size / partBytes));
    const name = `${audiobookId} ${file.name} ${file.size} ${file.lastModified}`;
    const upload = (await resumed(name)) ?? (await begun());
    const stored = new Set(upload.parts.stored ?? []);
    const missing = Array.from({ length: count }, (_, index) => index + 1).filter((number) => !stored.has(number));
    let done = count - missing.length;
    tell({ phase: "sending", done, of: count });
    for (const number of missing) {
        await sendPart(upload.id, number, file, signal);
        done += 1;
        tell({ phase: "sending", done, of: count });
    }
    tell({ phase: "checking", done: count, of: count });
    const { body } = await api.post(`uploads/${upload.id}/complete`, undefined, { signal });
    remember(name, null);
    return body;

    async function begun() {
        const sha256 = [];
        for (let index = 0; index < count; index += 1) {
            tell({ phase: "reading", done: index, of: count });
            signal.throwIfAborted();
            sha256.push(await checksum(file.slice(index * partBytes, (index + 1) * partBytes)));
        }
        const { body } = await api.post("uploads", { audiobookId, fileName: file.name, contentType, bytes: file.size, purpose, parts: { bytes: partBytes, sha256 } }, { key: true, signal });
        remember(name, body.id);
        return body;
    }
}

/** @param {{ audiobookId: string, file: File, signal: AbortSignal }} wish a picture is small, and sent whole */
export async function sendCover({ audiobookId, file, signal }) {
    const sha256 = await checksum(file);
    const { body } = await api.post("uploads", { audiobookId, fileName: file.name, contentType: file.type, bytes: file.size, sha256 }, { key: true, signal });
    await put(body.put, file, signal);
    return (await api.post(`uploads/${body.id}/complete`, undefined, { signal })).body;
}

/** @param {string} name */
async function resumed(name) {
    const id = remembered()[name];
    if (!id) {
        return null;
    }
    try {
        const { body } = await api.get(`uploads/${id}`);
        return ["created", "uploading"].includes(body.state) ? body : null;
    } catch (error) {
        if (error instanceof Problem && error.status === 404) {
            return null;
        }
        throw error;
    }
}

/**
 * Signed when it is about to be sent, and signed anew for each try.
 * @param {string} id
 * @param {number} number
 * @param {File} file
 * @param {AbortSignal} signal
 */
async function sendPart(id, number, file, signal) {
    for (let attempt = 1; ; attempt += 1) {
        try {
            const { body } = await api.post(`uploads/${id}/parts`, { numbers: [number] }, { signal });
            const [part] = body.parts;
            await put(part, file.slice(part.offset, part.offset + part.bytes), signal);
            return;
        } catch (error) {
            if (signal.aborted || attempt === tries || (error instanceof Problem && error.status >= 400 && error.status < 500)) {
                throw error;
            }
            await new Promise((done) => setTimeout(done, 500 * 2 ** attempt));
        }
    }
}

/**
 * @param {{ url: string, headers: Record<string, string> }} request
 * @param {Blob} bytes
 * @param {AbortSignal} signal
 */
async function put({ url, headers }, bytes, signal) {
    const sent = Object.entries(headers).filter(([name]) => name.toLowerCase() !== "content-length");
    const response = await fetch(url, { method: "PUT", headers: Object.fromEntries(sent), body: bytes, signal });
    if (!response.ok) {
        throw new Error(`The storage answered ${response.status}`);
    }
}

/** @param {Blob} bytes */
async function checksum(bytes) {
    const digest = await crypto.subtle.digest("SHA-256", await bytes.arrayBuffer());
    return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @returns {Record<string, string>} */
function remembered() {
    try {
        return JSON.parse(localStorage.getItem(rememberedKey) ?? "{}");
    } catch {
        return {};
    }
}

/** @param {string} name @param {string | null} id */
function remember(name, id) {
    const { [name]: _, ...others } = remembered();
    localStorage.setItem(rememberedKey, JSON.stringify(id ? { ...others, [name]: id } : others));
}
