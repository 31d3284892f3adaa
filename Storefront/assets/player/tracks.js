/** @typedef {{ position: number, startMilliseconds: number, endMilliseconds: number, url: string, renewAt: string }} Track */
/** @typedef {{ title: string, startMilliseconds: number, endMilliseconds: number }} Chapter */

/**
 * A book is one clock over all its files. Each span holds its start and not its end, and the last holds the end as well.
 * @template {{ startMilliseconds: number, endMilliseconds: number }} Span
 * @param {Span[]} spans in order, without a gap
 * @param {number} milliseconds
 */
export function indexAt(spans, milliseconds) {
    const found = spans.findIndex((span) => milliseconds < span.endMilliseconds);
    return found < 0 ? spans.length - 1 : found;
}

/**
 * Where a skip by chapters leads: back goes to the beginning of this one first, unless one is there just now.
 * @param {Chapter[]} chapters
 * @param {number} milliseconds
 * @param {1 | -1} step
 */
export function chapterStart(chapters, milliseconds, step) {
    const current = indexAt(chapters, milliseconds);
    const isAtBeginning = milliseconds - chapters[current].startMilliseconds < 3_000;
    const target = step > 0 ? current + 1 : isAtBeginning ? current - 1 : current;
    return target >= chapters.length ? chapters[chapters.length - 1].endMilliseconds : chapters[Math.max(0, target)].startMilliseconds;
}
