import Foundation
import TestSupport

@testable import Core

/// Somebody who left traces wherever one can.
struct Life {
    let person: Principal.ID
    /// By which they would be known again.
    let words: [String]

    /// Where such words stand before they are forgotten.
    static let columns = [
        "identity.users.email", "identity.users.name", "identity.users.display_name",
        "identity.users.subject",
        "listening.access_log.ip", "listening.access_log.user_agent", "plumbing.idempotency_keys.response",
        "plumbing.webhook_events.raw", "sales.orders.idempotency_key", "sales.payment_attempts.session_url",
    ]

    static func lived(in database: TestDatabase, as name: String = "ada") throws -> Life {
        let email = "\(name)@id.test", subject = "user_\(name)"
        let address = name == "ada" ? "192.0.2.7" : "192.0.2.9"
        let person = try database.prepared { transaction in
            let editor = try transaction.person("e_\(name)", .editor)
            let books = try (1...4).map { try transaction.published("Book \($0) \(UUID())", by: editor) }
            let person = try transaction.principal(
                of: Account(
                    issuer: "https://id.test", subject: subject, email: email, isEmailVerified: true,
                    name: "\(name) Lovelace")
            ).id
            guard let known = try transaction.person(person) else { throw PersonError.noSuchPerson }
            try transaction.rename(
                person, to: DisplayName(rawValue: "Countess of \(name)"), ifVersion: known.version)
            _ = try transaction.set(.usual, of: person)
            _ = try transaction.run(
                "UPDATE identity.users SET stripe_customer_id = \("cus_" + name) WHERE id = \(person)")
            try buy(books[0], for: person, named: name, from: address, in: transaction)
            try give((books[2], books[3]), by: person, named: name, editor: editor, in: transaction)
            try listen(to: books[0], by: person, named: name, in: transaction)
            try transaction.add(books[1], toCartOf: person, in: .eur)
            guard let key = IdempotencyKey(rawValue: "request-of-\(name)-0001") else {
                throw IdempotencyKeyReused()
            }
            _ = try transaction.begin(key, of: person.description, requestHash: .hash, lockSeconds: 60)
            try transaction.answer(
                key, of: person.description, status: 200, response: Array("{\"email\":\"\(email)\"}".utf8))
            try tell(.identity, about: subject, "{\"email\":\"\(email)\"}", in: transaction)
            try tell(.stripe, about: "cs_other_\(name)", "{\"customer\":\"cus_\(name)\"}", in: transaction)
            return person
        }
        return Life(
            person: person,
            words: [
                email, "\(name) Lovelace", "Countess of \(name)", subject, "cus_\(name)", address,
                "Agent \(name)",
            ] + words(of: name)
        )
    }

    /// Pays, and listens.
    private static func buy(
        _ book: Audiobook.ID, for person: Principal.ID, named name: String, from address: String,
        in transaction: borrowing Transaction
    ) throws {
        let order = try transaction.ordered([book], by: person)
        let attempt = try transaction.opened(order)
        _ = try transaction.record(.test(of: attempt))
        _ = try transaction.run(
            """
            UPDATE sales.orders SET idempotency_key = \(name + "@id.test-" + UUID().uuidString)
            WHERE id = \(order.id)
            """)
        _ = try transaction.run(
            """
            UPDATE sales.payment_attempts SET session_url = 'https://pay.test/' || \(name + "@id.test")
            WHERE id = \(attempt.id)
            """)
        try tell(.stripe, about: "cs_\(attempt.id)", "{\"email\":\"\(name)@id.test\"}", in: transaction)
        let right = try transaction.entitlement(of: person, to: book)
        guard let edition = try transaction.currentEdition(of: book) else { throw AccessError.noSuchBook }
        for track in try transaction.tracks(of: edition) {
            try transaction.record(
                AccessRecord(
                    entitlement: right.id, asset: track.asset.id, action: .stream, ip: address,
                    userAgent: "Agent \(name)"))
        }
    }

    private static func tell(
        _ provider: WebhookEvent.Provider, about object: String, _ body: String,
        in transaction: borrowing Transaction
    ) throws {
        let event = WebhookEvent(
            provider: provider, id: "evt_\(UUID())", type: "told", apiVersion: nil, isLive: false,
            objectID: object,
            createdAt: Date(), raw: Array(body.utf8))
        _ = try transaction.receive(event)
        try transaction.settle(event, as: .processed)
    }
}
