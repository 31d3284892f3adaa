import Bookshop
import Foundation
import Postgres
import Records
import TestSupport
import Testing

@Suite struct CartRecordsTests {
    @Test func `a cart shows today's prices and what was seen`() throws {
        try withConnection { connection in
            let (editor, customer, book) = try connection.transaction { transaction in
                let editor = try transaction.person("e", .editor), customer = try transaction.person("c")
                let book = try transaction.published("Emma", price: 1499, by: editor)
                #expect(try transaction.cart(of: customer) == nil)
                try transaction.add(book, toCartOf: customer, in: .eur)
                return (editor, customer, book)
            }
            try connection.transaction { transaction in
                let before = try #require(try transaction.cart(of: customer))
                try transaction.add(book, toCartOf: customer, in: .eur)
                #expect(try transaction.cart(of: customer) == before, "it was in there")
                try transaction.setPrice(Money(minorUnits: 999, currency: .eur), of: book, by: editor)
                let cart = try #require(try transaction.cart(of: customer))
                #expect(cart.items.map(\.price) == [Money(minorUnits: 999, currency: .eur)])
                #expect(cart.items[0].seenPrice == Money(minorUnits: 1499, currency: .eur))
                #expect(cart.items[0].hasPriceChanged && cart.total.minorUnits == 999)
            }
            try connection.transaction { transaction in
                try transaction.archive(
                    book,
                    ifVersion: try #require(
                        try transaction.audiobook(.id(book), in: .eur, seenBy: .editor)?.version))
                let cart = try #require(try transaction.cart(of: customer))
                #expect(cart.items.map(\.price) == [nil])
                #expect(throws: CheckoutError.notOnSale([book])) { try cart.checkedOut(owning: []) }
                try transaction.remove(book, fromCartOf: customer)
                try transaction.remove(book, fromCartOf: customer)
                #expect(try transaction.cart(of: customer)?.items.isEmpty == true)
            }
        }
    }

    @Test func `what cannot be bought does not go into a cart`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let editor = try transaction.person("e", .editor), customer = try transaction.person("c")
                let draft = try transaction.draft("Emma", by: editor)
                let book = try transaction.published("Persuasion", by: editor)
                for id in [Audiobook.ID(), draft] {
                    #expect(throws: CartError.noSuchBook) {
                        try transaction.add(id, toCartOf: customer, in: .eur)
                    }
                }
                #expect(throws: CartError.notOnSale) {
                    try transaction.add(book, toCartOf: customer, in: .usd)
                }
                try transaction.add(book, toCartOf: customer, in: .eur)
                #expect(
                    try transaction.cart(of: customer)?.currency == .eur, "an empty cart changes its currency"
                )
                try transaction.clearCart(of: customer)
                let order = try transaction.ordered([book], by: customer)
                _ = try transaction.record(.test(of: try transaction.opened(order)))
                #expect(throws: CartError.alreadyOwned) {
                    try transaction.add(book, toCartOf: customer, in: .eur)
                }
            }
        }
    }

    @Test func `a cart has an end`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let editor = try transaction.person("e", .editor), customer = try transaction.person("c")
                let first = try transaction.published("Emma", by: editor)
                try transaction.add(first, toCartOf: customer, in: .eur)
                try transaction.run(
                    """
                    INSERT INTO catalogue.audiobooks (slug, title, language, created_by)
                    SELECT 'b-' || n, 'B', 'en', \(editor) FROM generate_series(1, 99) AS n
                    """)
                try transaction.run(
                    """
                    INSERT INTO sales.cart_items (cart_id, audiobook_id, seen_price)
                    SELECT carts.id, audiobooks.id, 1 FROM sales.carts, catalogue.audiobooks
                    WHERE slug LIKE 'b-%'
                    """)
                try transaction.add(first, toCartOf: customer, in: .eur)
                let second = try transaction.published("Persuasion", by: editor)
                #expect(throws: CartError.full) { try transaction.add(second, toCartOf: customer, in: .eur) }
            }
        }
    }
}

