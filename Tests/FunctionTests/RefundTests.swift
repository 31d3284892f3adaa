import Core
import Foundation
import Records
import TestSupport
import Testing

@testable import payments

/// Giving back, by the finances.
@Suite struct RefundTests {
    /// A paid order of two books, and somebody of the finances.
    private func paid(_ database: TestDatabase) throws -> (shop: Shop, order: Order, customer: Customer.ID) {
        let (order, customer, finance) = try database.prepared { transaction in
            let editor = try transaction.person("e", .editor), customer = try transaction.person("c")
            let books = [
                try transaction.published("Emma", by: editor),
                try transaction.published("Persuasion", price: 999, by: editor),
            ]
            let order = try transaction.ordered(books, by: customer)
            _ = try transaction.record(.test(of: try transaction.opened(order)))
            return (order, customer, try transaction.person("f", .finance))
        }
        return (
            database.shop(of: "payments", for: Principal(id: finance, roles: [.finance])), order, customer
        )
    }

    private func refunded(
        _ order: Order.ID, lines: String? = nil, reason: String = "customer_request",
        key: String? = Request.key, in shop: Shop
    ) -> Response {
        let lines = lines.map { ",\"lines\":\($0)" } ?? ""
        let body = #"{"orderId":"\#(order)","reason":"\#(reason)"\#(lines)}"#
        return Lambda.answer(.typed("POST /api/v1/payments/refund", body, key: key)) {
            try payments($0, in: shop)
        }
    }

    private func owned(_ customer: Customer.ID, _ database: TestDatabase) throws -> Int {
        try database.prepared { try $0.audiobooks(ownedBy: customer).count }
    }

