/** What is known, kept new by the console's server-sent events. */
export class Live extends EventTarget {
    invocations = new Map();
    traces = new Map();
    lines = new Map();
    events = [];
    state = { functions: [], queues: [], buckets: [] };
    isConnected = false;
    static most = 400;

    async start() {
        const source = new EventSource("api/stream");
        source.addEventListener("open", () => this.#load().then(() => this.#connected(true), () => this.#connected(false)));
        source.addEventListener("error", () => this.#connected(false));
        source.addEventListener("invocation", (event) => {
            const told = JSON.parse(event.data);
            this.#put(this.invocations, told.id, told, "invocations");
        });
        source.addEventListener("trace", (event) => {
            const told = JSON.parse(event.data);
            this.#put(this.traces, told.trace, told, "traces");
        });
        source.addEventListener("line", (event) => {
            const { invocation, line } = JSON.parse(event.data);
            this.lines.get(invocation)?.push(line);
            this.#tell("lines");
        });
        source.addEventListener("events", (event) => {
            this.events = JSON.parse(event.data);
            this.#tell("events");
        });
        source.addEventListener("state", (event) => {
            this.state = JSON.parse(event.data);
            this.#tell("state");
        });
    }

    /** Lines of an invocation; those to come are added. */
    async linesOf(invocation) {
        this.lines.clear();
        this.lines.set(invocation, await ask(`api/invocations/${invocation}`));
        return this.lines.get(invocation);
    }

    spansOf(trace) { return ask(`api/traces/${trace}`); }

    async replay(event) {
        const answer = await fetch(`api/events/${event}/replay`, { method: "POST", headers: { "x-earshelf-console": "1" } });
        return answer.ok;
    }

    /** Anew at each connection: what was told meanwhile is in it. */
    async #load() {
        const [invocations, traces, events, state] = await Promise.all(
            ["invocations", "traces", "events", "state"].map((name) => ask(`api/${name}`)));
        this.invocations = new Map(invocations.reverse().map((told) => [told.id, told]));
        this.traces = new Map(traces.reverse().map((told) => [told.trace, told]));
        [this.events, this.state] = [events, state];
        for (const name of ["invocations", "traces", "events", "state"]) this.#tell(name);
    }

    #put(map, key, value, name) {
        map.set(key, value);
        if (map.size > Live.most) map.delete(map.keys().next().value);
        this.#tell(name);
    }

    #connected(isConnected) {
        this.isConnected = isConnected;
        this.#tell("connection");
    }

    #tell(name) { this.dispatchEvent(new CustomEvent("change", { detail: name })); }
}

async function ask(path) {
    const answer = await fetch(path);
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return answer.json();
}
