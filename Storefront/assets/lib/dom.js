/** @typedef {Node | string | number | null | undefined | false} Child */
/** @typedef {Record<string, unknown> & { class?: string, dataset?: Record<string, string> }} Props */

const svgNamespace = "http://www.w3.org/2000/svg";

/**
 * Makes an element. What is text stays text: nothing here reads HTML.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Props | null} [props] attributes; `class`, `dataset` and `on…` listeners; `true` is an empty attribute, `false` and null none
 * @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, props, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(props ?? {})) {
        set(element, name, value);
    }
    element.append(...nodes(children));
    return element;
}

/**
 * @param {HTMLElement} element
 * @param {string} name
 * @param {unknown} value
 */
function set(element, name, value) {
    if (value === null || value === undefined || value === false) {
        return;
    }
    if (name === "dataset") {
        Object.assign(element.dataset, value);
    } else if (name.startsWith("on") && typeof value === "function") {
        element.addEventListener(name.slice(2).toLowerCase(), /** @type {EventListener} */ (value));
    } else {
        element.setAttribute(name, value === true ? "" : String(value));
    }
}

/**
 * @param {(Child | Child[])[]} children
 * @returns {(Node | string)[]}
 */
function nodes(children) {
    /** @type {(Node | string)[]} */
    const found = [];
    for (const child of children.flat()) {
        if (child !== null && child !== undefined && child !== false) {
            found.push(child instanceof Node ? child : String(child));
        }
    }
    return found;
}

/**
 * Puts children in the place of all that is in a node.
 * @param {Element} node
 * @param {...(Child | Child[])} children
 */
export function replace(node, ...children) {
    node.replaceChildren(...nodes(children));
}

/** What an element of a list was drawn from. @type {WeakMap<Element, string>} */
const drawnFrom = new WeakMap();

/**
 * Draws what has changed of a list and leaves the rest where it is, so that nobody loses the place or a click.
 * @template {{ id: string }} Item
 * @param {Element} list
 * @param {Item[]} items
 * @param {(item: Item) => Element} line
 */
export function redraw(list, items, line) {
    const before = new Map([...list.children].map((element) => [drawnFrom.get(element), element]));
    const after = items.map((item) => {
        const text = JSON.stringify(item);
        const element = before.get(text) ?? line(item);
        drawnFrom.set(element, text);
        return element;
    });
    for (const element of [...list.children]) {
        if (!after.includes(element)) {
            element.remove();
        }
    }
    after.forEach((element, place) => {
        if (list.children[place] !== element) {
            list.insertBefore(element, list.children[place] ?? null);
        }
    });
}

/**
 * A picture of `/assets/icons/icons.svg`, which says nothing by itself: its button or link does.
 * @param {string} name
 * @returns {SVGSVGElement}
 */
export function icon(name) {
    return svg("svg", { class: "icon", "aria-hidden": "true", viewBox: "0 0 24 24" },
        svg("use", { href: `/assets/icons/icons.svg#${name}` }));
}

/**
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number>} attributes
 * @param {...SVGElement} children
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function svg(tag, attributes, ...children) {
    const element = document.createElementNS(svgNamespace, tag);
    for (const [name, value] of Object.entries(attributes)) {
        element.setAttribute(name, String(value));
    }
    element.append(...children);
    return element;
}
