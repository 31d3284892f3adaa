import { element, megabytes, milliseconds, moment, table } from "./dom.js";
import { waterfall } from "./waterfall.js";

const newestFirst = (map) => [...map.values()].reverse();

function outcome(invocation) {
    if (invocation.error) return element("span", { class: "fault" }, invocation.error);
    return invocation.milliseconds === undefined ? "under way" : "answered";
}

export const traces = {
    names: ["traces"],
    title: () => "Traces",
    draw: (live) => [table("The last traces, the newest first", ["Began", "What", "Who", "Spans", "Took", "Fault"],
        newestFirst(live.traces).map((trace) => [
            moment(trace.start),
            element("a", { href: `#/traces/${trace.trace}` }, trace.name),
            trace.services.join(" → "), { number: String(trace.spans) },
            { number: milliseconds((trace.end - trace.start) / 1000) },
            trace.hasFault ? element("span", { class: "fault" }, "fault") : "",
        ]))],
};

const open = new Set();
/** What the traces that were looked at are called. */
const called = new Map();
export const trace = {
    names: ["traces"],
    title: (live, id) => `Trace ${called.get(id) ?? id}`,
    /** Another trace's change is none of this, and one that is in no list any more is not changed. */
    version: (live, id) => live.traces.get(id)?.spans ?? "old",
    async draw(live, id) {
        const spans = await live.spansOf(id);
        if (spans.length === 0) return [element("p", {}, "Nothing is known of this trace, or nothing any more.")];
        called.set(id, spans[0].name);
        const events = newestFirst(live.invocations).filter((invocation) => invocation.trace === id);
        return [
            element("p", { class: "soft" }, `Id ${id}`), waterfall(spans, open),
            element("h2", {}, "Invocations of it"), invocationTable("Invocations of this trace", events),
        ];
    },
};

function invocationTable(caption, invocations) {
    return table(caption, ["Began", "Function", "Outcome", "Took", "Start", "Memory", "Trace"],
        invocations.map((invocation) => [
            moment(invocation.began),
            element("a", { href: `#/invocations/${invocation.id}` }, invocation.function),
            outcome(invocation), { number: milliseconds(invocation.milliseconds) },
            { number: milliseconds(invocation.initMilliseconds) }, { number: megabytes(invocation.memoryBytes) },
            element("a", { href: `#/traces/${invocation.trace}`, "aria-label": `Trace of ${invocation.function}` }, "trace"),
        ]));
}

export const invocations = {
    names: ["invocations"],
    title: () => "Invocations",
    draw: (live) => [invocationTable("The last invocations, the newest first", newestFirst(live.invocations).slice(0, 200))],
};

export const invocation = {
    names: ["invocations", "lines"],
    title: (live, id) => `Invocation of ${live.invocations.get(id)?.function ?? "a function"}`,
    version: (live, id) => JSON.stringify([live.invocations.get(id), live.lines.get(id)?.length]),
    async draw(live, id) {
        const lines = live.lines.get(id) ?? await live.linesOf(id);
        const told = live.invocations.get(id);
        return [
            told ? invocationTable("This invocation", [told]) : element("p", {}, "It is forgotten."),
            element("h2", {}, "Log"),
            element("pre", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Log" },
                lines.map((line) => element("span", { class: line.isFromPlatform ? "soft" : "" }, `${line.text}\n`))),
        ];
    },
};

export const functions = {
    names: ["state"],
    title: () => "Functions",
    draw: (live) => [table("Functions and their environments", ["Function", "Waiting", "Environment", "State", "Process", "Events", "Memory"],
        live.state.functions.flatMap((told) => {
            const name = [told.name, { number: `${told.waiting} of ${told.limit}` }];
            if (told.environments.length === 0) return [[...name, element("span", { class: "soft" }, "none"), "", "", "", ""]];
            return told.environments.map((environment) => [
                ...name, environment.id.slice(0, 8), environment.state, { number: String(environment.process ?? "") },
                { number: String(environment.invocations) }, { number: megabytes(environment.memoryBytes) },
            ]);
        }))],
};

export const queues = {
    names: ["state"],
    title: () => "Queues and buckets",
    draw: (live) => [
        table("Queues", ["Queue", "Waiting", "In flight", "Delayed"], live.state.queues.map((queue) => [
            queue.name, { number: String(queue.waiting) }, { number: String(queue.inFlight) }, { number: String(queue.delayed) },
        ])),
        element("h2", {}, "Buckets"),
        table("Buckets", ["Bucket", "Objects", "Size"], live.state.buckets.map((bucket) => [
            bucket.name, { number: String(bucket.objects) }, { number: megabytes(bucket.bytes) },
        ])),
    ],
};

export const events = {
    names: ["events"],
    title: () => "Events",
    draw: (live) => {
        const said = element("p", { role: "status" });
        return [said, table("The last events of the bus, the newest first", ["Accepted", "Event", "What it says", "Trace", "Again"],
            live.events.map((event) => {
                const again = element("button", { type: "button" }, "Replay");
                again.setAttribute("aria-label", `Replay ${event.topic} ${event.id.slice(0, 8)}`);
                again.addEventListener("click", async () => {
                    said.textContent = await live.replay(event.id)
                        ? `${event.topic} is told again.` : `${event.topic} could not be told again.`;
                });
                return [
                    moment(event.accepted), event.topic,
                    element("details", {}, element("summary", {}, event.id.slice(0, 8)), element("pre", {}, event.text)),
                    event.trace ? element("a", { href: `#/traces/${event.trace}`, "aria-label": `Trace of ${event.topic}` }, "trace") : "", again,
                ];
            }))];
    },
};
