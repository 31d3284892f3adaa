import Core
import Cryptography
import Foundation
import TestSupport
import Testing

@testable import stripe_webhook

@Suite struct StripeWebhookTests {
    private static let time = 1_800_000_000
    private static let secret = "whsec_test"

    private func event(
        _ type: String, _ object: String, id: String = "evt_1", version: String = "2026-07-29.dahlia"
    ) -> String {
        """
        {"id":"\(id)","object":"event","type":"\(type)","api_version":"\(version)","created":\(Self.time),
        "livemode":false,"data":{"object":\(object)}}
        """
    }

    private func session(
        _ attempt: PaymentAttempt, status: String = "complete", payment: String = "paid", amount: Int? = nil,
        currency: String = "eur"
    ) -> String {
        """
        {"id":"cs_\(attempt.id)","object":"checkout.session","url":null,"status":"\(status)",
        "payment_status":"\(payment)","amount_total":\(amount ?? attempt.amount.minorUnits),"currency":"\(currency)",
        "payment_intent":"pi_\(attempt.id)","metadata":{"attempt_id":"\(attempt.id)"},"expires_at":\(Self.time),
        "livemode":false}
        """
    }

    private func told(
        _ body: String, to shop: Shop, signed secret: String? = secret, at time: Int = time,
        secrets: [String] = [secret]
    ) -> Response {
        var request = Request.typed("POST /api/v1/webhooks/stripe", body)
        if let secret {
            let code = HMAC.sha256(key: Array(secret.utf8), message: Array("\(time).\(body)".utf8))
            request.headers["stripe-signature"] = "t=\(time),v1=\(Hex.encoded(code))"
        }
        var shop = shop
        shop.now = { Date(timeIntervalSince1970: Double(Self.time)) }
        return Lambda.answer(request) { try stripeWebhook($0, in: shop, secrets: secrets) }
    }

    /// Somebody who is on the page to pay on.
    private func paying(_ database: TestDatabase, subject: String = "c") throws -> PaymentAttempt {
        try database.prepared { transaction in
            let editor = try transaction.person("e", .editor), customer = try transaction.person(subject)
            return try transaction.opened(
                try transaction.ordered([try transaction.published("Emma", by: editor)], by: customer))
        }
    }

    private func state(of attempt: PaymentAttempt, in database: TestDatabase) throws -> PaymentAttempt.State?
    {
        try database.prepared { try $0.attempt(attempt.id)?.state }
    }

    private func verdict(_ id: String = "evt_1", in database: TestDatabase) throws -> String? {
        try database.prepared { transaction in
            try transaction.value(
                """
                SELECT state || COALESCE(' ' || note, '') FROM plumbing.webhook_events WHERE event_id = \(id)
                """)
        }
    }

    @Test func `paid is owned, once, however often and by however many events it is told`() throws {
        try withDatabase { database in
            let attempt = try paying(database)
            let shop = database.shop(of: "stripe-webhook")
            let completed = event("checkout.session.completed", session(attempt))
            #expect(told(completed, to: shop)["received"] == "true")
            #expect(told(completed, to: shop).statusCode == 200)
            let later = event("checkout.session.async_payment_succeeded", session(attempt), id: "evt_2")
            #expect(told(later, to: shop).statusCode == 200)
            #expect(try database.count("listening.entitlements") == 1)
            #expect(try database.count("sales.ledger") == 1)
            #expect(try database.count("sales.orders WHERE state = 'confirmed'") == 1)
            #expect(try database.count("plumbing.webhook_events WHERE state = 'processed'") == 2)
            let kept: [UInt8]? = try database.prepared { transaction in
                try transaction.value("SELECT raw FROM plumbing.webhook_events WHERE event_id = 'evt_1'")
            }
            #expect(kept == Array(completed.utf8), "byte for byte")
        }
    }

