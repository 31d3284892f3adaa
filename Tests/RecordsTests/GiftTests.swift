import Bookshop
import Foundation
import Postgres
import Records
import TestSupport
import Testing

@Suite struct GiftRecordsTests {
    private func hash(_ gift: Gift.ID) -> [UInt8] {
        Array(gift.description.utf8.prefix(16)) + Array(gift.description.utf8.suffix(16))
    }

    /// A book bought for Ada, and paid; the hash of its code.
    private func given(_ connection: Connection, isPaid: Bool = true) throws -> (
        order: Order, book: Audiobook.ID, code: [UInt8], attempt: PaymentAttempt
    ) {
        try connection.transaction { transaction in
            let giver = try transaction.person("g")
            let book = try transaction.published("Emma", by: try transaction.person("e", .editor))
            try transaction.add(book, as: .forAda, toCartOf: .customer(giver), in: .eur)
            let cart = try #require(try transaction.cart(of: giver))
            let order = try transaction.place(
                cart.checkedOut(owning: [book]), for: giver, under: .random, requestHash: .hash, waiver: nil,
                giftCode: { hash($0) })
            #expect(order.lines.map(\.gift) == [.forAda])
            let attempt = try transaction.opened(order)
            if isPaid { #expect(try transaction.record(.test(of: attempt)) == .applied) }
            let code: [UInt8] = try #require(try transaction.value("SELECT code_hash FROM sales.gifts"))
            return (order, book, code, attempt)
        }
    }

    private func state(_ connection: Connection) throws -> String? {
        try connection.transaction { try $0.value("SELECT state FROM sales.gifts") }
    }

    private func settle(_ order: Order, as state: String, _ connection: Connection) throws {
        try connection.transaction {
            _ = try $0.run("SELECT sales.settle_gift(\(order.id), 1, \(state), 'refunded')")
        }
    }

    @Test func `nothing is given before it is paid, and nothing twice`() throws {
        try withConnection { connection in
            let (order, book, code, attempt) = try given(connection, isPaid: false)
            let ada = try connection.transaction { try $0.person("ada") }
            #expect(throws: GiftError.unknown) {
                try connection.transaction { try $0.redeemGift(codeHash: code, by: ada) }
            }
            try connection.transaction { transaction in
                #expect(try transaction.gifts(givenBy: order.customer).items.isEmpty)
                #expect(try transaction.record(.test(of: attempt)) == .applied)
                #expect(try transaction.record(.test(of: attempt)) == .duplicate)
                try transaction.run("SELECT sales.make_gifts(\(order.id))")
                #expect(try transaction.library(of: order.customer).items.isEmpty)
                let opened = try transaction.redeemGift(codeHash: code, by: ada)
                #expect(opened.audiobook == book)
                try transaction.run("SELECT sales.make_gifts(\(order.id))")
                #expect(try transaction.redeemGift(codeHash: code, by: ada) == opened)
            }
            #expect(try state(connection) == "redeemed")
        }
    }

    @Test func `forty people type one code at the same instant: one gets the book`() throws {
        try withDatabase { database in
            let (_, book, code, _) = try given(database.connect())
            let people = try database.connect().transaction { transaction in
                try (0..<40).map { try transaction.person("p\($0)") }
            }
            let results = atOnce(people.count) { index, line in
                let connection = database.connect(as: "gifts")
                try connection.warmUp()
                line.wait()
                return try connection.transaction(.readCommitted) {
                    try $0.redeemGift(codeHash: code, by: people[index])
                }
            }
            let refusals = results.compactMap { result -> GiftError? in
                if case .failure(let error) = result { return error as? GiftError }
                return nil
            }
            #expect(refusals == Array(repeating: .redeemedByAnother, count: 39))
            let owners: Int? = try database.connect().transaction {
                try $0.value("SELECT count(*) FROM listening.entitlements WHERE audiobook_id = \(book)")
            }
            #expect(owners == 1)
        }
    }

