import Foundation
import TestSupport
import Testing

@testable import Core
@testable import relay
@testable import users

@Suite struct IdentityWebhookTests {
    private let ada = Provider(subject: "user_ada")

    private func known(_ database: TestDatabase) throws -> [String] {
        try database.prepared { transaction in
            try transaction.values(
                """
                SELECT concat_ws(' ', subject, email, email_verified, name) FROM identity.users ORDER BY created_at
                """)
        }
    }

    @Test func `an account is known before anybody signed in, and follows what is told of it`() throws {
        try withDatabase { database throws in
            let shop = database.shop(of: "users")
            #expect(
                shop.hear(ada.told("created", at: 1000, email: "a@id.test", name: "Ada")).outcome == "200")
            #expect(try known(database) == ["user_ada a@id.test t Ada"])
            #expect(
                shop.hear(ada.told("updated", at: 2000, email: "b@id.test", isVerified: false)).outcome
                    == "200")
            #expect(try known(database) == ["user_ada b@id.test f"])
            shop.hear(ada.told("updated", at: 3000))
            #expect(try known(database) == ["user_ada f"])
        }
    }

    @Test func `an event counts once, by its id`() throws {
        try withDatabase { database throws in
            let shop = database.shop(of: "users")
            let created = ada.told("created", at: 1000, email: "a@id.test")
            for _ in 1...3 { #expect(shop.hear(created, id: "msg_1").outcome == "200") }
            // Another event under the same id is that one, sent again.
            shop.hear(ada.told("updated", at: 2000, email: "b@id.test"), id: "msg_1")
            #expect(try known(database) == ["user_ada a@id.test t"])
            #expect(try database.count("plumbing.webhook_events WHERE state = 'processed'") == 1)
        }
    }

    @Test func `what is not signed, or not lately, is refused and not kept`() throws {
        try withDatabase { database throws in
            let shop = database.shop(of: "users")
            let body = ada.told("created", at: 1000)
            var altered = Provider.delivery(body, id: "msg_1")
            altered.body.append(32)
            var bare = altered
            bare.headers = [:]
            let other = "whsec_" + String(repeating: "A", count: 32)
            for request in [
                altered, bare, Provider.delivery(body, id: "msg_1", secret: other),
                Provider.delivery(body, id: "msg_1", at: Date(timeIntervalSinceNow: -400)),
                Provider.delivery(body, id: "msg_1", at: Date(timeIntervalSinceNow: 400)),
                Provider.delivery(body, id: "msg.1"),
            ] {
                #expect(shop.answer(request).outcome == "400 webhook-signature")
            }
            #expect(shop.hear("{}").outcome == "400 malformed-body")
            let answer = Lambda.answer(Provider.delivery(body, id: "msg_1")) {
                try users($0, in: shop, secrets: [])
            }
            #expect(answer.outcome == "503 webhook-unconfigured")
            #expect(try database.count("plumbing.webhook_events") == 0)
            #expect(try known(database).isEmpty)
        }
    }

    @Test func `what does not concern us is passed over, and what cannot be read is shown to a person`()
        throws
    {
        try withDatabase { database throws in
            let shop = database.shop(of: "users")
            let session =
                #"{"object":"event","type":"session.created","data":{"id":"sess_1","ip":"192.0.2.1"}}"#
            #expect(shop.hear(session).outcome == "200")
            #expect(try database.count("plumbing.webhook_events WHERE state = 'ignored' AND raw = '{}'") == 1)
            let unreadable = #"{"object":"event","type":"user.updated","data":{"id":"user_ada"}}"#
            #expect(shop.hear(unreadable).outcome == "200")
            let note =
                "plumbing.webhook_events WHERE state = 'parked' AND note = 'unreadable updated_at'" as SQL
            #expect(try database.count(note) == 1)
        }
    }

    @Test func `what could not be finished the relay finishes`() throws {
        try withDatabase { database throws in
            var users = database.shop(of: "users")
            let told = ada.told("created", at: 1000, email: "a@id.test")
            // The database goes away between keeping and settling.
            let record = WebhookEvent(
                provider: .identity, id: "msg_1", type: "user.created", apiVersion: nil, isLive: true,
                objectID: "user_ada", createdAt: Date(), raw: Array(told.utf8))
            _ = try users.database.transaction { try $0.receive(record) }
            users.issuerURL = ""
            #expect(users.hear(told, id: "msg_1").outcome == "200", "kept, and settled later")
            #expect(try known(database).isEmpty)
            try database.prepared { transaction in
                _ = try transaction.run(
                    "UPDATE plumbing.webhook_events SET received_at = now() - interval '1 min'")
            }
            try Sweep.webhooks.run(in: database.shop(of: "relay"))
            #expect(try known(database) == ["user_ada a@id.test t"])
            #expect(try database.count("plumbing.webhook_events WHERE state = 'processed'") == 1)
        }
    }
}
