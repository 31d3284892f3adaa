import Core
import Foundation
import TestSupport
import Testing

@testable import checkout

/// What many ask for at the same instant, over connections of their own.
@Suite(.serialized) struct CheckoutRaceTests {
    private func opening() -> Payments {
        var payments = Payments.unset
        payments.openSession = { .test(of: $0.attempt) }
        return payments
    }

    private func checkOut(_ shop: Shop, key: String) -> Response {
        Lambda.answer(.typed("POST /api/v1/checkout", #"{"country": "US"}"#, key: key)) {
            try checkout($0, in: shop)
        }
    }

    @Test func `two hundred checkouts of one cart are one order`() throws {
        try withDatabase { database in
            let customer = try database.prepared { transaction in
                let editor = try transaction.person("e", .editor), customer = try transaction.person("c")
                let book = try transaction.published("Emma", by: editor)
                try transaction.add(book, toCartOf: customer, in: .eur)
                return customer
            }
            let answers = try atOnce(200) { index, line in
                var shop = database.shop(of: "checkout", for: .customer(customer))
                shop.payments = opening()
                try shop.database.warmUp()
                line.wait()
                // Some are one request sent again, the others are requests of their own.
                return checkOut(shop, key: "race-of-checkouts-\(index % 50)")
            }.successes()
            #expect(answers.map(\.outcome).filter { $0 != "201" } == [])
            #expect(Set(answers.map { $0["orderId"] }).count == 1)
            #expect(Set(answers.map { $0["payAt"] }).count == 1)
            #expect(try database.count("sales.orders") == 1)
            #expect(try database.count("sales.payment_attempts") == 1)
            #expect(try database.count("sales.order_keys") == 50)
        }
    }

    @Test func `two hundred checkouts of what costs nothing give it once`() throws {
        try withDatabase { database in
            let customer = try database.prepared { transaction in
                let editor = try transaction.person("e", .editor), customer = try transaction.person("c")
                let book = try transaction.published("Emma", price: 0, by: editor)
                try transaction.add(book, toCartOf: customer, in: .eur)
                return customer
            }
            let answers = try atOnce(200) { index, line in
                let shop = database.shop(of: "checkout", for: .customer(customer))
                try shop.database.warmUp()
                line.wait()
                return checkOut(shop, key: "race-of-checkouts-1")
            }.successes()
            #expect(answers.map(\.outcome).filter { $0 != "201" } == [])
            #expect(Set(answers.map { $0["orderId"] }).count == 1)
            #expect(try database.count("sales.orders") == 1)
            #expect(try database.count("listening.entitlements") == 1)
        }
    }

    @Test func `the last use of a promotion is taken once`() throws {
        try withDatabase { database in
            let (customers, id) = try database.prepared { transaction in
                let editor = try transaction.person("e", .editor)
                let book = try transaction.published("Emma", by: editor)
                let promotion = try transaction.promoting(
                    "LAST-ONES", .percent(10), maximumUses: 3, by: editor)
                let customers = try (0..<40).map { number in
                    let customer = try transaction.person("c\(number)")
                    try transaction.add(book, toCartOf: customer, in: .eur)
                    try transaction.enter(
                        PromotionCode(rawValue: "last-ones")!, intoCartOf: .customer(customer))
                    return customer
                }
                return (customers, promotion)
            }
            let answers = try atOnce(customers.count) { index, line in
                var shop = database.shop(of: "checkout", for: .customer(customers[index]))
                shop.payments = opening()
                try shop.database.warmUp()
                line.wait()
                return checkOut(shop, key: "race-for-the-last-\(index)")
            }.successes()
            #expect(answers.filter { $0.outcome == "201" }.count == 3)
            #expect(answers.filter { $0.outcome == "409 promotion-used-up" }.count == 37)
            #expect(try database.count("sales.promotions WHERE id = \(id) AND uses = 3") == 1)
            #expect(try database.count("sales.orders") == 3)
            #expect(try database.count("sales.promotion_uses") == 3)
        }
    }
}
