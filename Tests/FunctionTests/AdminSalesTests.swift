import Core
import Foundation
import TestSupport
import Testing

@testable import admin

/// Sales, held against orders that were placed, paid, given back and disputed as any others.
@Suite struct AdminSalesTests {
    /// Orders of books at these prices, with a tax within them; paid, unless nothing is to be paid.
    private func sold(
        _ titles: [(title: String, price: Int)], in currency: Currency = .eur, on time: String,
        under tax: TaxRule? = nil, _ database: TestDatabase
    ) throws -> Order {
        let order = try database.prepared { transaction in
            let editor = try transaction.person("e", .editor)
            let customer = try transaction.person(UUID().uuidString)
            for (title, price) in titles {
                let known: Audiobook.ID? = try transaction.value(
                    "SELECT id FROM catalogue.audiobooks WHERE title = \(title)")
                let book = try known ?? transaction.published(title, price: price, currency, by: editor)
                if known != nil && currency != .eur {
                    try transaction.setPrice(
                        Money(minorUnits: price, currency: currency), of: book, by: editor)
                }
                try transaction.add(book, toCartOf: customer, in: currency)
            }
            guard let cart = try transaction.cart(of: customer) else { throw CheckoutError.emptyCart }
            let draft = try cart.checkedOut(owning: [], taxedBy: tax)
            let order = try transaction.place(
                draft, for: customer, under: .random, requestHash: .hash, waiver: nil)
            let attempt = try transaction.opened(order)
            _ = try transaction.record(.test(of: attempt))
            return order
        }
        try moved(order, to: time, database)
        return order
    }

    /// As if the order had been confirmed and paid then.
    private func moved(_ order: Order, to time: String, _ database: TestDatabase) throws {
        try database.prepared { transaction in
            try transaction.run("SET LOCAL session_replication_role = replica")
            try transaction.run(
                "UPDATE sales.orders SET confirmed_at = \(time)::timestamptz WHERE id = \(order.id)")
            try transaction.run(
                "UPDATE sales.ledger SET occurred_at = \(time)::timestamptz WHERE order_id = \(order.id)")
        }
    }

