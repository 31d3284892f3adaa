internal import Glibc

/// The trace of the event under way: where it stands, and the spans that are written of it. Bound to the
/// thread of the event, as the log is.
///
/// Where no trace came with the event, or one that is not sampled, none of this does anything.
public enum Trace {
    /// The innermost span under way. What is sent on carries it.
    @TaskLocal public static var context: TraceContext?

    /// Nil where nobody collects spans; contexts are passed on all the same.
    @TaskLocal static var recorder: TraceRecorder?

    /// Whether what is told of the work under way is kept.
    public static var isRecorded: Bool { recorder != nil && context != nil }

    /// Does a piece of work as a span below the present one, or below `parent` where that is another's: then
    /// it belongs to that one's trace, and `links` tell what else it has to do with.
    public static func span<Value, Failure: Error>(
        _ name: String, _ kind: TraceSpan.Kind = .internal, _ attributes: [String: TraceValue] = [:],
        below parent: TraceContext? = context, links: [TraceContext] = [],
        _ body: () throws(Failure) -> Value
    ) throws(Failure) -> Value {
        guard let parent, parent.isSampled else { return try body() }
        guard let recorder else {
            return try $context.withValue(parent) { Result { () throws(Failure) in try body() } }.get()
        }
        let own = parent.child()
        recorder.begin(
            TraceSpan(own, below: parent.span, name, kind, attributes, links: links, start: wallNanoseconds())
        )
        let result = $context.withValue(own) { Result { () throws(Failure) in try body() } }
        var fault: String?
        // What an error says may quote values; its type does not.
        if case .failure(let error) = result { fault = String(describing: type(of: error)) }
        recorder.end(own, fault: fault)
        return try result.get()
    }

    /// Writes down what has just ended. `fault` is a word for what went wrong.
    public static func add(
        _ name: String, _ kind: TraceSpan.Kind, _ attributes: [String: TraceValue], took: Duration,
        fault: String? = nil
    ) {
        guard let context, let recorder else { return }
        let end = wallNanoseconds()
        let start = end - UInt64(took / .nanoseconds(1))
        var span = TraceSpan(context.child(), below: context.span, name, kind, attributes, start: start)
        (span.end, span.fault) = (end, fault)
        recorder.add(span)
    }

    /// Says more of the span under way, once it is known.
    public static func note(_ name: String, _ value: TraceValue) {
        guard let context else { return }
        recorder?.change(context) { $0.attributes[name] = value }
    }

    /// What kind of event this is, as soon as that is known.
    static func describe(_ name: String, _ kind: TraceSpan.Kind, _ attributes: [String: TraceValue] = [:]) {
        guard let context else { return }
        recorder?.change(context) { span in
            (span.name, span.kind) = (name, kind)
            span.attributes.merge(attributes) { $1 }
        }
    }

    /// That the event came to an error that is our fault.
    static func fail(_ fault: String) {
        guard let context else { return }
        recorder?.change(context) { $0.fault = fault }
    }

    /// The whole of an event, whose trace came with it.
    static func invocation<Value>(
        _ invocation: Invocation, isFirst: Bool, _ recorder: TraceRecorder?, _ body: () -> Value
    ) -> Value {
        let parent = invocation.traceID.flatMap(TraceContext.init(header:))
        guard recorder != nil || parent?.isSampled == true else { return body() }
        let attributes: [String: TraceValue] = [
            "faas.invocation_id": .text(invocation.id), "faas.coldstart": .flag(isFirst),
        ]
        return $recorder.withValue(recorder) {
            span("event", .server, attributes, below: parent, body)
        }
    }
}

/// The wall clock, in nanoseconds since 1970.
func wallNanoseconds() -> UInt64 {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return UInt64(now.tv_sec) * 1_000_000_000 + UInt64(now.tv_nsec)
}