    @Test func `one event delivered forty times at once has one effect`() throws {
        try withDatabase { database in
            let completed = event("checkout.session.completed", session(try paying(database)))
            let answers = try atOnce(40) { _, line in
                let shop = database.shop(of: "stripe-webhook")
                try shop.database.warmUp()
                line.wait()
                return told(completed, to: shop)
            }.successes()
            #expect(answers.allSatisfy { $0.statusCode == 200 })
            #expect(try database.count("listening.entitlements") == 1)
            #expect(try database.count("sales.ledger") == 1)
            #expect(try database.count("sales.orders WHERE number = 1 AND state = 'confirmed'") == 1)
            #expect(try database.count("plumbing.outbox WHERE topic = 'OrderCompleted'") == 1)
            #expect(try database.count("plumbing.webhook_events WHERE state = 'processed'") == 1)
        }
    }

    @Test func `the order in which events come does not matter`() throws {
        let kinds = ["completed", "intent", "expired", "failed"]
        try withDatabase { database in
            for (index, order) in kinds.permutations.enumerated() {
                let attempt = try paying(database, subject: "c\(index)")
                let shop = database.shop(of: "stripe-webhook")
                let intent = """
                    {"id":"pi_\(attempt.id)","status":"succeeded","amount_received":1499,"currency":"eur",
                    "livemode":false,"metadata":{"attempt_id":"\(attempt.id)"}}
                    """
                let closed = session(attempt, status: "expired", payment: "unpaid")
                let events = [
                    "completed": event(
                        "checkout.session.completed", session(attempt), id: "evt_completed\(index)"),
                    "intent": event("payment_intent.succeeded", intent, id: "evt_intent\(index)"),
                    "expired": event("checkout.session.expired", closed, id: "evt_expired\(index)"),
                    "failed": event(
                        "checkout.session.async_payment_failed", closed, id: "evt_failed\(index)"),
                ]
                for kind in order { #expect(told(events[kind] ?? "", to: shop).statusCode == 200) }
                #expect(try database.count("listening.entitlements") == index + 1, "\(order)")
                #expect(try database.count("sales.ledger") == index + 1, "\(order)")
                #expect(try state(of: attempt, in: database) == .succeeded, "\(order)")
            }
        }
    }

    @Test func `a completed page that is not paid unlocks nothing until it is`() throws {
        try withDatabase { database in
            let attempt = try paying(database)
            let shop = database.shop(of: "stripe-webhook")
            let unpaid = event("checkout.session.completed", session(attempt, payment: "unpaid"))
            #expect(told(unpaid, to: shop).statusCode == 200)
            #expect(try database.count("listening.entitlements") == 0)
            #expect(try state(of: attempt, in: database) == .processing)
            let paid = event("checkout.session.async_payment_succeeded", session(attempt), id: "evt_2")
            #expect(told(paid, to: shop).statusCode == 200)
            #expect(try database.count("listening.entitlements") == 1)
        }
    }

    @Test(arguments: [
        (1, "eur", "parked mismatch"), (150_000, "eur", "parked mismatch"),
        (1499, "usd", "parked other-shape"),
        (1499, "xyz", "parked other-shape"), (-1499, "eur", "parked other-shape"),
    ])
    func `another amount or currency unlocks nothing`(amount: Int, currency: String, expected: String) throws
    {
        try withDatabase { database in
            let attempt = try paying(database)
            let paid = event(
                "checkout.session.completed", session(attempt, amount: amount, currency: currency))
            #expect(told(paid, to: database.shop(of: "stripe-webhook")).statusCode == 200)
            #expect(try database.count("listening.entitlements") == 0)
            #expect(try verdict(in: database) == expected)
        }
    }

    @Test func `nothing of an unsigned, forged, altered or stale event is kept`() throws {
        try withDatabase { database in
            let attempt = try paying(database)
            let shop = database.shop(of: "stripe-webhook")
            let body = event("checkout.session.completed", session(attempt))
            #expect(told(body, to: shop, signed: nil).outcome == "400 webhook-signature")
            #expect(told(body, to: shop, signed: "whsec_other").outcome == "400 webhook-signature")
            #expect(told(body, to: shop, signed: "").outcome == "400 webhook-signature")
            #expect(told(body, to: shop, at: Self.time - 301).outcome == "400 webhook-signature")
            #expect(told(body, to: shop, at: Self.time + 301).outcome == "400 webhook-signature")
            let code = HMAC.sha256(key: Array(Self.secret.utf8), message: Array("\(Self.time).\(body)".utf8))
            let altered = Request.typed(
                "POST /api/v1/webhooks/stripe", body.replacing("1499", with: "1"),
                headers: ["stripe-signature": "t=\(Self.time),v1=\(Hex.encoded(code))"])
            var then = shop
            then.now = { Date(timeIntervalSince1970: Double(Self.time)) }
            let answer = Lambda.answer(altered) { try stripeWebhook($0, in: then, secrets: [Self.secret]) }
            #expect(answer.outcome == "400 webhook-signature")
            #expect(try database.count("plumbing.webhook_events") == 0)
            #expect(try database.count("listening.entitlements") == 0)
        }
    }

    @Test(arguments: [[], [""], ["whsec_test", ""], [" "]])
    func `with an empty secret nobody is believed`(secrets: [String]) throws {
        try withDatabase { database throws in
            let body = event("customer.created", "{}")
            let shop = database.shop(of: "stripe-webhook")
            for secret in ["", " ", Self.secret] {
                let answer = told(body, to: shop, signed: secret, secrets: secrets)
                #expect(answer.outcome == "503 webhook-unconfigured")
            }
            #expect(try database.count("plumbing.webhook_events") == 0)
        }
    }

    @Test func `while a secret is replaced, both are believed`() throws {
        try withDatabase { database in
            let body = event("customer.created", "{}")
            let shop = database.shop(of: "stripe-webhook")
            for secret in ["whsec_old", "whsec_new"] {
                #expect(
                    told(body, to: shop, signed: secret, secrets: ["whsec_old", "whsec_new"]).statusCode
                        == 200)
            }
        }
    }

