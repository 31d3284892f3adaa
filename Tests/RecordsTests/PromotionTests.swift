import Bookshop
import Foundation
import Postgres
import Records
import TestSupport
import Testing

@Suite struct PromotionRecordsTests {
    private let code = PromotionCode(rawValue: "SPRING")!

    private struct World {
        let editor: Editor.ID
        let customer: Customer.ID
        let emma: Audiobook.ID
        let persuasion: Audiobook.ID
    }

    /// Two books of 10 € in a customer's cart.
    private func world(_ connection: Connection) throws -> World {
        try connection.transaction { transaction in
            let editor = try transaction.person("e", .editor), customer = try transaction.person("c")
            let emma = try transaction.published("Emma", price: 1000, by: editor)
            let persuasion = try transaction.published("Persuasion", price: 1000, by: editor)
            for book in [emma, persuasion] { try transaction.add(book, toCartOf: customer, in: .eur) }
            return World(editor: editor, customer: customer, emma: emma, persuasion: persuasion)
        }
    }

    private func enter(_ world: World, _ transaction: borrowing Transaction) throws -> Cart {
        try transaction.enter(code, intoCartOf: .customer(world.customer))
        return try #require(try transaction.cart(of: world.customer))
    }

    private func place(_ cart: Cart, for customer: Customer.ID, _ transaction: borrowing Transaction) throws
        -> Order
    {
        try transaction.place(
            cart.checkedOut(owning: []), for: customer, under: .random, requestHash: .hash, waiver: nil)
    }

    private func uses(_ connection: Connection) throws -> [String] {
        try connection.transaction {
            try $0.values("SELECT state FROM sales.promotion_uses ORDER BY state")
                + [String(try $0.value("SELECT sum(uses) FROM sales.promotions") ?? -1)]
        }
    }

