import Core
import Foundation
import TestSupport
import Testing

@testable import orders

@Suite struct OrderChangeTests {
    private let cancel = "POST /api/v1/orders/{id}/cancel"
    private let refresh = "POST /api/v1/orders/{id}/refresh"
    private let status = "PUT /api/v1/orders/{id}/status"

    @Test func `an order that waits is cancelled, and its page is closed first`() throws {
        try withDatabase { database in
            let ordering = try Ordering(database)
            let (order, attempt) = try ordering.opened("Emma")
            let closed = Told<String>()
            var shop = ordering.shop()
            shop.payments.expireSession = { id in
                closed.append(id)
                return .ended(attempt, .expired)
            }
            shop.payments.session = { _ in .ended(attempt, .expired) }
            let answer = ordering.sent(cancel, id: order.id, in: shop)
            #expect(answer.statusCode == 200 && answer["state"] == "cancelled" && answer["closedAt"] != nil)
            #expect(answer["history/1/by"] == "customer")
            #expect(closed.all == ["cs_\(attempt.id)"])
            #expect(ordering.sent(cancel, id: order.id).statusCode == 200, "it stays so, and nobody is asked")
        }
    }

    @Test func `a customer asks for money back, and finance is told until it goes`() throws {
        try withDatabase { database in
            let ordering = try Ordering(database)
            let order = try ordering.confirmed(["Emma", "Persuasion"])
            func ask(_ body: String, id: Order.ID? = nil, in shop: Shop? = nil) -> Response {
                ordering.sent("PUT /api/v1/orders/{id}/refund-request", body, id: id ?? order.id, in: shop)
            }
            func open() throws -> [String] {
                try database.prepared { try $0.alerts(for: [.finance], open: true).items.map(\.kind) }
            }
            let wish = #"{"lines": [2, 2], "reason": "changed_mind"}"#
            let asked = ask(wish)
            #expect(asked["refundRequest/lines/0"] == "2" && asked["refundRequest/lines"] == "1")
            #expect(try open() == ["refund-asked"])
            #expect(ask(wish)["refundRequest/askedAt"] == asked["refundRequest/askedAt"], "once is enough")
            for lines in ["[]", "[0]", "[3]"] {
                #expect(ask(#"{"lines": \#(lines), "reason": "faulty"}"#).outcome == "422 invalid-value")
            }
            #expect(ask(#"{"lines": [1], "reason": "no-such"}"#).statusCode == 400)
            let other = try database.prepared { try $0.person("other") }
            #expect(ask(wish, in: ordering.shop(for: .customer(other))).outcome == "404 not-found")
            let unpaid = try ordering.ordered("Middlemarch")
            #expect(ask(#"{"lines": [1], "reason": "faulty"}"#, id: unpaid.id).outcome == "409 not-paid")
            try database.prepared { transaction in
                try transaction.run(
                    """
                    INSERT INTO sales.refunds (order_id, attempt_id, currency, amount, reason, idempotency_key)
                    SELECT order_id, id, currency, 1, 'customer_request', 'the-key-of-a-refund' FROM sales.payment_attempts
                    WHERE order_id = \(order.id)
                    """)
            }
            #expect(try open().isEmpty)
        }
    }

    @Test func `an order that no page was opened for is cancelled without asking anybody`() throws {
        try withDatabase { database in
            let ordering = try Ordering(database)
            let order = try ordering.ordered("Emma")
            #expect(ordering.sent(cancel, id: order.id)["state"] == "cancelled")
        }
    }

    @Test func `what was paid while it was being cancelled is bought`() throws {
        try withDatabase { database in
            let ordering = try Ordering(database)
            let (order, attempt) = try ordering.opened("Emma")
            var shop = ordering.shop()
            shop.payments.expireSession = { _ in
                throw OutsideFailure("stripe", .refused, code: "session_not_open", reason: "complete")
            }
            shop.payments.session = { _ in .ended(attempt, .complete) }
            #expect(ordering.sent(cancel, id: order.id, in: shop).outcome == "409 order-paid")
            #expect(ordering.sent("GET /api/v1/orders/{id}", id: order.id)["state"] == "confirmed")
            #expect(try database.count("listening.entitlements") == 1)
            #expect(ordering.sent(cancel, id: order.id).outcome == "409 order-paid", "nobody is asked again")
        }
    }

