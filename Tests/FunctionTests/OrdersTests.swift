import Core
import Foundation
import TestSupport
import Testing

@testable import orders

@Suite struct OrdersTests {
    @Test func `a customer lists their orders, the newest first, by state and page by page`() throws {
        try withDatabase { database in
            let ordering = try Ordering(database)
            let first = try ordering.confirmed(["Emma", "Persuasion"])
            let second = try ordering.ordered("Middlemarch")
            let all = ordering.sent("GET /api/v1/orders")
            #expect(all["items"] == "2" && all["items/0/id"] == "\(second.id)" && all["next"] == nil)
            #expect(all["items/1/number"] == "1" && all["items/1/bookCount"] == "2")
            #expect(all["items/1/paymentStatus"] == "paid" && all["items/0/paymentStatus"] == "unpaid")
            #expect(all["items/1/total/minorUnits"] == "2998" && all["items/1/confirmedAt"] != nil)
            #expect(all.headers["cache-control"] == "private, no-store")

            let page = ordering.sent("GET /api/v1/orders", query: ["limit": "1"])
            let next = try #require(page["next"])
            let rest = ordering.sent("GET /api/v1/orders", query: ["limit": "1", "cursor": next])
            #expect(rest["items/0/id"] == "\(first.id)" && rest["next"] == nil)
            let confirmed = ordering.sent("GET /api/v1/orders", query: ["state": "confirmed"])
            #expect(confirmed["items"] == "1" && confirmed["items/0/id"] == "\(first.id)")
            for (name, value) in [("state", "paid"), ("limit", "101"), ("cursor", "x"), ("user", "1")] {
                let refused = ordering.sent(
                    "GET /api/v1/orders", query: Query(dictionaryLiteral: (name, value)))
                #expect(refused.outcome == "400 invalid-query" && refused["errors/0/parameter"] == name)
            }
            let foreign = ordering.sent("GET /api/v1/orders", query: ["state": "pending", "cursor": next])
            #expect(foreign.outcome == "400 invalid-query", "a cursor of another list")
        }
    }

    @Test func `an order tells its lines, its money and its history`() throws {
        try withDatabase { database in
            let ordering = try Ordering(database)
            let (order, attempt) = try ordering.opened("Emma", "Persuasion")
            let waiting = ordering.sent("GET /api/v1/orders/{id}", id: order.id)
            #expect(waiting["state"] == "pending" && waiting["number"] == nil)
            #expect(waiting["payment/status"] == "unpaid" && waiting["payment/attempt"] == "open")
            #expect(waiting["payment/payAt"] == "https://pay.test/cs_\(attempt.id)")
            #expect(waiting.headers["etag"] == "\"1\"" && waiting["history"] == "1")
            #expect(waiting["history/0/by"] == "customer" && waiting["history/0/state"] == "pending")

            try database.prepared { _ = try $0.record(.test(of: attempt)) }
            let paid = ordering.sent("GET /api/v1/orders/{id}", id: order.id)
            #expect(paid["state"] == "confirmed" && paid["number"] == "1" && paid["confirmedAt"] != nil)
            #expect(paid["lines"] == "2" && paid["lines/0/title"] == "Emma")
            #expect(paid["lines/0/listPrice/minorUnits"] == "1499" && paid["total/minorUnits"] == "2998")
            #expect(paid["payment/net/minorUnits"] == "2998" && paid["payment/payAt"] == nil)
            #expect(paid["history/1/state"] == "confirmed" && paid["history/1/by"] == "shop")
            #expect(paid.headers["etag"] == "\"2\"")
        }
    }