    @Test func `a promotion is for some books, for a category with those below it, or for all`() throws {
        try withConnection { connection in
            let world = try world(connection)
            let novels: Category.ID = try connection.transaction { transaction in
                let novels: Category.ID = try #require(
                    try transaction.value(
                        "INSERT INTO catalogue.categories (slug, name) VALUES ('novels', 'Novels') RETURNING id"
                    ))
                let old: Category.ID = try #require(
                    try transaction.value(
                        """
                        INSERT INTO catalogue.categories (slug, name, parent_id)
                        VALUES ('old-novels', 'Old', \(novels)) RETURNING id
                        """))
                try transaction.run(
                    """
                    INSERT INTO catalogue.audiobook_categories (audiobook_id, category_id)
                    VALUES (\(world.persuasion), \(old))
                    """)
                return novels
            }
            try connection.transaction { transaction in
                try transaction.promoting("SPRING", .percent(10), audiobooks: [world.emma], by: world.editor)
                try transaction.promoting("NOVELS", .percent(10), categories: [novels], by: world.editor)
                try transaction.promoting("ALL", .percent(10), by: world.editor)
                try transaction.promoting(
                    "NONE", .percent(10),
                    audiobooks: [
                        try transaction.published("Sanditon", by: world.editor)
                    ], by: world.editor)
                for (code, discounts) in [("spring", [100, 0]), ("novels", [0, 100]), ("all", [100, 100])] {
                    try transaction.enter(
                        PromotionCode(rawValue: code)!, intoCartOf: .customer(world.customer))
                    let draft = try transaction.cart(of: world.customer)?.checkedOut(owning: [])
                    #expect(draft?.lines.map(\.discount.minorUnits) == discounts, "\(code)")
                }
                #expect(throws: PromotionError.notApplicable) {
                    try transaction.enter(
                        PromotionCode(rawValue: "NONE")!, intoCartOf: .customer(world.customer))
                }
            }
        }
    }

    @Test func `a code helps in its time, in its currency and from its sum on`() throws {
        try withConnection { connection in
            let world = try world(connection)
            try connection.transaction { transaction in
                let euros = Money(minorUnits: 2001, currency: .eur),
                    dollars = Money(minorUnits: 500, currency: .usd)
                try transaction.promoting("LATER", .percent(10), validFrom: Date() + 60, by: world.editor)
                try transaction.promoting(
                    "OVER", .percent(10), validFrom: Date() - 60, validUntil: Date() - 1, by: world.editor)
                try transaction.promoting("RICH", .percent(10), minimums: [euros], by: world.editor)
                try transaction.promoting("DOLLARS", .amounts([dollars]), by: world.editor)
                try transaction.promoting("MANY-DOLLARS", .percent(5), minimums: [dollars], by: world.editor)
                for (code, error) in [
                    ("LATER", PromotionError.notYet), ("OVER", .ended), ("RICH", .belowMinimum(euros)),
                    ("DOLLARS", .notApplicable), ("MANY-DOLLARS", .notApplicable), ("NOBODYS", .unknown),
                ] {
                    #expect(throws: error, "\(code)") {
                        try transaction.enter(
                            PromotionCode(rawValue: code)!, intoCartOf: .customer(world.customer))
                    }
                }
                #expect(try transaction.cart(of: world.customer)?.promotion == nil)
                let stranger = try transaction.person("x")
                #expect(throws: CheckoutError.emptyCart) {
                    try transaction.enter(code, intoCartOf: .customer(stranger))
                }
            }
        }
    }

    @Test func `a use is taken with the order, given back when nobody pays, and final when somebody does`()
        throws
    {
        try withConnection { connection in
            let world = try world(connection)
            _ = try connection.transaction { transaction in
                try transaction.promoting("SPRING", .percent(10), maximumUses: 1, by: world.editor)
            }
            let first = try connection.transaction { transaction in
                try place(enter(world, transaction), for: world.customer, transaction)
            }
            #expect(first.discount.minorUnits == 200 && first.promotion != nil)
            #expect(try uses(connection) == ["reserved", "1"])
            try connection.transaction { transaction in
                let cart = try #require(try transaction.cart(of: world.customer))
                #expect(throws: Never.self, "its own order waits") { try cart.discount() }
                let other = try transaction.person("d")
                try transaction.add(world.emma, toCartOf: other, in: .eur)
                #expect(throws: PromotionError.usedUp) {
                    try transaction.enter(code, intoCartOf: .customer(other))
                }
            }
            #expect(try connection.transaction { try $0.close(first.id, as: .cancelled) })
            #expect(try uses(connection) == ["released", "0"])
            let attempt = try connection.transaction { transaction in
                let cart = try #require(try transaction.cart(of: world.customer))
                return try transaction.opened(try place(cart, for: world.customer, transaction))
            }
            #expect(try connection.transaction { try $0.record(.test(of: attempt)) } == .applied)
            #expect(try uses(connection) == ["released", "used", "1"])
            try connection.transaction { transaction in
                let book = try transaction.published("Sanditon", price: 1000, by: world.editor)
                try transaction.add(book, toCartOf: world.customer, in: .eur)
                #expect(throws: PromotionError.usedBefore) {
                    try transaction.enter(code, intoCartOf: .customer(world.customer))
                }
            }
        }
    }

    @Test(arguments: [(2, "used", "2"), (1, "uncounted", "1")])
    func `a payment that comes late counts its use again, or one too many`(
        most: Int, state: String, sum: String
    ) throws {
        try withConnection { connection in
            let world = try world(connection)
            let (order, attempt) = try connection.transaction { transaction in
                try transaction.promoting("SPRING", .percent(10), maximumUses: most, by: world.editor)
                let order = try place(enter(world, transaction), for: world.customer, transaction)
                let attempt = try transaction.opened(order)
                try transaction.mark(attempt.id, as: .expired)
                #expect(try transaction.close(order.id, as: .expired))
                return (order, attempt)
            }
            try connection.transaction { transaction in
                let other = try transaction.person("d")
                try transaction.add(world.emma, toCartOf: other, in: .eur)
                try transaction.enter(code, intoCartOf: .customer(other))
                _ = try place(try #require(try transaction.cart(of: other)), for: other, transaction)
            }
            #expect(try connection.transaction { try $0.record(.test(of: attempt)) } == .applied)
            #expect(try connection.transaction { try $0.order(order.id)?.state } == .confirmed)
            #expect(try uses(connection) == ["reserved", state, sum])
        }
    }

    @Test func `what was promised stays, and what has ended too`() throws {
        try withConnection { connection in
            let world = try world(connection)
            try connection.transaction { transaction in
                let id = try transaction.promoting(
                    "SPRING", .amounts([Money(minorUnits: 500, currency: .eur)]), maximumUses: 5,
                    by: world.editor)
                #expect(throws: PromotionChangeError.noSuchPromotion) {
                    try transaction.change(Promotion.ID(), PromotionChange(), ifVersion: 1)
                }
                #expect(throws: PromotionChangeError.changedMeanwhile) {
                    try transaction.change(id, PromotionChange(), ifVersion: 2)
                }
                let noted = try transaction.change(
                    id, PromotionChange(maximumUses: 9, note: "n"), ifVersion: 1)
                #expect(noted.terms.maximumUses == 9 && noted.terms.note == "n" && noted.version == 2)
                #expect(noted.endedAt == nil)
                let ended = try transaction.change(id, PromotionChange(isEnded: true), ifVersion: 2)
                #expect(ended.endedAt != nil && ended.terms.reduction == noted.terms.reduction)
                let after = try transaction.change(id, PromotionChange(note: "m"), ifVersion: 3)
                #expect(after.endedAt == ended.endedAt)
                #expect(try transaction.promotions().items == [after])
                #expect(throws: PromotionError.ended) {
                    try transaction.enter(code, intoCartOf: .customer(world.customer))
                }
            }
            #expect(throws: PromotionChangeError.codeTaken) {
                try connection.transaction { try $0.promoting("spring", .percent(1), by: world.editor) }
            }
            #expect(throws: PromotionChangeError.noSuchRestriction) {
                try connection.transaction {
                    try $0.promoting("OTHER", .percent(1), audiobooks: [Audiobook.ID()], by: world.editor)
                }
            }
        }
    }
}
