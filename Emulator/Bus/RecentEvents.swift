public import Foundation

/// An event of a bus, to look at.
public struct BusNotice: Codable, Sendable {
    public let id: String
    public let bus: String
    public let topic: String
    /// As its targets are given it.
    public let text: String
    public let accepted: Date
    public let traceHeader: String?

    init(_ event: AcceptedEvent) {
        (id, bus, topic, text) = (event.id, event.bus, event.topic, event.text)
        (accepted, traceHeader) = (event.accepted, event.traceHeader)
    }
}

/// The last events, in memory alone: at most so many, and so many bytes.
struct RecentEvents: Sendable {
    private var events: [AcceptedEvent] = []
    private var bytes = 0
    static let most = 200
    static let mostBytes = 4 << 20

    mutating func add(_ more: [AcceptedEvent]) {
        events += more
        bytes += more.reduce(0) { $0 + $1.text.utf8.count }
        while events.count > Self.most || bytes > Self.mostBytes, let first = events.first {
            bytes -= first.text.utf8.count
            events.removeFirst()
        }
    }

    subscript(id: String) -> AcceptedEvent? { events.last { $0.id == id } }
    var notices: [BusNotice] { events.reversed().map(BusNotice.init) }
}
