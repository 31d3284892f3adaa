import { clock } from "../lib/messages.js";

/** @param {number} value in milliseconds */
export function exactClock(value) {
    return `${clock(value)}.${String(value % 1000).padStart(3, "0")}`;
}

/** @param {string} text such as `1:02:03.5` */
export function milliseconds(text) {
    return Math.round(text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0) * 1000);
}
