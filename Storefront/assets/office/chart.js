import { svg } from "../lib/dom.js";

const [width, height] = [640, 200];

/**
 * Bars, drawn for the eye: the table beside it says the same in words.
 * @param {number[]} values none below nothing
 * @param {string} label
 */
export function bars(values, label) {
    const most = Math.max(1, ...values);
    const step = width / Math.max(1, values.length);
    const picture = svg("svg", { class: "chart", viewBox: `0 0 ${width} ${height}`, preserveAspectRatio: "none", role: "img", "aria-label": label });
    for (const [index, value] of values.entries()) {
        const tall = (Math.max(0, value) / most) * (height - 4);
        const bar = { class: "chart-bar", x: index * step + step * 0.1, y: height - tall, width: step * 0.8, height: tall };
        picture.append(svg("rect", bar));
    }
    picture.append(svg("line", { class: "chart-line", x1: 0, y1: height - 0.5, x2: width, y2: height - 0.5 }));
    return picture;
}
