import Core
import Foundation
import Records
import TestSupport
import Testing

@testable import payments

/// Paying on a page of the shop's own.
@Suite struct PaymentsTests {
    /// A customer with an order that waits to be paid by whatever the customer chooses.
    private func ordering(_ database: TestDatabase, price: Int = 1499) throws -> (
        shop: Shop, order: Order, customer: Customer.ID
    ) {
        let (order, customer) = try database.prepared { transaction in
            let editor = try transaction.person("e", .editor), customer = try transaction.person("c")
            let book = try transaction.published("Emma", price: price, by: editor)
            return (try transaction.ordered([book], by: customer), customer)
        }
        var shop = database.shop(of: "payments", for: .customer(customer))
        shop.publishableKey = "pk_test_1"
        return (shop, order, customer)
    }

    private func begun(_ order: Order.ID, in shop: Shop) -> Response {
        Lambda.answer(.typed("POST /api/v1/payments/intent", #"{"orderId":"\#(order)"}"#)) {
            try payments($0, in: shop)
        }
    }

    private func confirmed(_ intent: String, in shop: Shop) -> Response {
        Lambda.answer(.typed("POST /api/v1/payments/confirm", #"{"paymentIntent":"\#(intent)"}"#)) {
            try payments($0, in: shop)
        }
    }

    @Test func `an order has one payment, for its own amount, however often it is asked for`() throws {
        try withDatabase { database in
            var (shop, order, _) = try ordering(database)
            let asked = Told<IntentRequest>()
            shop.intents = .open(telling: asked)
            let first = begun(order.id, in: shop)
            #expect(first.statusCode == 200)
            #expect(first["clientSecret"]?.hasSuffix("_secret") == true)
            #expect(first["publishableKey"] == "pk_test_1" && first["amount/minorUnits"] == "1499")
            #expect(begun(order.id, in: shop)["paymentIntent"] == first["paymentIntent"])
            #expect(asked.all.map(\.attempt.amount.minorUnits) == [1499])
            #expect(try database.count("sales.payment_attempts WHERE state = 'open'") == 1)
        }
    }

    @Test func `what is confirmed is what the provider says, by the one way from money to access`() throws {
        try withDatabase { database in
            var (shop, order, customer) = try ordering(database)
            shop.intents = .open()
            let intent = try #require(begun(order.id, in: shop)["paymentIntent"])
            let waiting = confirmed(intent, in: shop)
            #expect(waiting["state"] == "pending" && waiting["status"] == "requires_payment_method")
            let attempt = try #require(try database.prepared { try $0.liveAttempt(of: order.id) })
            shop.intents.intent = { _ in .test(of: attempt, .succeeded) }
            for _ in 1...2 {
                let answer = confirmed(intent, in: shop)
                #expect(answer["state"] == "confirmed" && answer["paymentStatus"] == "paid")
            }
            #expect(try database.prepared { try $0.audiobooks(ownedBy: customer).count } == 1)
            #expect(try database.count("sales.ledger") == 1)
            #expect(begun(order.id, in: shop).outcome == "409 order-not-payable")
        }
    }

    @Test func `another customer's order and payment are none`() throws {
        try withDatabase { database in
            var (shop, order, _) = try ordering(database)
            shop.intents = .open()
            let intent = try #require(begun(order.id, in: shop)["paymentIntent"])
            let stranger = try database.prepared { try $0.person("d") }
            let other = database.shop(of: "payments", for: .customer(stranger))
            #expect(begun(order.id, in: other).outcome == "404 not-found")
            #expect(begun(Order.ID(), in: other).outcome == "404 not-found")
            #expect(confirmed(intent, in: other).outcome == "404 not-found")
            #expect(confirmed("pi_none", in: other).outcome == "404 not-found")
            #expect(begun(order.id, in: database.shop(of: "payments")).outcome == "401 unauthenticated")
            #expect(confirmed(intent, in: database.shop(of: "payments")).outcome == "401 unauthenticated")
        }
    }

    @Test func `a page that is open elsewhere is closed first, and what was paid there counts`() throws {
        try withDatabase { database in
            var (shop, order, _) = try ordering(database)
            let page = try database.prepared { try $0.opened(order) }
            shop.intents = .open()
            let closed = Told<String>()
            shop.payments.expireSession = { id in
                closed.append(id)
                return .ended(page, .expired)
            }
            shop.payments.session = { _ in .ended(page, .expired) }
            #expect(begun(order.id, in: shop).statusCode == 200)
            #expect(closed.all == ["cs_\(page.id)"])
            #expect(try database.prepared { try $0.attempt(page.id)?.state } == .expired)

            let (second, _) = try database.prepared { transaction in
                let editor = try transaction.person("e", .editor), customer = try transaction.person("c")
                let book = try transaction.published("Persuasion", by: editor)
                try transaction.clearCart(of: customer)
                let other = try transaction.person("d")
                return (try transaction.opened(try transaction.ordered([book], by: other)), other)
            }
            let buyer = try #require(try database.prepared { try $0.order(second.order)?.customer })
            var theirs = database.shop(of: "payments", for: .customer(buyer))
            theirs.payments.expireSession = { _ in
                throw OutsideFailure("stripe", .refused, reason: "it is complete")
            }
            theirs.payments.session = { _ in .ended(second, .complete) }
            #expect(begun(second.order, in: theirs).outcome == "409 order-not-payable")
            #expect(try database.prepared { try $0.order(second.order)?.state } == .confirmed)
        }
    }

    @Test func `what costs nothing, or is on its way, is not paid again`() throws {
        try withDatabase { database in
            let (shop, free, _) = try ordering(database, price: 0)
            #expect(begun(free.id, in: shop).outcome == "409 nothing-to-pay")
        }
        try withDatabase { database in
            let (shop, order, _) = try ordering(database)
            try database.prepared { transaction in
                _ = try transaction.mark(try transaction.opened(order).id, as: .processing)
            }
            #expect(begun(order.id, in: shop).outcome == "409 payment-processing")
        }
    }

    @Test func `a payment that failed is closed before the next is begun`() throws {
        try withDatabase { database in
            var (shop, order, _) = try ordering(database)
            shop.intents = .open()
            #expect(begun(order.id, in: shop).statusCode == 200)
            let first = try #require(try database.prepared { try $0.liveAttempt(of: order.id) })
            try database.prepared { _ = try $0.mark(first.id, as: .failed(code: "card_declined")) }
            let cancelled = Told<String>()
            shop.intents.cancel = { id in
                cancelled.append(id)
                return .test(of: first, .canceled)
            }
            shop.intents.intent = { _ in .test(of: first, .canceled) }
            #expect(begun(order.id, in: shop).statusCode == 200)
            #expect(cancelled.all == ["pi_\(first.id)"])
            #expect(try database.prepared { try $0.attempt(first.id)?.state } == .cancelled)
        }
    }

    @Test(arguments: [
        (OutsideFailure.Kind.refused, "502 outside-refused", PaymentAttempt.State.failed),
        (.undecided, "503 outside-unavailable", .indeterminate),
    ])
    func `what the provider does not answer is not lost`(
        kind: OutsideFailure.Kind, outcome: String, state: PaymentAttempt.State
    ) throws {
        try withDatabase { database in
            var (shop, order, _) = try ordering(database)
            let asked = Told<IntentRequest>()
            shop.intents.create = { request in
                asked.append(request)
                throw OutsideFailure("stripe", kind, reason: "none")
            }
            #expect(begun(order.id, in: shop).outcome == outcome)
            #expect(
                try database.prepared {
                    try $0.value("SELECT state FROM sales.payment_attempts") == state.rawValue
                })
            shop.intents = .open(telling: asked)
            #expect(begun(order.id, in: shop).statusCode == 200)
            let keys = asked.all.map(\.attempt.idempotencyKey)
            #expect((keys[0] == keys[1]) == (kind == .undecided), "the same key only while nobody knows")
        }
    }

    @Test func `a request that cannot be understood is refused by its place`() throws {
        try withDatabase { database in
            let (shop, _, _) = try ordering(database)
            func outcome(_ route: String, _ body: String) -> String {
                Lambda.answer(.typed(route, body)) { try payments($0, in: shop) }.outcome
            }
            #expect(outcome("POST /api/v1/payments/intent", "{}") == "400 malformed-body")
            #expect(outcome("POST /api/v1/payments/intent", #"{"orderId":"1"}"#) == "400 malformed-body")
            #expect(outcome("POST /api/v1/payments/confirm", #"{"paymentIntent":1}"#) == "400 malformed-body")
            let unknown = [#"{"paymentIntent":""}"#, #"{"paymentIntent":"\u0000(d/x"}"#]
            for body in unknown {
                #expect(outcome("POST /api/v1/payments/confirm", body) == "404 not-found", "\(body)")
            }
            var request = Request.typed("GET /api/v1/payments/methods")
            request.query = ["colour": "red"]
            #expect(Lambda.answer(request) { try payments($0, in: shop) }.outcome == "400 invalid-query")
        }
    }
}

extension PaymentIntent {
    static func test(of attempt: PaymentAttempt, _ status: Status) -> PaymentIntent {
        PaymentIntent(
            id: "pi_\(attempt.id)", status: status,
            amountReceived: status == .succeeded ? attempt.amount.minorUnits : 0,
            currency: attempt.amount.currency.rawValue, attempt: attempt.id, isLive: false,
            clientSecret: "pi_\(attempt.id)_secret")
    }
}

extension Intents {
    /// A provider that begins whatever it is asked for, and remembers it.
    static func open(telling told: Told<IntentRequest> = Told()) -> Intents {
        var intents = Intents.unset
        let begun = Told<PaymentIntent>()
        intents.create = { request in
            told.append(request)
            let intent = PaymentIntent.test(of: request.attempt, .other("requires_payment_method"))
            begun.append(intent)
            return intent
        }
        intents.intent = { id in
            guard let intent = begun.all.last(where: { $0.id == id }) else { throw Unset("Intents.intent") }
            return intent
        }
        return intents
    }
}
