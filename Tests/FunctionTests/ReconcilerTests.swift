import Core
import Foundation
import Postgres
import Records
import TestSupport
import Testing

@testable import relay

/// What the relay asks the provider, where nobody told or nobody heard.
@Suite struct ReconcilerTests {
    private func turned(_ shop: Shop) throws {
        try relay(ScheduleEvent(id: "1", time: Date(), ruleName: "relay"), in: shop)
    }

    private func shop(_ database: TestDatabase) -> Shop {
        var shop = database.shop(of: "relay")
        shop.issuer.signingKeys = { [] }
        shop.missedEvents.page = { _, _ in ([], nil) }
        return shop
    }

    private func paying(_ database: TestDatabase) throws -> (attempt: PaymentAttempt, customer: Customer.ID) {
        try database.prepared { transaction in
            let editor = try transaction.person("e", .editor), customer = try transaction.person("c")
            let book = try transaction.published("Emma", by: editor)
            return (try transaction.opened(try transaction.ordered([book], by: customer)), customer)
        }
    }

    private func event(_ id: String, _ type: String, _ object: String) -> [UInt8] {
        Array(
            """
            {"id":"\(id)","type":"\(type)","api_version":"2026-07-29.dahlia","created":1800000000,
            "livemode":false,"data":{"object":\(object)}}
            """.utf8)
    }

    private func receive(_ id: String, _ type: String, _ object: String, in database: TestDatabase) throws {
        let record = WebhookEvent(
            provider: .stripe, id: id, type: type, apiVersion: "2026-07-29.dahlia", isLive: false,
            objectID: nil, createdAt: Date(), raw: event(id, type, object))
        try database.prepared { transaction in
            _ = try transaction.receive(record)
            try transaction.run(
                "UPDATE plumbing.webhook_events SET received_at = now() - interval '31 seconds'")
        }
    }

    private func owned(_ customer: Customer.ID, _ database: TestDatabase) throws -> Int {
        try database.prepared { try $0.library(of: customer).items.count }
    }

    @Test func `a surplus goes back by itself, once`() throws {
        try withDatabase { database in
            let (attempt, _) = try paying(database)
            try database.prepared { transaction in
                _ = try transaction.mark(attempt.id, as: .expired)
                _ = try transaction.close(attempt.order, as: .cancelled)
                #expect(try transaction.record(.test(of: attempt)) == .surplus)
                try transaction.run("UPDATE sales.refunds SET created_at = now() - interval '1 minute'")
            }
            var shop = shop(database)
            let asked = Told<RefundRequest>()
            shop.refunds = .giving(telling: asked)
            try turned(shop)
            try turned(shop)
            #expect(asked.all.map(\.refund.reason) == [.surplus])
            #expect(asked.all.map(\.refund.amount) == [attempt.amount])
            #expect(try database.count("sales.refunds WHERE state = 'succeeded'") == 1)
            #expect(try database.count("(SELECT 1 FROM sales.ledger HAVING sum(amount) = 0) AS nothing") == 1)
        }
    }

    @Test func `after a day a key is not used before it was asked what became of it`() throws {
        try withDatabase { database in
            let (attempt, customer) = try paying(database)
            let finance = try database.prepared { try $0.person("f", .finance) }
            let refund = try database.prepared { transaction in
                _ = try transaction.record(.test(of: attempt))
                let refund = try transaction.request(
                    RefundWish(order: attempt.order, lines: nil, reason: .fraud), by: finance, under: .random,
                    requestHash: .hash)
                try transaction.run(
                    """
                    UPDATE sales.refunds SET created_at = now() - interval '2 days',
                        asked_at = now() - interval '24 hours'
                    """)
                return refund
            }
            var shop = shop(database)
            shop.refunds.all = { _ in [] }
            try turned(shop)
            let kept = try database.prepared { try $0.refund(refund.id) }
            #expect(kept?.state == .requested && kept?.idempotencyKey != refund.idempotencyKey)
            let asked = Told<RefundRequest>()
            shop.refunds = .giving(telling: asked)
            try database.prepared { _ = try $0.run("UPDATE sales.refunds SET looked_at = NULL") }
            try turned(shop)
            #expect(asked.all.map(\.idempotencyKey) == [kept?.idempotencyKey])
            #expect(try owned(customer, database) == 0)
        }
    }

