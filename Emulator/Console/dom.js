/** An element with attributes and children; texts stay texts. */
export function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
        if (key === "class") made.className = value;
        else if (value === true) made.setAttribute(key, "");
        else if (value !== undefined && value !== null && value !== false) made.setAttribute(key, value);
    }
    made.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return made;
}

/** A table of rows; each cell is a text, a node, or `{ number: text }`. */
export function table(caption, heads, rows) {
    const cell = (content) => content?.number === undefined
        ? element("td", {}, content ?? "")
        : element("td", { class: "number" }, content.number);
    return element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": caption },
        element("table", {},
            element("caption", {}, rows.length === 0 ? `${caption}: none yet` : caption),
            element("thead", {}, element("tr", {}, heads.map((head) => element("th", { scope: "col" }, head)))),
            element("tbody", {}, rows.map((row) => element("tr", {}, row.map(cell))))));
}

const clock = new Intl.DateTimeFormat([], { timeStyle: "medium" });

/** Of microseconds since 1970. */
export const moment = (microseconds) => clock.format(new Date(microseconds / 1000));

export const milliseconds = (value) =>
    value === undefined || value === null ? "" : `${value.toFixed(value < 10 ? 2 : value < 1000 ? 1 : 0)} ms`;

export const megabytes = (bytes) => (bytes === undefined || bytes === null ? "" : `${(bytes / 1048576).toFixed(1)} MB`);
