public import Bookshop
import Lambda
internal import Postgres
internal import Records

extension Shop {
    /// Tells the bus what is written in the outbox and not told yet, the oldest first, and answers how many
    /// events it took. Each is claimed, told, and marked, in this order: who is killed in between leaves it
    /// to be told again.
    public func publishEvents(limit: Int) throws -> Int {
        let claimed = try database.transaction(.readCommitted) { try $0.claimEvents(limit: limit) }
        guard !claimed.isEmpty else { return 0 }
        let told = zip(claimed, try events.publish(claimed))
        let taken = told.filter { $1 == .taken }.map(\.0.id)
        Metrics.add(.eventsTold, taken.count)
        try database.transaction(.readCommitted) { transaction in
            try transaction.markPublished(taken)
            for case (let event, .refused(let reason)) in told {
                try transaction.park(event.id, because: reason)
            }
        }
        for case (let event, .refused(let reason)) in told {
            log(
                "event parked", ["event": event.id, "topic": event.topic.rawValue, "reason": reason],
                level: .error)
        }
        for case (let event, .putOff(let reason)) in told {
            log(
                "event put off", ["event": event.id, "topic": event.topic.rawValue, "reason": reason],
                level: .warning)
        }
        return taken.count
    }

    /// Right after a commit, so that nobody waits for the relay's minute. What was to be done is done by
    /// then: should this fail, the relay tells it.
    public func publishSoon() {
        do { _ = try publishEvents(limit: 10) } catch {
            log("events left to the relay", ["error": "\(error)"], level: .warning)
        }
    }
}

/// What a consumer is told of one of the shop's own events: its id, by which it counts once, and what it says.
public struct ToldEvent<Payload: Decodable>: Decodable {
    public let id: OutboxEvent.ID
    public let key: String
    public let payload: Payload
}