    @Test func `a refund that was made and whose answer was lost is found and not made again`() throws {
        try withDatabase { database in
            let (attempt, _) = try paying(database)
            let finance = try database.prepared { try $0.person("f", .finance) }
            try database.prepared { transaction in
                _ = try transaction.record(.test(of: attempt))
                _ = try transaction.request(
                    RefundWish(order: attempt.order, lines: [1], reason: .duplicate), by: finance,
                    under: .random, requestHash: .hash)
                try transaction.run(
                    """
                    UPDATE sales.refunds SET created_at = now() - interval '2 days',
                        asked_at = now() - interval '24 hours'
                    """)
            }
            var shop = shop(database)
            let refund = try #require(try database.prepared { try $0.refunds(of: attempt.order).first })
            shop.refunds.all = { intent in
                [
                    RefundFact(
                        id: "re_1", own: refund.id, paymentIntent: intent, amount: refund.amount.minorUnits,
                        currency: "EUR", state: .succeeded, failureReason: nil)
                ]
            }
            try turned(shop)
            #expect(try database.count("sales.refunds WHERE provider_refund_id = 're_1'") == 1)
        }
    }

    @Test func `a dispute of a payment nobody told of finds it at the provider`() throws {
        try withDatabase { database in
            let (attempt, _) = try paying(database)
            let dispute = """
                {"id":"du_1","amount":1499,"currency":"eur","status":"needs_response","reason":"fraudulent",
                "payment_intent":"pi_\(attempt.id)","is_charge_refundable":false}
                """
            try receive("evt_1", "charge.dispute.created", dispute, in: database)
            try receive(
                "evt_2", "charge.dispute.created", dispute.replacing("pi_", with: "pi_of_others_"),
                in: database)
            var shop = shop(database)
            shop.intents.intent = { id in
                guard id == "pi_\(attempt.id)" else {
                    throw OutsideFailure("stripe", .refused, code: "resource_missing", reason: "404")
                }
                return PaymentIntent(
                    id: id, status: .succeeded, amountReceived: 1499, currency: "EUR", attempt: attempt.id,
                    isLive: false)
            }
            try turned(shop)
            #expect(
                try database.count(
                    "listening.entitlements WHERE state = 'suspended' AND state_reason = 'disputed'") == 1)
            #expect(
                try database.count(
                    "plumbing.webhook_events WHERE (event_id, state) IN (('evt_1', 'processed'), ('evt_2', 'ignored'))"
                )
                    == 2)
        }
    }

    @Test func `a charge that says only how much went back has its refunds read`() throws {
        try withDatabase { database in
            let (attempt, customer) = try paying(database)
            try database.prepared { _ = try $0.record(.test(of: attempt)) }
            try receive(
                "evt_1", "charge.refunded",
                #"{"id":"ch_1","amount_refunded":1499,"payment_intent":"pi_\#(attempt.id)"}"#, in: database)
            var shop = shop(database)
            shop.refunds.all = { intent in
                [
                    RefundFact(
                        id: "re_1", own: nil, paymentIntent: intent, amount: 1499, currency: "EUR",
                        state: .succeeded, failureReason: nil)
                ]
            }
            try turned(shop)
            #expect(try owned(customer, database) == 0)
            #expect(try database.count("plumbing.webhook_events WHERE state = 'processed'") == 1)
        }
    }

    @Test func `events nobody took are read again, page by page, and not every minute`() throws {
        try withDatabase { database in
            let (attempt, customer) = try paying(database)
            let object = """
                {"id":"pi_\(attempt.id)","status":"succeeded","amount_received":1499,"currency":"eur",
                "livemode":false,"metadata":{"attempt_id":"\(attempt.id)"}}
                """
            let bytes = event("evt_1", "payment_intent.succeeded", object)
            var shop = shop(database)
            let places = Told<String>()
            shop.missedEvents.page = { _, after in
                places.append(after ?? "first")
                return after == nil ? ([Array("no JSON".utf8)], "evt_9") : ([bytes], nil)
            }
            try turned(shop)
            try turned(shop)
            #expect(places.all == ["first", "evt_9"])
            #expect(try owned(customer, database) == 1)
            #expect(try database.count("plumbing.webhook_events WHERE state = 'processed'") == 1)
        }
    }

    @Test func `a payment on a page of ours is closed when its time is over`() throws {
        try withDatabase { database in
            let attempt = try database.prepared { transaction in
                let editor = try transaction.person("e", .editor), customer = try transaction.person("c")
                let order = try transaction.ordered(
                    [try transaction.published("Emma", by: editor)], by: customer)
                let attempt = try transaction.attempt(
                    toPay: order.id, by: .paymentIntent, until: Date(timeIntervalSinceNow: -180))
                try transaction.record(.test(of: attempt, .other("requires_payment_method")), for: attempt.id)
                return attempt
            }
            var shop = shop(database)
            let cancelled = Told<String>()
            shop.intents.cancel = { id in
                cancelled.append(id)
                return .test(of: attempt, .canceled)
            }
            shop.intents.intent = { _ in .test(of: attempt, .canceled) }
            try turned(shop)
            #expect(cancelled.all == ["pi_\(attempt.id)"])
            #expect(try database.prepared { try $0.attempt(attempt.id)?.state } == .cancelled)
        }
    }
}