    private func returned(_ order: Order, _ amount: Int, on time: String, _ database: TestDatabase) throws {
        try database.prepared { transaction in
            let fact = RefundFact(
                id: "re_\(UUID())", own: nil, paymentIntent: try transaction.paymentIntent(of: order.id),
                amount: amount, currency: order.total.currency.rawValue, state: .succeeded, failureReason: nil
            )
            _ = try transaction.record(fact, toldBy: "evt", at: try #require(Date(sqlText: time)))
        }
    }

    private func disputed(_ order: Order, _ amount: Int, on time: String, _ database: TestDatabase) throws {
        try database.prepared { transaction in
            let fact = DisputeFact(
                id: "du_\(UUID())", paymentIntent: try transaction.paymentIntent(of: order.id),
                amount: amount,
                currency: order.total.currency.rawValue, status: "needs_response", reason: "fraudulent",
                isChargeRefundable: false, evidenceDueAt: nil, evidenceSubmissions: 0, funds: .withdrawn)
            _ = try transaction.record(fact, toldBy: "evt", at: try #require(Date(sqlText: time)))
        }
    }

    private func figures(_ answer: Response, _ place: String) -> [String?] {
        ["orders", "books"].map { answer["\(place)/figures/\($0)"] }
            + ["gross", "taxes", "total", "charged", "refunds", "disputes", "net"]
            .map { answer["\(place)/figures/\($0)/minorUnits"] }
    }

    @Test func `what was sold and what moved is added up for each currency and day`() throws {
        try withDatabase { database in
            let office = try BackOffice(database)
            let tax = TaxRule(country: Country(rawValue: "DE")!, basisPoints: 1900, isIncluded: true)
            let first = try sold(
                [("Emma", 1499), ("Persuasion", 999)], on: "2026-03-05 23:59:59.9+00", under: tax, database)
            let second = try sold([("Emma", 1499)], on: "2026-03-06 00:00:00+00", database)
            _ = try sold([("Middlemarch", 2000)], in: .usd, on: "2026-03-06 12:00:00+00", database)
            _ = try sold([("A gift to all", 0)], on: "2026-03-06 13:00:00+00", database)
            _ = try sold([("Too late", 777)], on: "2026-03-07 00:00:00+00", database)
            try returned(first, 999, on: "2026-03-06 08:00:00+00", database)
            try disputed(second, 1499, on: "2026-03-06 09:00:00+00", database)

            let answer = office.get(
                "sales", query: ["from": "2026-03-05", "until": "2026-03-07"], as: [.finance])
            #expect(answer.statusCode == 200 && answer["interval"] == "day" && answer["periods"] == "3")
            let taxes = "\(first.includedTax.minorUnits)"
            #expect(first.includedTax.minorUnits > 0)
            #expect(answer["periods/0/from"] == "2026-03-05" && answer["periods/0/currency"] == "EUR")
            #expect(
                figures(answer, "periods/0") == ["1", "2", "2498", taxes, "2498", "2498", "0", "0", "2498"])
            #expect(answer["periods/1/from"] == "2026-03-06" && answer["periods/1/currency"] == "EUR")
            #expect(
                figures(answer, "periods/1") == [
                    "2", "2", "1499", "0", "1499", "1499", "999", "1499", "-999",
                ])
            #expect(answer["periods/2/currency"] == "USD")
            #expect(answer["totals"] == "2" && answer["totals/0/currency"] == "EUR")
            #expect(
                figures(answer, "totals/0") == [
                    "3", "4", "3997", taxes, "3997", "3997", "999", "1499", "1499",
                ])
            #expect(
                figures(answer, "totals/1") == ["1", "1", "2000", "0", "2000", "2000", "0", "0", "2000"])
            #expect(answer["totals/1/figures/net/currency"] == "USD")
        }
    }

    @Test func `weeks begin on Monday and months on their first, whatever day is asked from`() throws {
        try withDatabase { database in
            let office = try BackOffice(database)
            for day in ["2026-03-08", "2026-03-09", "2026-03-31", "2026-04-01"] {
                _ = try sold([("Emma", 1499)], on: "\(day) 12:00:00+00", database)
            }
            func periods(_ interval: String) -> [String] {
                let answer = office.get(
                    "sales", query: ["from": "2026-03-05", "until": "2026-05-01", "interval": interval])
                return (0..<(answer["periods"].flatMap(Int.init) ?? 0)).map {
                    "\(answer["periods/\($0)/from"] ?? "") \(answer["periods/\($0)/figures/orders"] ?? "")"
                }
            }
            #expect(periods("week") == ["2026-03-02 1", "2026-03-09 1", "2026-03-30 2"])
            #expect(periods("month") == ["2026-03-01 3", "2026-04-01 1"])
        }
    }

    @Test func `the books that sold most copies come first, with what each currency brought`() throws {
        try withDatabase { database in
            let office = try BackOffice(database)
            _ = try sold([("Emma", 1499), ("Persuasion", 999)], on: "2026-03-05 10:00:00+00", database)
            _ = try sold([("Persuasion", 999)], on: "2026-03-05 11:00:00+00", database)
            _ = try sold([("Persuasion", 1099)], in: .usd, on: "2026-03-05 12:00:00+00", database)
            _ = try sold([("Emma", 1499)], on: "2026-03-09 10:00:00+00", database)
            let answer = office.get("sales", query: ["from": "2026-03-05", "until": "2026-03-06"])
            #expect(answer["bestSellers"] == "2" && answer["bestSellers/0/title"] == "Persuasion")
            #expect(answer["bestSellers/0/copies"] == "3" && answer["bestSellers/0/revenue"] == "2")
            #expect(answer["bestSellers/0/revenue/0/minorUnits"] == "1998")
            #expect(answer["bestSellers/0/revenue/1/minorUnits"] == "1099")
            #expect(answer["bestSellers/0/revenue/1/currency"] == "USD")
            #expect(answer["bestSellers/1/title"] == "Emma" && answer["bestSellers/1/copies"] == "1")
        }
    }

    @Test func `what a discount took off is told apart, and an order that waits is no sale`() throws {
        try withDatabase { database in
            let office = try BackOffice(database)
            let order = try database.prepared { transaction in
                let editor = try transaction.person("e", .editor), customer = try transaction.person("c")
                try transaction.promoting("SPRING", .percent(10), by: editor)
                let book = try transaction.published("Emma", price: 1500, by: editor)
                try transaction.add(book, toCartOf: customer, in: .eur)
                try transaction.enter(PromotionCode(rawValue: "SPRING")!, intoCartOf: .customer(customer))
                guard let cart = try transaction.cart(of: customer) else { throw CheckoutError.emptyCart }
                let order = try transaction.place(
                    try cart.checkedOut(owning: []), for: customer, under: .random, requestHash: .hash,
                    waiver: nil)
                _ = try transaction.record(.test(of: try transaction.opened(order)))
                _ = try transaction.ordered([book], by: try transaction.person("d"))
                return order
            }
            try moved(order, to: "2026-03-05 10:00:00+00", database)
            let answer = office.get("sales", query: ["from": "2026-03-05", "until": "2027-03-01"])
            #expect(answer["totals/0/figures/orders"] == "1")
            #expect(answer["totals/0/figures/gross/minorUnits"] == "1500")
            #expect(answer["totals/0/figures/discounts/minorUnits"] == "150")
            #expect(answer["totals/0/figures/total/minorUnits"] == "1350")
            #expect(answer["totals/0/figures/net/minorUnits"] == "1350")
        }
    }

    @Test func `a time that is missing, backwards or longer than 400 days is refused`() throws {
        try withDatabase { database in
            let office = try BackOffice(database)
            func outcome(_ query: Query) -> String {
                let answer = office.get("sales", query: query)
                return "\(answer.outcome) \(answer["errors/0/parameter"] ?? "")"
            }
            #expect(outcome(["from": "2026-01-01", "until": "2027-02-05"]) == "200 ")
            #expect(outcome(["from": "2026-01-01", "until": "2027-02-06"]) == "400 invalid-query until")
            #expect(outcome(["from": "2026-01-01", "until": "2026-01-01"]) == "400 invalid-query until")
            #expect(outcome(["from": "2026-01-02", "until": "2026-01-01"]) == "400 invalid-query until")
            #expect(outcome(["until": "2026-01-01"]) == "400 invalid-query from")
            #expect(outcome(["from": "2026-01-01"]) == "400 invalid-query until")
            #expect(outcome(["from": "2026-02-30", "until": "2026-03-01"]) == "400 invalid-query from")
            #expect(
                outcome(["from": "2026-01-01", "until": "2026-02-01", "interval": "year"])
                    == "400 invalid-query interval")
            #expect(
                outcome(["from": "2026-01-01", "until": "2026-02-01", "currency": "EUR"])
                    == "400 invalid-query currency")
            let days: Query = ["from": "2026-01-01", "until": "2026-02-01"]
            #expect(office.admitted { office.get("sales", query: days, as: $0) } == ["admin", "finance"])
        }
    }
}