@Suite struct OrderTests {
    @Test func `the same request is the same order, and another under its key is refused`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let customer = try transaction.person("c")
                let book = try transaction.published("Emma", by: try transaction.person("e", .editor))
                try transaction.add(book, toCartOf: customer, in: .eur)
                let cart = try #require(try transaction.cart(of: customer))
                let key = IdempotencyKey.random
                #expect(try transaction.order(of: customer, under: key, requestHash: .hash) == nil)
                let order = try transaction.place(
                    cart.checkedOut(owning: []), for: customer, under: key, requestHash: .hash,
                    waiver: WithdrawalWaiver(textVersion: "2026-01"))
                #expect(try transaction.order(of: customer, under: key, requestHash: .hash) == order)
                let other = [UInt8](repeating: 8, count: 32)
                #expect(throws: IdempotencyKeyReused()) {
                    try transaction.order(of: customer, under: key, requestHash: other)
                }
                #expect(try transaction.pendingOrder(of: cart.id) == order)
                #expect(order.lines.map(\.audiobook) == [book] && order.total.minorUnits == 1499)
                let stranger = try transaction.person("x")
                #expect(try transaction.order(order.id, of: stranger) == nil)
                #expect(try transaction.order(of: stranger, under: key, requestHash: .hash) == nil)
                #expect(try transaction.paymentStatus(of: order.id) == "unpaid")
            }
        }
    }

    @Test func `two checkouts of one cart at once make one order`() throws {
        try withDatabase { database in
            let customer = try database.connect().transaction { transaction in
                let customer = try transaction.person("c")
                let book = try transaction.published("Emma", by: try transaction.person("e", .editor))
                try transaction.add(book, toCartOf: customer, in: .eur)
                return customer
            }
            let orders = atOnce(16) { _, line in
                let connection = database.connect(as: "checkout")
                try connection.warmUp()
                let key = IdempotencyKey.random
                line.wait()
                return try connection.transaction(attempts: 30) { transaction in
                    let cart = try #require(try transaction.cart(of: customer))
                    if let pending = try transaction.pendingOrder(of: cart.id) { return pending.id }
                    return try transaction.place(
                        cart.checkedOut(owning: []), for: customer, under: key, requestHash: .hash,
                        waiver: nil
                    ).id
                }
            }
            #expect(Set(try orders.successes()).count == 1)
        }
    }

    @Test func `an attempt is made before the call and goes on as long as it may bring money`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let customer = try transaction.person("c")
                let book = try transaction.published("Emma", by: try transaction.person("e", .editor))
                let order = try transaction.ordered([book], by: customer)
                let until = Date(timeIntervalSinceNow: 3600)
                let first = try transaction.attempt(toPay: order.id, until: until)
                #expect(first.state == .created && first.kind == .checkoutSession && first.sessionURL == nil)
                #expect(try transaction.attempt(toPay: order.id, until: until) == first)
                #expect(try transaction.mark(first.id, as: .indeterminate))
                #expect(
                    try transaction.attempt(toPay: order.id, until: until).idempotencyKey
                        == first.idempotencyKey)
                try transaction.record(.test(of: first), for: first.id)
                let open = try #require(try transaction.attempt(withSession: "cs_\(first.id)"))
                #expect(open.state == .open && open.sessionURL != nil)
                #expect(try !transaction.close(order.id, as: .cancelled), "money may still come")

                #expect(try transaction.mark(first.id, as: .expired))
                #expect(try !transaction.mark(first.id, as: .processing), "it is over")
                let second = try transaction.attempt(toPay: order.id, until: until)
                #expect(second.id != first.id && second.idempotencyKey != first.idempotencyKey)
                #expect(try transaction.mark(second.id, as: .failed(code: "card_declined")))
                #expect(try transaction.close(order.id, as: .expired))
                #expect(try transaction.close(order.id, as: .cancelled), "it is closed")
                #expect(try transaction.order(order.id)?.state == .expired)
            }
        }
    }

    @Test func `what nobody heard of is found`() throws {
        try withConnection { connection in
            let (order, attempt) = try connection.transaction { transaction in
                let customer = try transaction.person("c")
                let book = try transaction.published("Emma", by: try transaction.person("e", .editor))
                let order = try transaction.ordered([book], by: customer)
                return (order, try transaction.opened(order))
            }
            try connection.transaction { transaction in
                #expect(try transaction.staleAttempts(limit: 10).isEmpty)
                try transaction.run(
                    "UPDATE sales.payment_attempts SET expires_at = now() - interval '119 seconds'")
                #expect(try transaction.staleAttempts(limit: 10).isEmpty)
                try transaction.run(
                    "UPDATE sales.payment_attempts SET expires_at = now() - interval '120 seconds'")
                #expect(try transaction.staleAttempts(limit: 10).map(\.id) == [attempt.id])
                try transaction.look(at: attempt.id)
                #expect(try transaction.staleAttempts(limit: 10).isEmpty, "it was just asked about")
                try transaction.run(
                    """
                    UPDATE sales.payment_attempts SET expires_at = now() + interval '20 minutes',
                        looked_at = now() - interval '600 seconds', created_at = now() - interval '20 minutes'
                    """)
                #expect(try transaction.staleAttempts(limit: 10).count == 1, "its word may have been lost")
                #expect(try transaction.forsakenOrders(idleSeconds: 0, limit: 10).isEmpty)
                try transaction.mark(attempt.id, as: .expired)
                #expect(try transaction.forsakenOrders(idleSeconds: 3600, limit: 10).isEmpty)
                #expect(try transaction.forsakenOrders(idleSeconds: 0, limit: 10) == [order.id])
            }
        }
    }
}
