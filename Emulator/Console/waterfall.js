import { element, milliseconds } from "./dom.js";

/** Spans in the order of a tree, each with its depth; whose parent is not there begins a tree of its own. */
export function arranged(spans) {
    const known = new Set(spans.map((span) => span.span));
    const below = Map.groupBy(spans, (span) => (known.has(span.parent) ? span.parent : ""));
    const rows = [];
    const add = (parent, depth) => {
        for (const span of (below.get(parent) ?? []).sort((one, other) => one.start - other.start)) {
            rows.push({ span, depth });
            if (depth < 30) add(span.span, depth + 1);
        }
    };
    add("", 0);
    return rows;
}

/** The span in words, by what it is told to be. */
export function title(span) {
    const told = span.attributes;
    if (told["db.system.name"]) return `database: ${told["db.query.summary"] || "nothing"}`;
    if (told["peer.service"]) return `${told["peer.service"]}: ${span.name} ${told["http.response.status_code"] ?? ""}`;
    const status = told["http.response.status_code"];
    return status ? `${span.name} ${status}` : span.name;
}

function colour(span) {
    if (span.fault) return "fault";
    return span.attributes["db.system.name"] ? "database" : span.kind;
}

/** One row for each span: whose and what, when, and how long; opened, all that is told of it. */
export function waterfall(spans, open) {
    const start = Math.min(...spans.map((span) => span.start));
    const whole = Math.max(1, Math.max(...spans.map((span) => span.end)) - start);
    return element("ol", { class: "waterfall", "aria-label": "Spans" }, arranged(spans).map(({ span, depth }) => {
        const bar = element("span", { class: `bar ${colour(span)}` });
        bar.style.insetInlineStart = `${((span.start - start) / whole) * 100}%`;
        bar.style.inlineSize = `${((span.end - span.start) / whole) * 100}%`;
        const label = element("span", { class: "label" },
            element("span", { class: "service" }, span.service), " ", title(span),
            span.fault ? element("span", { class: "fault" }, ` ${span.fault}`) : null);
        label.style.paddingInlineStart = `${Math.min(depth, 12)}rem`;
        const details = element("details", { open: open.has(span.span) },
            element("summary", {}, label, element("span", { class: "track" }, bar),
                element("span", { class: "number" }, milliseconds((span.end - span.start) / 1000))),
            element("dl", {}, facts(span, start)));
        details.addEventListener("toggle", () => (details.open ? open.add(span.span) : open.delete(span.span)));
        return element("li", { "data-service": span.service, "data-span": span.span, "data-depth": depth }, details);
    }));
}

function facts(span, start) {
    const told = [["begins after", milliseconds((span.start - start) / 1000)], ["kind", span.kind], ["span", span.span]];
    for (const entry of Object.entries(span.attributes).sort()) told.push(entry);
    for (const link of span.links) {
        told.push(["linked to", element("a", { href: `#/traces/${link.trace}` }, `span ${link.span}`)]);
    }
    return told.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]);
}
