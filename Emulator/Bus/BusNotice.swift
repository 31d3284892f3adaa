public import Foundation

/// An event of a bus, to look at.
public struct BusNotice: Sendable {
    public let id: String
    public let topic: String
    /// As its targets are given it.
    public let text: String
    public let accepted: Date
    public let traceHeader: String?

    init(_ event: AcceptedEvent) {
        (id, topic, text) = (event.id, event.topic, event.text)
        (accepted, traceHeader) = (event.accepted, event.traceHeader)
    }
}
