import Core
import Foundation
import TestSupport
import Testing

@testable import checkout

/// What a customer of Europe agrees to.
private let agreed = #"{"withdrawalWaiver": "\#(WithdrawalWaiver.current.textVersion)"}"#

@Suite struct CheckoutTests {
    private func sent(_ shop: Shop, key: String? = Request.key, body: String = agreed) -> Response {
        Lambda.answer(.typed("POST /api/v1/checkout", body, key: key)) { try checkout($0, in: shop) }
    }

    /// A customer with one book in the cart.
    private func choosing(_ database: TestDatabase, price: Int = 1499) throws -> (
        shop: Shop, customer: Customer.ID
    ) {
        let customer = try database.prepared { transaction in
            let editor = try transaction.person("e", .editor), customer = try transaction.person("c")
            try transaction.add(
                try transaction.published("Emma", price: price, by: editor), toCartOf: customer, in: .eur)
            return customer
        }
        return (database.shop(of: "checkout", for: .customer(customer)), customer)
    }

    private func putAnother(in database: TestDatabase, for customer: Customer.ID) throws {
        try database.prepared { transaction in
            let editor = try transaction.person("e", .editor)
            let book = try transaction.published("Persuasion", price: 999, by: editor)
            try transaction.add(book, toCartOf: customer, in: .eur)
        }
    }

    /// A provider that answers the same page for the same attempt.
    private func opening(_ told: Told<SessionRequest>) -> Payments {
        var payments = Payments.unset
        payments.openSession = { request in
            told.append(request)
            return .test(of: request.attempt)
        }
        return payments
    }