    @Test func `another's order is none, and nobody has any without signing in`() throws {
        try withDatabase { database in
            let ordering = try Ordering(database)
            let order = try ordering.confirmed(["Emma"])
            let other = ordering.shop(for: .customer(try database.prepared { try $0.person("d") }))
            let routes = [
                "GET /api/v1/orders/{id}", "POST /api/v1/orders/{id}/cancel",
                "POST /api/v1/orders/{id}/refresh", "GET /api/v1/orders/{id}/receipt",
            ]
            let stranger = database.shop(of: "orders")
            for route in routes {
                #expect(ordering.sent(route, id: order.id, in: other).outcome == "404 not-found", "\(route)")
                #expect(ordering.sent(route, id: Order.ID()).outcome == "404 not-found", "\(route)")
                #expect(ordering.sent(route, id: order.id, in: stranger).outcome == "401 unauthenticated")
                let unknown = ordering.sent(route, id: order.id, query: ["x": "1"])
                #expect(unknown.outcome == "400 invalid-query", "\(route)")
            }
            #expect(ordering.sent("GET /api/v1/orders", in: other)["items"] == "0")
            #expect(ordering.sent("GET /api/v1/orders", in: stranger).outcome == "401 unauthenticated")
            let named = Lambda.answer(.typed("GET /api/v1/orders/{id}", id: "emma")) {
                try orders($0, in: ordering.shop())
            }
            #expect(named.outcome == "404 not-found")
            #expect(ordering.sent("PATCH /api/v1/orders").outcome == "404 not-found")
            // What staff may see of it they see in the back office.
            let staff = ordering.shop(for: Principal(id: Principal.ID(), roles: [.admin]))
            #expect(
                ordering.sent("GET /api/v1/orders/{id}", id: order.id, in: staff).outcome == "404 not-found")
        }
    }

    private func choosing(_ title: String, price: Int = 1499, in ordering: Ordering) throws {
        try ordering.database.prepared { transaction in
            let book = try transaction.published(title, price: price, by: ordering.editor)
            try transaction.add(book, toCartOf: ordering.customer, in: .eur)
        }
    }

    @Test func `a cart becomes an order that opens no page, once under one key`() throws {
        try withDatabase { database in
            let ordering = try Ordering(database)
            try choosing("Emma", in: ordering)
            let first = ordering.sent("POST /api/v1/orders", key: Request.key)
            #expect(first.statusCode == 201 && first["state"] == "pending")
            let id = try #require(first["id"])
            #expect(first.headers["location"] == "/api/v1/orders/\(id)")
            #expect(first["payment/attempt"] == nil, "nothing is asked of anybody")
            #expect(try database.count("sales.payment_attempts") == 0)

            let again = ordering.sent("POST /api/v1/orders", key: Request.key)
            #expect(again["id"] == id && again.headers["idempotent-replayed"] == "true")
            #expect(ordering.sent("POST /api/v1/orders", key: "another-key-00000001")["id"] == id)
            let other = ordering.sent("POST /api/v1/orders", #"{"country": "FR"}"#, key: Request.key)
            #expect(other.outcome == "422 idempotency-key-reused" || other.outcome == "409 waiver-required")
            #expect(ordering.sent("POST /api/v1/orders").outcome == "400 idempotency-key")
            #expect(try database.count("sales.orders") == 1)
        }
    }

    @Test func `a cart that changed closes the order that waited before`() throws {
        try withDatabase { database in
            let ordering = try Ordering(database)
            let (order, attempt) = try ordering.opened("Emma")
            try choosing("Persuasion", price: 999, in: ordering)
            var shop = ordering.shop()
            shop.payments.expireSession = { _ in .ended(attempt, .expired) }
            shop.payments.session = { _ in .ended(attempt, .expired) }
            let second = ordering.sent("POST /api/v1/orders", key: Request.key, in: shop)
            #expect(second.statusCode == 201 && second["total/minorUnits"] == "2498")
            let closed = ordering.sent("GET /api/v1/orders/{id}", id: order.id)
            #expect(closed["state"] == "cancelled" && closed["history/1/by"] == "customer")
        }
    }

    @Test func `what cannot be ordered is refused as at checkout`() throws {
        try withDatabase { database in
            let ordering = try Ordering(database)
            #expect(ordering.sent("POST /api/v1/orders", key: Request.key).outcome == "409 empty-cart")
            #expect(
                ordering.sent("POST /api/v1/orders", "[1]", key: Request.key).outcome == "400 malformed-body")
            #expect(
                ordering.sent("POST /api/v1/orders", key: Request.key, in: database.shop(of: "orders"))
                    .outcome
                    == "401 unauthenticated")
            try choosing("Emma", in: ordering)
            let german = ordering.shop(country: .germany)
            #expect(
                ordering.sent("POST /api/v1/orders", key: Request.key, in: german).outcome
                    == "409 waiver-required")
            let agreed = ordering.sent(
                "POST /api/v1/orders", #"{"withdrawalWaiver": "2026-07"}"#, key: Request.key, in: german)
            #expect(agreed["withdrawalWaiver"] == "2026-07" && agreed["taxRule/basisPoints"] == "700")
            #expect(agreed["includedTax/minorUnits"] == "98")
        }
    }

    @Test func `what costs nothing is bought at once`() throws {
        try withDatabase { database in
            let ordering = try Ordering(database)
            try choosing("Emma", price: 0, in: ordering)
            let order = ordering.sent("POST /api/v1/orders", key: Request.key)
            #expect(order.statusCode == 201 && order["state"] == "confirmed" && order["number"] == "1")
            #expect(order["payment/status"] == "no_payment_required")
            #expect(try database.count("listening.entitlements") == 1)
        }
    }
}
