import Core
import TestSupport
import Testing

@testable import checkout

@Suite struct CheckoutTermsTests {
    private func choosing(_ database: TestDatabase, price: Int = 1499) throws -> (
        shop: Shop, customer: Customer.ID, editor: Editor.ID
    ) {
        let (customer, editor) = try database.prepared { transaction in
            let editor = try transaction.person("e", .editor), customer = try transaction.person("c")
            try transaction.add(
                try transaction.published("Emma", price: price, by: editor), toCartOf: customer, in: .eur)
            return (customer, editor)
        }
        var shop = database.shop(of: "checkout", for: .customer(customer))
        shop.payments.openSession = { .test(of: $0.attempt) }
        return (shop, customer, editor)
    }

    private func sent(_ body: String, key: String = Request.key, _ shop: Shop) -> Response {
        Lambda.answer(.typed("POST /api/v1/checkout", body, key: key)) { try checkout($0, in: shop) }
    }

    @Test(arguments: [
        ("", "409 waiver-required"), ("{}", "409 waiver-required"),
        (#"{"country": "FR"}"#, "409 waiver-required"),
        (#"{"country": "US"}"#, "201"), (#"{"country": "US", "withdrawalWaiver": "2026-07"}"#, "201"),
        (#"{"withdrawalWaiver": "2026-07"}"#, "201"), (#"{"withdrawalWaiver": "2019"}"#, "422 invalid-value"),
        (#"{"country": "US", "withdrawalWaiver": ""}"#, "422 invalid-value"),
        (#"{"country": "XX"}"#, "400 malformed-body"),
        (#"{"country": "de"}"#, "400 malformed-body"),
    ])
    func `Europe's law asks for consent, to the text of today`(body: String, outcome: String) throws {
        try withDatabase { database in
            let (shop, _, _) = try choosing(database)
            #expect(sent(body, shop).outcome == outcome)
            #expect(try database.count("sales.orders") == (outcome == "201" ? 1 : 0))
        }
    }

    @Test func `the terms say what will be asked`() throws {
        try withDatabase { database in
            let shop = database.shop(of: "checkout")
            func terms(_ query: Query) -> Response {
                Lambda.answer(Request("GET /api/v1/checkout/terms", query: query)) {
                    try checkout($0, in: shop)
                }
            }
            let germany = terms([:])
            #expect(germany["country"] == "DE" && germany["isWaiverRequired"] == "true")
            #expect(germany["taxBasisPoints"] == "700" && germany["isTaxIncluded"] == "true")
            #expect(germany["withdrawalWaiver/version"] == WithdrawalWaiver.current.textVersion)
            #expect(germany["withdrawalWaiver/text"] == WithdrawalWaiver.currentText)
            #expect(terms(["country": "CA"])["isTaxIncluded"] == "false")
            #expect(terms(["country": "CA"])["isWaiverRequired"] == "false")
            for query in [["country": "XX"], ["land": "DE"]] as [Query] {
                #expect(terms(query).outcome == "400 invalid-query")
            }
            let odd = Lambda.answer(.typed("GET /api/v1/checkout")) { try checkout($0, in: shop) }
            #expect(odd.outcome == "404 not-found")
        }
    }

    @Test func `the tax within a price is told beside the total, and that on top is added to it`() throws {
        try withDatabase { database in
            var (shop, _, _) = try choosing(database)
            let european = sent(#"{"withdrawalWaiver": "2026-07"}"#, shop)
            #expect(european["total/minorUnits"] == "1499" && european["includedTax/minorUnits"] == "98")
            #expect(european["tax/minorUnits"] == "0")
            #expect(
                try database.count(
                    """
                    sales.orders WHERE tax_country = 'DE' AND tax_basis_points = 700 AND tax_is_included
                        AND included_tax = 98 AND withdrawal_waiver_at IS NOT NULL
                    """) == 1)

            // From elsewhere it is another order, at other terms.
            shop.payments.expireSession = { id in
                CheckoutSession(
                    id: id, url: nil, status: .expired, payment: .unpaid, amount: 1499, currency: "EUR",
                    paymentIntent: nil, attempt: nil, expiresAt: shop.now(), isLive: false)
            }
            let expired = shop.payments.expireSession
            shop.payments.session = expired
            let canadian = sent(#"{"country": "CA"}"#, key: "another-key-00000001", shop)
            #expect(canadian["total/minorUnits"] == "1574" && canadian["tax/minorUnits"] == "75")
            #expect(canadian["includedTax/minorUnits"] == "0")
            #expect(canadian["orderId"] != european["orderId"])
            #expect(try database.count("sales.orders WHERE state = 'cancelled'") == 1)
        }
    }

    @Test func `a rate that nobody can tell is waited for, and nothing is ordered meanwhile`() throws {
        try withDatabase { database in
            var (shop, _, _) = try choosing(database)
            shop.tax = Tax { _, _ in throw OutsideFailure("tax", .unavailable, reason: "none") }
            #expect(sent(#"{"country": "US"}"#, shop).outcome == "503 outside-unavailable")
            #expect(try database.count("sales.orders") == 0)
        }
    }

    @Test func `sent again, the answer says so, under whichever key`() throws {
        try withDatabase { database in
            let (shop, _, _) = try choosing(database)
            let body = #"{"country": "US"}"#, other = "another-key-00000001"
            let first = sent(body, shop), second = sent(body, key: other, shop)
            #expect(first["orderId"] == second["orderId"])
            #expect([first, second].map { $0.headers["idempotent-replayed"] } == [nil, nil])
            for key in [Request.key, other] {
                let again = sent(body, key: key, shop)
                #expect(again.headers["idempotent-replayed"] == "true" && again.body == first.body)
                #expect(sent(body + " ", key: key, shop).outcome == "422 idempotency-key-reused")
            }
            let unknown = Lambda.answer(
                Request("POST /api/v1/checkout", query: ["coupon": "x"], headers: ["idempotency-key": other])
            ) { try checkout($0, in: shop) }
            #expect(unknown.outcome == "400 invalid-query")
        }
    }

    @Test func `a code makes the order cheaper, and what it takes off stays with it`() throws {
        try withDatabase { database in
            let (shop, customer, editor) = try choosing(database)
            let told = Told<SessionRequest>()
            var paying = shop
            paying.payments.openSession = { request in
                told.append(request)
                return .test(of: request.attempt)
            }
            try database.prepared { transaction in
                try transaction.promoting("SPRING", .percent(10), by: editor)
                try transaction.enter(PromotionCode(rawValue: "spring")!, intoCartOf: .customer(customer))
            }
            let order = sent(#"{"country": "US"}"#, paying)
            #expect(order["subtotal/minorUnits"] == "1499" && order["discount/minorUnits"] == "150")
            #expect(order["total/minorUnits"] == "1349")
            #expect(told.all[0].order.lines.map(\.total.minorUnits) == [1349])
            #expect(try database.count("sales.promotion_uses WHERE state = 'reserved'") == 1)
            #expect(
                sent(#"{"country": "US"}"#, key: "another-key-00000001", paying)["orderId"]
                    == order["orderId"])
            #expect(try database.count("sales.promotion_uses") == 1)
        }
    }

    @Test func `a code that has ended stops the order, and one that takes all off needs no payment`() throws {
        try withDatabase { database in
            let (shop, customer, editor) = try choosing(database)
            let promotion = try database.prepared { transaction in
                let id = try transaction.promoting("SPRING", .percent(10), by: editor)
                try transaction.enter(PromotionCode(rawValue: "spring")!, intoCartOf: .customer(customer))
                _ = try transaction.change(id, PromotionChange(isEnded: true), ifVersion: 1)
                return id
            }
            #expect(sent(#"{"country": "US"}"#, shop).outcome == "409 promotion-ended")
            try database.prepared { transaction in
                try transaction.promoting("ALMOST", .percent(99), by: editor)
                try transaction.promoting("ALL", .percent(100), by: editor)
                try transaction.enter(PromotionCode(rawValue: "almost")!, intoCartOf: .customer(customer))
            }
            let few = sent(#"{"country": "US"}"#, shop)
            #expect(few.outcome == "409 below-minimum" && few.text.contains("0.50 EUR"))
            try database.prepared {
                try $0.enter(PromotionCode(rawValue: "all")!, intoCartOf: .customer(customer))
            }
            let free = sent(#"{"country": "US"}"#, shop)
            #expect(free["state"] == "confirmed" && free["total/minorUnits"] == "0")
            #expect(try database.count("sales.promotion_uses WHERE state = 'used'") == 1)
            #expect(try database.count("sales.promotions WHERE id = \(promotion) AND uses = 0") == 1)
        }
    }
}
