/// One piece of work of a trace.
public struct TraceSpan: Sendable {
    /// With the numbers of OpenTelemetry's protocol.
    public enum Kind: Int, Sendable {
        case `internal` = 1
        case server, client, producer, consumer
    }

    let context: TraceContext
    let parent: String?
    var name: String
    var kind: Kind
    var attributes: [String: TraceValue]
    let links: [TraceContext]
    /// In nanoseconds since 1970; nil while it is under way.
    let start: UInt64
    var end: UInt64?
    /// A word for what went wrong.
    var fault: String?

    init(
        _ context: TraceContext, below parent: String?, _ name: String, _ kind: Kind,
        _ attributes: [String: TraceValue], links: [TraceContext] = [], start: UInt64
    ) {
        (self.context, self.parent, self.name, self.kind) = (context, parent, name, kind)
        (self.attributes, self.links, self.start) = (attributes, links, start)
    }
}

/// What is said of a span: never what a person wrote, and never what a statement is given.
public enum TraceValue: Hashable, Sendable {
    case text(String)
    case number(Int)
    case flag(Bool)
}
