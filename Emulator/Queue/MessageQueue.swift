import Foundation
import Groundwork

/// One queue: its messages in memory as its log says they are.
final class MessageQueue {
    let name: String
    let created: Date
    var settings: QueueSettings
    private(set) var messages: [String: QueuedMessage] = [:]
    /// May hold what is no longer so: of each message only the entry of the latest order counts.
    private var due = DueTimes()
    private var latestOrder: [String: Int] = [:]
    /// No message is older, though the oldest may be younger.
    private var oldestSent = Date.distantFuture
    private let log: QueueLog

    init(name: String, created: Date, settings: QueueSettings, log: QueueLog) throws {
        (self.name, self.created, self.settings, self.log) = (name, created, settings, log)
        for event in try log.entries() { apply(event) }
    }

    /// What is in the log is what is so: nothing changes in memory that was not written first.
    func record(_ events: [QueueEvent], synced: Bool) throws {
        guard !events.isEmpty else { return }
        try log.append(events, synced: synced)
        for event in events { apply(event) }
        if log.lines > 1000, log.lines > 4 * messages.count {
            // The events are recorded either way: a log that cannot be made shorter stays long.
            try? log.replace(with: messages.values.sorted { $0.sent < $1.sent }.map(QueueEvent.sent))
        }
    }

    private func apply(_ event: QueueEvent) {
        switch event {
        case .sent(let message):
            messages[message.id] = message
            latestOrder[message.id] = due.insert(message.id, at: message.visibleAt)
            oldestSent = min(oldestSent, message.sent)
        case .received(let id, let count, let at, let visibleAt):
            messages[id]?.receiveCount = count
            if messages[id]?.firstReceived == nil { messages[id]?.firstReceived = at }
            move(id, to: visibleAt)
        case .visible(let id, let at): move(id, to: at)
        case .deleted(let id):
            messages[id] = nil
            latestOrder[id] = nil
        case .purged:
            messages = [:]
            latestOrder = [:]
            due = DueTimes()
        }
    }

    private func move(_ id: String, to date: Date) {
        guard messages[id] != nil else { return }
        messages[id]?.visibleAt = date
        latestOrder[id] = due.insert(id, at: date)
    }

    /// Takes up to `limit` visible messages out of the order; the caller records what becomes of each.
    func visible(at now: Date, limit: Int) -> [QueuedMessage] {
        var taken: [QueuedMessage] = []
        while taken.count < limit, let next = due.first, next.at <= now {
            _ = due.removeFirst()
            if let message = messages[next.id], latestOrder[next.id] == next.order { taken.append(message) }
        }
        return taken
    }

    /// Puts back what was taken, when it could not be recorded.
    func restore(_ taken: [QueuedMessage]) {
        for message in taken { latestOrder[message.id] = due.insert(message.id, at: message.visibleAt) }
    }

    /// When the next message may become visible.
    var nextDue: Date? { due.first?.at }

    /// Those nobody took in time.
    func expired(at now: Date) -> [String] {
        let oldest = now.addingTimeInterval(-TimeInterval(settings.retentionSeconds))
        guard oldestSent < oldest else { return [] }
        oldestSent = messages.values.lazy.map(\.sent).filter { $0 >= oldest }.min() ?? .distantFuture
        return messages.values.filter { $0.sent < oldest }.map(\.id)
    }

    /// Visible, in flight, delayed.
    func counts(at now: Date) -> (visible: Int, inFlight: Int, delayed: Int) {
        messages.values.reduce(into: (0, 0, 0)) { counts, message in
            if message.visibleAt <= now {
                counts.0 += 1
            } else if message.receiveCount > 0 {
                counts.1 += 1
            } else {
                counts.2 += 1
            }
        }
    }
}