    @Test func `what we cannot read or do not know is put aside, and what concerns nobody is passed over`()
        throws
    {
        try withDatabase { database in
            let attempt = try paying(database)
            let shop = database.shop(of: "stripe-webhook")
            let whole = session(attempt)
            let events = [
                (
                    event("checkout.session.completed", whole, id: "a", version: "2031-01-01.elm"),
                    "parked api-version"
                ),
                (event("checkout.session.completed", #"{"id":"cs_1"}"#, id: "b"), "parked unreadable"),
                (event("refund.created", #"{"id":"re_1"}"#, id: "c"), "parked unreadable"),
                (event("customer.created", #"{"id":"cus_1"}"#, id: "d"), "ignored"),
                (
                    event(
                        "checkout.session.completed", whole.replacing("attempt_id", with: "other"), id: "e"),
                    "ignored"
                ),
            ]
            for (body, _) in events { #expect(told(body, to: shop).statusCode == 200) }
            for (id, expected) in zip(["a", "b", "c", "d", "e"], events.map(\.1)) {
                #expect(try verdict(id, in: database)?.hasPrefix(expected) == true, "\(id)")
            }
            #expect(try database.count("listening.entitlements") == 0)
            #expect(told("{}", to: shop).outcome == "400 malformed-body")
            #expect(told("no JSON", to: shop).outcome == "400 malformed-body")
        }
    }

    @Test func `money for an order that was given up unlocks nothing and is to go back`() throws {
        try withDatabase { database in
            let attempt = try paying(database)
            try database.prepared { transaction in
                _ = try transaction.mark(attempt.id, as: .failed(code: "x"))
                _ = try transaction.close(attempt.order, as: .cancelled)
            }
            let paid = event("checkout.session.completed", session(attempt))
            #expect(told(paid, to: database.shop(of: "stripe-webhook")).statusCode == 200)
            #expect(try verdict(in: database) == "processed")
            #expect(
                try database.count(
                    "sales.refunds WHERE state = 'requested' AND reason = 'surplus' AND amount = 1499") == 1)
            #expect(try database.count("listening.entitlements") == 0)
            #expect(try database.count("sales.ledger") == 1, "the money did come")
        }
    }
}

extension Array {
    /// Every order of a few elements.
    fileprivate var permutations: [[Element]] {
        guard count > 1 else { return [self] }
        return indices.flatMap { index in
            var rest = self
            let first = rest.remove(at: index)
            return rest.permutations.map { [first] + $0 }
        }
    }
}