    @Test func `what is being paid slowly is not cancelled, nor what has expired`() throws {
        try withDatabase { database in
            let ordering = try Ordering(database)
            let (order, attempt) = try ordering.opened("Emma")
            var shop = ordering.shop()
            shop.payments.expireSession = { _ in
                throw OutsideFailure("stripe", .refused, code: "session_not_open", reason: "complete")
            }
            shop.payments.session = { _ in .ended(attempt, .complete, payment: .unpaid) }
            #expect(ordering.sent(cancel, id: order.id, in: shop).outcome == "409 payment-processing")
            #expect(ordering.sent("GET /api/v1/orders/{id}", id: order.id)["payment/attempt"] == "processing")

            let others = try Ordering(database, customer: "d")
            let other = try others.ordered("Persuasion")
            try database.prepared { _ = try $0.close(other.id, as: .expired) }
            #expect(others.sent(cancel, id: other.id).outcome == "409 illegal-transition")
        }
    }

    @Test func `a provider that does not answer leaves everything as it is`() throws {
        try withDatabase { database in
            let ordering = try Ordering(database)
            let (order, _) = try ordering.opened("Emma")
            var shop = ordering.shop()
            shop.payments.expireSession = { _ in
                throw OutsideFailure("stripe", .unavailable, reason: "status 500")
            }
            shop.payments.session = { _ in throw OutsideFailure("stripe", .unavailable, reason: "status 500")
            }
            #expect(ordering.sent(cancel, id: order.id, in: shop).outcome == "503 outside-unavailable")
            #expect(ordering.sent(refresh, id: order.id, in: shop).outcome == "503 outside-unavailable")
            #expect(ordering.sent("GET /api/v1/orders/{id}", id: order.id)["payment/attempt"] == "open")
        }
    }

    @Test func `refreshing asks how the page stands and does the same as the webhook`() throws {
        try withDatabase { database in
            let ordering = try Ordering(database)
            let (order, attempt) = try ordering.opened("Emma")
            var shop = ordering.shop()
            shop.payments.session = { _ in .test(of: attempt) }
            #expect(ordering.sent(refresh, id: order.id, in: shop)["state"] == "pending")
            shop.payments.session = { _ in .ended(attempt, .complete) }
            let paid = ordering.sent(refresh, id: order.id, in: shop)
            #expect(paid["state"] == "confirmed" && paid["payment/status"] == "paid")
            #expect(ordering.sent(refresh, id: order.id)["state"] == "confirmed", "nobody is asked any more")
            #expect(try database.count("sales.ledger") == 1)
        }
    }

    @Test func `refreshing does not end an attempt whose page is being opened`() throws {
        try withDatabase { database in
            let ordering = try Ordering(database)
            let order = try ordering.ordered("Emma")
            try database.prepared {
                _ = try $0.attempt(toPay: order.id, until: Date(timeIntervalSinceNow: 3600))
            }
            #expect(ordering.sent(refresh, id: order.id)["payment/attempt"] == "created")
        }
    }

    private func set(
        _ body: String, of order: Order, by roles: Set<Role>?, in ordering: Ordering,
        seen version: String? = "\"1\"",
        payments: Payments = .unset
    ) throws -> Response {
        let staff = try ordering.database.prepared { try $0.person("staff") }
        var shop = ordering.database.shop(of: "orders", for: roles.map { Principal(id: staff, roles: $0) })
        shop.payments = payments
        let headers = version.map { ["if-match": $0] } ?? [:]
        return ordering.sent(status, body, id: order.id, headers: headers, in: shop)
    }

