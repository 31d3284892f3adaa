import Bus
import Foundation
import Platform

/// An event of the bus as the console's page reads it.
struct ConsoleEvent: Codable, Hashable, Sendable {
    var id: String
    var topic: String
    /// As its targets are given it.
    var text: String
    /// Microseconds since 1970.
    var accepted: Int64
    var trace: String?
}

extension ConsoleEvent {
    init(_ notice: BusNotice) {
        self.init(
            id: notice.id, topic: notice.topic, text: notice.text, accepted: notice.accepted.microseconds,
            trace: notice.traceHeader.flatMap(TraceHeader.init(amazon:))?.trace)
    }
}
