import Core
import Foundation
import TestSupport
import Testing

@testable import relay

@Suite struct RelayTests {
    private func turned(_ shop: Shop) throws {
        try relay(ScheduleEvent(id: "1", time: Date(), ruleName: "relay"), in: shop)
    }

    private func age(_ change: SQL, in database: TestDatabase) throws {
        try database.prepared { _ = try $0.run(change) }
    }

    private func paying(_ database: TestDatabase, subject: String = "c") throws -> (
        attempt: PaymentAttempt, customer: Customer.ID
    ) {
        try database.prepared { transaction in
            let editor = try transaction.person("e", .editor), customer = try transaction.person(subject)
            let book = try transaction.published("Emma of \(subject)", by: editor)
            return (try transaction.opened(try transaction.ordered([book], by: customer)), customer)
        }
    }

    private let keys = [
        SigningKey(kid: "ins_1", modulus: [UInt8](repeating: 0xC3, count: 256), exponent: [1, 0, 1])
    ]

    @Test func `keys are fetched when there are none, and again when one is missed, not more often`() throws {
        try withDatabase { database in
            var shop = database.shop(of: "relay")
            let fetched = Told<Void>()
            shop.issuer.signingKeys = {
                fetched.append(())
                return keys
            }
            try turned(shop)
            try turned(shop)
            #expect(fetched.all.count == 1)
            #expect(try database.prepared { try $0.signingKey("ins_1", of: "https://id.test") } != nil)
            try database.prepared { try $0.wishSigningKeys(of: "https://id.test") }
            try turned(shop)
            #expect(fetched.all.count == 1, "ten seconds have not passed")
            try age(
                """
                UPDATE identity.signing_key_refreshes SET tried_at = tried_at - interval '11 seconds',
                    fetched_at = fetched_at - interval '11 seconds'
                """, in: database)
            try turned(shop)
            #expect(fetched.all.count == 2)
            try age("UPDATE identity.signing_key_refreshes SET wished_at = NULL", in: database)
            try age(
                "UPDATE identity.signing_key_refreshes SET tried_at = now() - interval '50 minutes'",
                in: database)
            try turned(shop)
            #expect(fetched.all.count == 2, "nobody wishes and they are young")
        }
    }

    @Test func `work whose message was lost is sent again, once a minute`() throws {
        try withDatabase { database in
            let accepted = try database.prepared { transaction in
                let editor = try transaction.person("e", .editor)
                return try transaction.record(try transaction.draft("Emma", by: editor), by: editor)
            }
            var shop = database.shop(of: "relay")
            let sent = Told<String>()
            shop.transcriptions = .telling(sent)
            shop.issuer.signingKeys = { keys }
            try turned(shop)
            #expect(sent.all.isEmpty, "it may still be on its way")
            try age(
                "UPDATE production.transcripts SET created_at = now() - interval '61 seconds'", in: database)
            try turned(shop)
            try turned(shop)
            #expect(sent.all == [try TranscriptionMessage.plan(accepted.transcript).text])
        }
    }

    @Test func `a page nobody heard of again is asked about: paid, it becomes access`() throws {
        try withDatabase { database in
            let (attempt, customer) = try paying(database)
            var shop = database.shop(of: "relay")
            shop.issuer.signingKeys = { keys }
            try turned(shop)
            try age(
                "UPDATE sales.payment_attempts SET expires_at = now() - interval '3 minutes'", in: database)
            shop.payments.session = { _ in .ended(attempt, .complete) }
            try turned(shop)
            try turned(shop)
            #expect(try database.prepared { try $0.library(of: customer).items.count } == 1)
            #expect(try database.count("sales.ledger") == 1)
        }
    }