    @Test func `a cart becomes an order and a page to pay on, once under one key`() throws {
        try withDatabase { database in
            var (shop, _) = try choosing(database)
            let told = Told<SessionRequest>()
            shop.payments = opening(told)
            let first = sent(shop)
            #expect(first.statusCode == 201 && first["state"] == "pending")
            #expect(first["total/minorUnits"] == "1499")
            #expect(first["payAt"]?.hasPrefix("https://pay.test/cs_") == true)
            let order = try #require(first["orderId"])
            #expect(told.all[0].successURL == "https://shop.test/orders/\(order)")

            #expect(sent(shop).body == first.body)
            #expect(
                sent(shop, key: "another-key-00000001")["orderId"] == order, "the cart's order still waits")
            #expect(told.all.count == 1, "the page is known")
            #expect(sent(shop, body: agreed + " ").outcome == "422 idempotency-key-reused")
            #expect(try database.count("sales.orders") == 1)
            #expect(try database.count("listening.entitlements") == 0)
        }
    }

    @Test func `the waiver is written down with the order`() throws {
        try withDatabase { database in
            var (shop, _) = try choosing(database)
            shop.payments = opening(Told())
            #expect(sent(shop).statusCode == 201)
            let version = WithdrawalWaiver.current.textVersion
            #expect(
                try database.count("sales.orders WHERE withdrawal_waiver_text_version = \(version)") == 1)
        }
    }

    @Test func `a cart that changed closes the page that was open before`() throws {
        try withDatabase { database in
            var (shop, customer) = try choosing(database)
            let opened = Told<SessionRequest>(), closed = Told<String>()
            shop.payments = opening(opened)
            let first = sent(shop)
            try putAnother(in: database, for: customer)
            shop.payments.expireSession = { id in
                closed.append(id)
                return .ended(opened.all[0].attempt, .expired)
            }
            shop.payments.session = { _ in .ended(opened.all[0].attempt, .expired) }
            let second = sent(shop, key: "another-key-00000001")
            #expect(second["total/minorUnits"] == "2498" && second["orderId"] != first["orderId"])
            #expect(closed.all == ["cs_\(opened.all[0].attempt.id)"])
            #expect(try database.count("sales.orders WHERE state = 'cancelled'") == 1)
            #expect(try database.count("sales.orders WHERE state = 'pending'") == 1)
        }
    }

    @Test func `a page that was paid while the cart changed counts, and only the rest is ordered`() throws {
        try withDatabase { database in
            var (shop, customer) = try choosing(database)
            let opened = Told<SessionRequest>()
            shop.payments = opening(opened)
            _ = sent(shop)
            try putAnother(in: database, for: customer)
            shop.payments.expireSession = { _ in
                throw OutsideFailure("stripe", .refused, code: "session_not_open", reason: "complete")
            }
            shop.payments.session = { _ in .ended(opened.all[0].attempt, .complete) }
            let second = sent(shop, key: "another-key-00000001")
            #expect(second.outcome == "201")
            #expect(second["total/minorUnits"] == "999")
            #expect(try database.prepared { try $0.library(of: customer).items.map(\.title) } == ["Emma"])
        }
    }

    @Test func `a page that cannot be closed now keeps the order from being placed twice`() throws {
        try withDatabase { database in
            var (shop, customer) = try choosing(database)
            shop.payments = opening(Told())
            _ = sent(shop)
            try putAnother(in: database, for: customer)
            shop.payments.expireSession = { _ in
                throw OutsideFailure("stripe", .unavailable, reason: "status 500")
            }
            #expect(sent(shop, key: "another-key-00000001").outcome == "503 outside-unavailable")
            #expect(try database.count("sales.orders") == 1)
            #expect(try database.count("sales.payment_attempts WHERE state = 'open'") == 1)
        }
    }

    @Test func `refused, the attempt has failed and the next is another one`() throws {
        try withDatabase { database in
            var (shop, _) = try choosing(database)
            shop.payments.openSession = { _ in
                throw OutsideFailure("stripe", .refused, code: "amount_too_small", reason: "secret text")
            }
            let refused = sent(shop)
            #expect(refused.outcome == "502 outside-refused")
            #expect(!refused.text.contains("secret text") && !refused.text.contains("stripe"))
            #expect(try database.count("sales.payment_attempts WHERE failure_code = 'amount_too_small'") == 1)

            let told = Told<SessionRequest>()
            shop.payments = opening(told)
            #expect(sent(shop).statusCode == 201)
            #expect(try database.count("sales.payment_attempts") == 2)
            #expect(try database.count("sales.orders") == 1)
        }
    }

    @Test(arguments: [
        (OutsideFailure.Kind.throttled(retryAfterSeconds: 7), "7"), (.unavailable, "5"), (.undecided, "5"),
    ])
    func `not answered, it is asked again by the same attempt`(kind: OutsideFailure.Kind, wait: String) throws
    {
        try withDatabase { database in
            var (shop, _) = try choosing(database)
            let told = Told<SessionRequest>()
            shop.payments.openSession = { request in
                told.append(request)
                throw OutsideFailure("stripe", kind, reason: "none")
            }
            let first = sent(shop)
            #expect(first.outcome == "503 outside-unavailable" && first.headers["retry-after"] == wait)
            shop.payments = opening(told)
            #expect(sent(shop).statusCode == 201)
            #expect(told.all.count == 2)
            #expect(told.all[0].attempt.idempotencyKey == told.all[1].attempt.idempotencyKey)
            #expect(try database.count("sales.payment_attempts WHERE state = 'open'") == 1)
        }
    }

    @Test func `what costs nothing is bought without asking anybody, once`() throws {
        try withDatabase { database in
            let (shop, customer) = try choosing(database, price: 0)
            let first = sent(shop)
            #expect(first.statusCode == 201 && first["state"] == "confirmed" && first["payAt"] == nil)
            #expect(sent(shop)["orderId"] == first["orderId"])
            #expect(try database.prepared { try $0.library(of: customer).items.count } == 1)
            #expect(sent(shop, key: "another-key-00000001").outcome == "409 empty-cart")
        }
    }

    @Test func `there is nothing to buy in an empty cart, and nothing without signing in or a key`() throws {
        try withDatabase { database in
            let customer = try database.prepared { try $0.person("c") }
            let shop = database.shop(of: "checkout", for: .customer(customer))
            #expect(sent(shop).outcome == "409 empty-cart")
            #expect(sent(shop, key: nil).outcome == "400 idempotency-key")
            #expect(sent(shop, key: "with blanks in between").outcome == "400 idempotency-key")
            #expect(sent(shop, body: "[1]").outcome == "400 malformed-body")
            let odd = sent(shop, body: #"{"withdrawalWaiver": true}"#)
            #expect(odd["errors/0/pointer"] == "/withdrawalWaiver")
            #expect(sent(database.shop(of: "checkout")).outcome == "401 unauthenticated")
            #expect(try database.count("sales.orders") == 0)
        }
    }

    @Test func `what is owned or no longer sold by now is not bought`() throws {
        try withDatabase { database in
            let (shop, customer) = try choosing(database)
            try database.prepared { transaction in
                let book = try #require(try transaction.cart(of: customer)?.items.first?.audiobook)
                let version = try transaction.audiobook(.id(book), in: .eur, seenBy: .editor)?.version
                try transaction.archive(book, ifVersion: version ?? 0)
            }
            #expect(sent(shop).outcome == "409 not-on-sale")
            #expect(try database.count("sales.orders") == 0)
        }
    }

    @Test func `one person's key is not another's`() throws {
        try withDatabase { database in
            var (shop, _) = try choosing(database)
            shop.payments = opening(Told())
            _ = sent(shop)
            let other = try database.prepared { try $0.person("d") }
            #expect(sent(database.shop(of: "checkout", for: .customer(other))).outcome == "409 empty-cart")
        }
    }
}