    @Test func `support moves an order that waits, and the log says who and why`() throws {
        try withDatabase { database in
            let ordering = try Ordering(database)
            let (order, attempt) = try ordering.opened("Emma")
            var payments = Payments.unset
            payments.expireSession = { _ in .ended(attempt, .expired) }
            payments.session = { _ in .ended(attempt, .expired) }
            let body = #"{"state": "cancelled", "reason": "asked for by phone"}"#
            let moved = try set(body, of: order, by: [.support], in: ordering, payments: payments)
            #expect(moved.statusCode == 200 && moved["state"] == "cancelled")
            #expect(moved.headers["etag"] == "\"2\"" && moved["history/1/by"] == "staff")
            let noted: [String] = try database.prepared { transaction in
                try transaction.values(
                    """
                    SELECT concat_ws(' ', action, subject, before ->> 'state', after ->> 'state', after ->> 'reason',
                        (SELECT subject FROM identity.users WHERE id = actor), request_id) FROM plumbing.audit_log
                    WHERE action = 'order.moved'
                    """)
            }
            #expect(
                noted == [
                    "order.moved order/\(order.id) pending cancelled asked for by phone staff \(Invocation().id)"
                ])
            #expect(try set(body, of: order, by: [.support], in: ordering).outcome == "412 changed-meanwhile")
        }
    }

    @Test(arguments: [
        (#"{"state": "confirmed"}"#, "409 illegal-transition"),
        (#"{"state": "pending"}"#, "409 illegal-transition"),
        (#"{"state": "refunded"}"#, "400 malformed-body"), ("{}", "400 malformed-body"),
        ("", "400 malformed-body"),
        (#"{"state": "cancelled", "reason": ""}"#, "422 invalid-value"),
    ])
    func `nobody confirms by hand, and what is no status is refused`(body: String, outcome: String) throws {
        try withDatabase { database in
            let ordering = try Ordering(database)
            let order = try ordering.ordered("Emma")
            #expect(try set(body, of: order, by: [.admin], in: ordering).outcome == outcome)
            #expect(try database.count("plumbing.audit_log WHERE action = 'order.moved'") == 0)
            #expect(try database.count("sales.orders WHERE state = 'pending'") == 1)
        }
    }

    @Test func `what is not legal is not done, and who has not seen it does not move it`() throws {
        try withDatabase { database in
            let ordering = try Ordering(database)
            let paid = try ordering.confirmed(["Emma"])
            for state in ["cancelled", "expired", "pending", "confirmed"] {
                let body = #"{"state": "\#(state)"}"#
                let refused = try set(body, of: paid, by: [.support], in: ordering, seen: "\"2\"")
                #expect(refused.outcome == "409 illegal-transition", "\(state)")
            }
            let order = try ordering.ordered("Persuasion")
            let body = #"{"state": "expired"}"#
            #expect(
                try set(body, of: order, by: [.support], in: ordering, seen: nil).outcome
                    == "428 precondition-required")
            for tag in ["\"2\"", "*", "W/\"1\"", "1"] {
                let stale = try set(body, of: order, by: [.support], in: ordering, seen: tag)
                #expect(stale.outcome == "412 changed-meanwhile", "\(tag)")
            }
            #expect(try set(body, of: order, by: [.support], in: ordering)["state"] == "expired")
        }
    }

    @Test func `only support moves orders`() throws {
        try withDatabase { database in
            let ordering = try Ordering(database)
            let order = try ordering.ordered("Emma")
            let body = #"{"state": "cancelled"}"#
            for roles: Set<Role> in [[], [.editor], [.finance]] {
                #expect(try set(body, of: order, by: roles, in: ordering).outcome == "403 forbidden")
            }
            #expect(try set(body, of: order, by: nil, in: ordering).outcome == "401 unauthenticated")
            #expect(
                ordering.sent(status, body, id: order.id, headers: ["if-match": "\"1\""]).outcome
                    == "403 forbidden")
            #expect(try set(body, of: order, by: [.admin], in: ordering).statusCode == 200)
        }
    }

    @Test func `an order paid while support moves it is bought`() throws {
        try withDatabase { database in
            let ordering = try Ordering(database)
            let (order, attempt) = try ordering.opened("Emma")
            var payments = Payments.unset
            payments.expireSession = { _ in
                throw OutsideFailure("stripe", .refused, code: "session_not_open", reason: "complete")
            }
            payments.session = { _ in .ended(attempt, .complete) }
            let body = #"{"state": "cancelled"}"#
            let moved = try set(body, of: order, by: [.support], in: ordering, payments: payments)
            #expect(moved.outcome == "409 order-paid")
            #expect(try database.count("plumbing.audit_log WHERE action = 'order.moved'") == 0)
            #expect(try database.count("sales.orders WHERE state = 'confirmed'") == 1)
        }
    }
}