    @Test func `a page that closed unpaid ends its order after a while`() throws {
        try withDatabase { database in
            let (attempt, _) = try paying(database)
            var shop = database.shop(of: "relay")
            shop.issuer.signingKeys = { keys }
            shop.payments.session = { _ in .ended(attempt, .expired) }
            try age(
                "UPDATE sales.payment_attempts SET expires_at = now() - interval '3 minutes'", in: database)
            try turned(shop)
            #expect(
                try database.prepared { try $0.order(attempt.order)?.state } == .pending,
                "it may be paid anew")
            try age("UPDATE sales.orders SET created_at = now() - interval '2 hours'", in: database)
            try turned(shop)
            #expect(try database.prepared { try $0.order(attempt.order)?.state } == .expired)
            #expect(try database.count("listening.entitlements") == 0)
        }
    }

    @Test func `one page the provider does not know holds up no other`() throws {
        try withDatabase { database in
            let (lost, _) = try paying(database), (paid, customer) = try paying(database, subject: "d")
            try age(
                "UPDATE sales.payment_attempts SET expires_at = now() - interval '3 minutes'", in: database)
            var shop = database.shop(of: "relay")
            shop.issuer.signingKeys = { keys }
            shop.payments.session = { id in
                guard id == "cs_\(paid.id)" else {
                    throw OutsideFailure("stripe", .refused, code: "resource_missing", reason: "status 404")
                }
                return .ended(paid, .complete)
            }
            try turned(shop)
            #expect(try database.prepared { try $0.library(of: customer).items.count } == 1)
            #expect(try database.prepared { try $0.attempt(lost.id)?.state } == .open)
        }
    }

    @Test func `one sweep that fails does not keep the others from their turn`() throws {
        try withDatabase { database in
            let (attempt, customer) = try paying(database)
            try age(
                "UPDATE sales.payment_attempts SET expires_at = now() - interval '3 minutes'", in: database)
            var shop = database.shop(of: "relay")
            shop.issuer.signingKeys = { throw OutsideFailure("issuer", .unavailable, reason: "none") }
            shop.payments.session = { _ in .ended(attempt, .complete) }
            try turned(shop)
            #expect(try database.prepared { try $0.library(of: customer).items.count } == 1)
        }
    }

    @Test func `a webhook that was kept and never finished is finished, and one that breaks is put off`()
        throws
    {
        try withDatabase { database in
            let (attempt, customer) = try paying(database)
            let object = """
                {"id":"cs_\(attempt.id)","url":null,"status":"complete","payment_status":"paid","amount_total":1499,
                "currency":"eur","payment_intent":"pi_1","metadata":{"attempt_id":"\(attempt.id)"},
                "expires_at":1800000000,"livemode":false}
                """
            func keep(_ id: String, _ raw: String) throws {
                let event = WebhookEvent(
                    provider: .stripe, id: id, type: "checkout.session.completed", apiVersion: nil,
                    isLive: false,
                    objectID: nil, createdAt: Date(), raw: Array(raw.utf8))
                try database.prepared { _ = try $0.receive(event) }
            }
            try keep("evt_broken", "no JSON")
            try keep(
                "evt_1",
                """
                {"id":"evt_1","type":"checkout.session.completed","api_version":"2026-07-29.dahlia",
                "created":1800000000,"livemode":false,"data":{"object":\(object)}}
                """)
            try age(
                "UPDATE plumbing.webhook_events SET received_at = now() - interval '31 seconds'", in: database
            )
            var shop = database.shop(of: "relay")
            shop.issuer.signingKeys = { keys }
            try turned(shop)
            #expect(try database.prepared { try $0.library(of: customer).items.count } == 1)
            #expect(try database.count("plumbing.webhook_events WHERE state = 'processed'") == 1)
            #expect(
                try database.count("plumbing.webhook_events WHERE state = 'received' AND next_try_at > now()")
                    == 1)
        }
    }

    @Test func `two relays at once do the work of one`() throws {
        try withDatabase { database in
            var shop = database.shop(of: "relay")
            let fetched = Told<Void>()
            shop.issuer.signingKeys = {
                fetched.append(())
                return keys
            }
            _ = try database.prepared { try $0.take(Lease(), of: "relay", seconds: 55) }
            try turned(shop)
            #expect(fetched.all.isEmpty)
        }
    }

    @Test func `a guest's cart that nobody touched for a month is over, and a customer's is not`() throws {
        try withDatabase { database in
            let shop = database.shop(of: "relay")
            try database.prepared { transaction in
                let book = try transaction.published("Emma", by: try transaction.person("e", .editor))
                for owner in [CartOwner.guest(tokenHash: .hash), .customer(try transaction.person("c"))] {
                    try transaction.add(book, as: .forAda, toCartOf: owner, in: .eur)
                }
            }
            try age(
                "UPDATE sales.carts SET changed_at = now() - interval '30 days' + interval '1 minute'",
                in: database)
            try turned(shop)
            #expect(try database.count("sales.carts WHERE state = 'expired'") == 0)
            try age("UPDATE sales.carts SET changed_at = now() - interval '30 days'", in: database)
            try turned(shop)
            #expect(try database.count("sales.carts WHERE state = 'expired' AND user_id IS NULL") == 1)
            #expect(try database.count("sales.carts WHERE state = 'active' AND user_id IS NOT NULL") == 1)
            #expect(try database.count("sales.cart_items") == 1, "whom it was to be given to is forgotten")
        }
    }

    @Test func `keys of requests are forgotten after two days`() throws {
        try withDatabase { database in
            try database.prepared { transaction in
                for key in [IdempotencyKey.random, .random] {
                    _ = try transaction.begin(key, of: "x", requestHash: .hash, lockSeconds: 1)
                }
            }
            try age(
                """
                UPDATE plumbing.idempotency_keys SET created_at = now() - interval '49 hours'
                WHERE key = (SELECT min(key) FROM plumbing.idempotency_keys)
                """, in: database)
            var shop = database.shop(of: "relay")
            shop.issuer.signingKeys = { keys }
            try turned(shop)
            #expect(try database.count("plumbing.idempotency_keys") == 1)
        }
    }
}