    @Test func `a line goes back at the order's own price, once under one key, and is no longer owned`()
        throws
    {
        try withDatabase { database in
            var (shop, order, customer) = try paid(database)
            let asked = Told<RefundRequest>()
            shop.refunds = .giving(telling: asked)
            let line = order.lines[1].total.minorUnits
            let first = refunded(order.id, lines: "[2]", in: shop)
            #expect(first.statusCode == 201 && first["state"] == "succeeded")
            #expect(first["amount/minorUnits"] == "\(line)" && first["lines/0"] == "2")
            #expect(refunded(order.id, lines: "[2]", in: shop).body == first.body)
            #expect(asked.all.map(\.refund.amount.minorUnits) == [line])
            #expect(try owned(customer, database) == 1)
            #expect(refunded(order.id, lines: "[1]", in: shop).outcome == "422 idempotency-key-reused")
            #expect(
                refunded(order.id, lines: "[2]", key: "another-key-00000001", in: shop).outcome
                    == "409 already-refunded")
            let rest = refunded(order.id, key: "another-key-00000002", in: shop)
            #expect(rest["amount/minorUnits"] == "\(order.total.minorUnits - line)")
            #expect(try owned(customer, database) == 0)
            #expect(
                refunded(order.id, key: "another-key-00000003", in: shop).outcome == "409 already-refunded")
            #expect(try database.prepared { try $0.paymentStatus(of: order.id) } == "refunded")
            #expect(try database.count("plumbing.audit_log WHERE action = 'refund.requested'") == 2)
        }
    }

    @Test func `nobody but the finances gives back`() throws {
        try withDatabase { database in
            let (_, order, customer) = try paid(database)
            for roles: Set<Role> in [[], [.editor], [.support]] {
                let shop = database.shop(of: "payments", for: Principal(id: customer, roles: roles))
                #expect(refunded(order.id, in: shop).outcome == "403 forbidden")
            }
            #expect(refunded(order.id, in: database.shop(of: "payments")).outcome == "401 unauthenticated")
            #expect(try database.count("sales.refunds") == 0)
        }
    }

    @Test func `what cannot go back is refused, and nothing is written`() throws {
        try withDatabase { database in
            let (shop, order, _) = try paid(database)
            let pending = try database.prepared { transaction in
                let other = try transaction.person("d")
                return try transaction.ordered(order.lines.map(\.audiobook), by: other)
            }
            #expect(refunded(Order.ID(), in: shop).outcome == "404 not-found")
            #expect(refunded(pending.id, in: shop).outcome == "409 not-paid")
            #expect(refunded(order.id, key: nil, in: shop).outcome == "400 idempotency-key")
            for lines in ["[3]", "[]", "[0]", "[-1]", "[1,1]", "[40000]"] {
                #expect(refunded(order.id, lines: lines, in: shop).outcome == "422 invalid-value", "\(lines)")
            }
            #expect(refunded(order.id, lines: "[1.5]", in: shop).outcome == "400 malformed-body")
            #expect(refunded(order.id, reason: "surplus", in: shop).outcome == "400 malformed-body")
            #expect(try database.count("sales.refunds") == 0)
        }
    }

    @Test func `what went back in the Dashboard counts, and what is disputed waits`() throws {
        try withDatabase { database in
            let (shop, order, _) = try paid(database)
            let intent = try database.prepared { try $0.paymentIntent(of: order.id) }
            try database.prepared { transaction in
                let external = RefundFact(
                    id: "re_x", own: nil, paymentIntent: intent, amount: 1200, currency: "EUR",
                    state: .succeeded, failureReason: nil)
                _ = try transaction.record(external, toldBy: "evt", at: Date())
            }
            #expect(refunded(order.id, lines: "[1]", in: shop).outcome == "409 refund-exceeds")
            try database.prepared { transaction in
                let dispute = DisputeFact(
                    id: "du_x", paymentIntent: intent, amount: 1298, currency: "EUR",
                    status: "needs_response",
                    reason: "fraudulent", isChargeRefundable: false, evidenceDueAt: nil,
                    evidenceSubmissions: 0, funds: nil)
                _ = try transaction.record(dispute, toldBy: "evt", at: Date())
            }
            #expect(refunded(order.id, in: shop).outcome == "409 charge-disputed")
        }
    }

    @Test func `what the provider refuses stays with us, and somebody is told`() throws {
        try withDatabase { database in
            var (shop, order, customer) = try paid(database)
            shop.refunds.give = { _ in
                throw OutsideFailure("stripe", .refused, code: "charge_disputed", reason: "status 400")
            }
            #expect(refunded(order.id, in: shop).outcome == "409 refund-refused")
            #expect(refunded(order.id, in: shop).outcome == "409 refund-refused", "under the same key")
            #expect(try owned(customer, database) == 2)
            #expect(try database.count("plumbing.alerts WHERE kind = 'refund-failed'") == 1)
            shop.refunds = .giving()
            #expect(refunded(order.id, key: "another-key-00000001", in: shop).statusCode == 201)
        }
    }

    @Test func `what nobody knows the end of is asked again under the same key`() throws {
        try withDatabase { database in
            var (shop, order, customer) = try paid(database)
            let asked = Told<RefundRequest>()
            shop.refunds.give = { request in
                asked.append(request)
                throw OutsideFailure("stripe", .undecided, reason: "none")
            }
            let first = refunded(order.id, in: shop)
            #expect(first.statusCode == 202 && first["state"] == "requested")
            #expect(try owned(customer, database) == 2)
            shop.refunds = .giving(telling: asked)
            #expect(refunded(order.id, in: shop).statusCode == 201)
            #expect(Set(asked.all.map(\.idempotencyKey)).count == 1 && asked.all.count == 2)
            #expect(try owned(customer, database) == 0)
        }
    }
}

extension Transaction {
    /// By which an order was paid.
    func paymentIntent(of order: Order.ID) throws -> String? {
        try value(
            "SELECT payment_intent_id FROM sales.payment_attempts WHERE order_id = \(order) AND state = 'succeeded'"
        )
    }
}

extension RefundFact {
    static func test(_ request: RefundRequest, _ state: Refund.State = .succeeded) -> RefundFact {
        RefundFact(
            id: "re_\(request.refund.id)", own: request.refund.id, paymentIntent: request.paymentIntent,
            amount: request.refund.amount.minorUnits, currency: request.refund.amount.currency.rawValue,
            state: state, failureReason: nil)
    }
}

extension Refunds {
    /// A provider that gives back whatever it is asked for.
    static func giving(telling told: Told<RefundRequest> = Told()) -> Refunds {
        var refunds = Refunds.unset
        refunds.give = { request in
            told.append(request)
            return .test(request)
        }
        return refunds
    }
}
