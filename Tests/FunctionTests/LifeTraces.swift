import Foundation
import Records
import TestSupport

@testable import Core

/// The traces of giving and of listening, which are many.
extension Life {
    /// Where such words stand besides those of the account and its purchases.
    static let traces = [
        "sales.gifts.recipient_email", "sales.gifts.recipient_name", "sales.gifts.sender_name",
        "sales.gifts.message", "sales.cart_items.gift", "sales.order_keys.key", "listening.bookmarks.note",
        "listening.devices.name", "listening.positions.device_name", "listening.position_history.device_name",
    ]

    static func words(of name: String) -> [String] {
        [
            "friend-of-\(name)@id.test", "Friend of \(name)", "From \(name)", "Greetings of \(name)",
            "Note of \(name)", "Phone of \(name)",
        ]
    }

    /// Gives a book away by a promotion, asks for its price back and gets some of it, and wins a dispute about it; then puts
    /// another gift into the cart.
    static func give(
        _ books: (given: Audiobook.ID, wanted: Audiobook.ID), by person: Principal.ID, named name: String,
        editor: Editor.ID, in transaction: borrowing Transaction
    ) throws {
        let owner = CartOwner.customer(person)
        let code = try transaction.promotion(
            transaction.promoting("OF-\(name.uppercased())", .percent(10), by: editor))!.terms.code
        try transaction.add(books.given, as: wish(of: name), toCartOf: owner, in: .eur)
        try transaction.enter(code, intoCartOf: owner)
        guard let cart = try transaction.cart(of: owner) else { throw CheckoutError.emptyCart }
        let order = try transaction.place(
            cart.checkedOut(owning: []), for: person,
            under: IdempotencyKey(rawValue: "\(name)@id.test-gift")!,
            requestHash: .hash, waiver: nil, giftCode: { Array($0.description.utf8.suffix(32)) })
        let attempt = try transaction.opened(order)
        _ = try transaction.record(.test(of: attempt))
        try transaction.askForRefund(of: order.id, lines: [1], because: .changedMind)
        try transaction.run(
            """
            WITH asked AS (
                INSERT INTO sales.refunds (order_id, attempt_id, currency, amount, reason, idempotency_key)
                VALUES (\(order.id), \(attempt.id), 'EUR', 5, 'customer_request', \(UUID().uuidString))
                RETURNING id, order_id)
            INSERT INTO sales.refund_lines (refund_id, order_id, line_number, amount)
            SELECT id, order_id, 1, 5 FROM asked
            """)
        try transaction.run(
            """
            INSERT INTO sales.disputes (provider_dispute_id, order_id, attempt_id, currency, amount, state,
                provider_status, reason, charge_refundable, told_at)
            VALUES (\("dp_" + name), \(order.id), \(attempt.id), 'EUR', 5, 'won', 'won', 'fraudulent', true, now())
            """)
        try transaction.add(books.wanted, as: wish(of: name), toCartOf: owner, in: .eur)
    }

    private static func wish(of name: String) -> GiftWish {
        let words = words(of: name)
        return GiftWish(
            recipientEmail: EmailAddress(rawValue: words[0])!, recipientName: words[1], senderName: words[2],
            message: words[3])
    }

    /// Hears a book through, and goes back to where it was good.
    static func listen(
        to book: Audiobook.ID, by person: Principal.ID, named name: String,
        in transaction: borrowing Transaction
    ) throws {
        let (note, phone) = ("Note of \(name)", "Phone of \(name)")
        let edition = try transaction.currentEdition(of: book)
        for statement: SQL in [
            """
            INSERT INTO listening.positions (user_id, audiobook_id, edition_id, position_ms, version, chosen_version,
                move, device_id, device_name, moved_at)
            VALUES (\(person), \(book), \(edition), 500, 1, 1, 'seek', 'd', \(phone), now())
            """,
            """
            INSERT INTO listening.position_history (user_id, audiobook_id, version, edition_id, move, from_ms, to_ms,
                device_id, device_name, began_at, at)
            VALUES (\(person), \(book), 1, \(edition), 'seek', 0, 500, 'd', \(phone), now(), now())
            """,
            "INSERT INTO listening.finishes VALUES (\(person), \(book), 1, now())",
            "INSERT INTO listening.preferences (user_id, audiobook_id, speed) VALUES (\(person), \(book), 1.5)",
            """
            INSERT INTO listening.bookmarks (user_id, id, audiobook_id, edition_id, position_ms, note)
            VALUES (\(person), \(UUID()), \(book), \(edition), 1, \(note))
            """,
            "INSERT INTO listening.devices VALUES (\(person), 'd', \(phone), now(), 0)",
            """
            INSERT INTO listening.heard (user_id, day, audiobook_id, spans)
            VALUES (\(person), '2027-01-15', \(book), '{[0,500)}')
            """,
        ] { try transaction.run(statement) }
    }
}
