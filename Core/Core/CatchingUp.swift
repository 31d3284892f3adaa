internal import Bookshop
import FoundationEssentials
internal import Lambda
internal import Postgres
internal import Records
internal import Stripe

extension Shop {
    /// How long the provider keeps events for us: https://docs.stripe.com/webhooks/process-undelivered-events.
    private static let keptSeconds = 30.0 * 86_400

    /// Asks for events that nobody took when they were sent, once in a quarter of an hour, and does what they ask for
    /// as if they had just been delivered.
    public func catchUp() throws {
        let isDue = try database.transaction(.readCommitted) {
            try $0.take(Lease(), of: "missed-events", seconds: 900)
        }
        guard isDue else { return }
        let since = Int(now().addingTimeInterval(-Self.keptSeconds).timeIntervalSince1970)
        var (after, pages, taken): (String?, Int, Int) = (nil, 0, 0)
        repeat {
            let page = try missedEvents.page(since, after)
            for bytes in page.events { taken += try take(missed: bytes) ? 1 : 0 }
            (after, pages) = (page.last, pages + 1)
        } while after != nil && pages < 20
        if taken > 0 { log("missed events taken", ["events": taken]) }
    }

    /// Kept first and then settled, as the webhook does. Answers whether it was new.
    private func take(missed bytes: [UInt8]) throws -> Bool {
        let event: Stripe.Event
        do { event = try Stripe.Event(bytes) } catch {
            log("missed event not read", ["reason": error.reason], level: .error)
            return false
        }
        let receipt = try database.transaction(.readCommitted) { try $0.receive(event.record) }
        guard receipt == .first || receipt == .again(.received) else { return false }
        do { try settleByAsking(event.record) } catch {
            log(
                "missed event kept for later", ["event": event.record.id, "error": "\(error)"], level: .error)
        }
        return true
    }
}