    @Test func `two gifts of one book opened by one person at once: one code stays good`() throws {
        try withDatabase { database in
            let (_, book, code, _) = try given(database.connect())
            let (ada, other) = try database.connect().transaction { transaction in
                let giver = try transaction.person("h")
                try transaction.add(book, as: .forAda, toCartOf: .customer(giver), in: .eur)
                let cart = try #require(try transaction.cart(of: giver))
                let order = try transaction.place(
                    cart.checkedOut(owning: []), for: giver, under: .random, requestHash: .hash, waiver: nil,
                    giftCode: { hash($0) })
                #expect(try transaction.record(.test(of: try transaction.opened(order))) == .applied)
                let other: [UInt8] = try #require(
                    try transaction.value("SELECT code_hash FROM sales.gifts WHERE order_id = \(order.id)"))
                return (try transaction.person("ada"), other)
            }
            let results = atOnce(2) { index, line in
                let connection = database.connect(as: "gifts")
                try connection.warmUp()
                line.wait()
                return try connection.transaction(.readCommitted) {
                    try $0.redeemGift(codeHash: [code, other][index], by: ada)
                }
            }
            #expect(results.filter { (try? $0.get()) != nil }.count == 1)
            let waiting: Int? = try database.connect().transaction {
                try $0.value("SELECT count(*) FROM sales.gifts WHERE state = 'waiting'")
            }
            #expect(waiting == 1)
        }
    }

    @Test func `a refund takes back a gift that is closed, and its failing gives it again`() throws {
        try withConnection { connection in
            let (order, _, code, _) = try given(connection)
            let ada = try connection.transaction { try $0.person("ada") }
            func open() throws -> OpenedGift {
                try connection.transaction { try $0.redeemGift(codeHash: code, by: ada) }
            }
            for _ in 1...2 {
                try connection.transaction {
                    _ = try $0.run("SELECT sales.cancel_gift(\(order.id), 1, 'refunded')")
                }
                #expect(try state(connection) == "cancelled")
                #expect(throws: GiftError.cancelled) { try open() }
            }
            try settle(order, as: "suspended", connection)
            #expect(throws: GiftError.suspended) { try open() }
            try settle(order, as: "active", connection)
            try settle(order, as: "active", connection)
            #expect(throws: Never.self) { try open() }
        }
    }

    @Test func `a refund takes the book from whoever opened the gift, and its failing gives it back`() throws
    {
        try withConnection { connection in
            let (order, book, code, _) = try given(connection)
            let ada = try connection.transaction { transaction in
                let ada = try transaction.person("ada")
                _ = try transaction.redeemGift(codeHash: code, by: ada)
                return ada
            }
            func right() throws -> String? {
                try connection.transaction {
                    try $0.value("SELECT state FROM listening.entitlements WHERE source = 'gift'")
                }
            }
            for state in ["suspended", "active", "revoked", "revoked", "suspended", "active", "revoked"] {
                try settle(order, as: state, connection)
                #expect(try right() == state)
            }
            #expect(try state(connection) == "redeemed")
            // Bought since: what comes back finds another copy, which stays the one.
            try connection.transaction { transaction in
                let bought = try transaction.ordered([book], by: ada)
                #expect(try transaction.record(.test(of: try transaction.opened(bought))) == .applied)
            }
            try settle(order, as: "active", connection)
            #expect(try right() == "revoked")
            #expect(try connection.transaction { try $0.library(of: ada).items.count } == 1)
        }
    }

    @Test func `what is never paid is never given, whatever is settled about it`() throws {
        try withConnection { connection in
            let (order, _, _, _) = try given(connection, isPaid: false)
            for state in ["active", "revoked", "suspended"] { try settle(order, as: state, connection) }
            #expect(try state(connection) == "ordered")
            let states: [String] = try connection.transaction {
                try $0.values(
                    "SELECT DISTINCT to_state FROM plumbing.legal_transition WHERE machine = 'gift'")
            }
            #expect(Set(states) == Set(Gift.State.allCases.map(\.rawValue)))
        }
    }
}
