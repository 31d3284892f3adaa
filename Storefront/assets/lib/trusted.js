/**
 * The one place where text becomes a document or the address of a program. Both are only ever the shop's own.
 * @type {{ createHTML(text: string): string, createScriptURL(path: string): string }}
 */
const rules = {
    createHTML: (text) => text,
    createScriptURL(path) {
        const url = new URL(path, location.origin);
        if (url.origin !== location.origin) {
            throw new TypeError(`A program of another origin: ${url.origin}`);
        }
        return url.href;
    },
};

const policy = /** @type {any} */ (globalThis).trustedTypes?.createPolicy("earshelf", rules) ?? rules;

/**
 * @param {string} html a page as the shop's own server answered it
 * @returns {Document}
 */
export function parsePage(html) {
    return new DOMParser().parseFromString(policy.createHTML(html), "text/html");
}

/**
 * For `new Worker` and for registering the service worker.
 * @param {string} path
 * @returns {string}
 */
export function programAddress(path) {
    return policy.createScriptURL(path);
}
