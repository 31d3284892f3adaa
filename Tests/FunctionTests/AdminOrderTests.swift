import Core
import Foundation
import TestSupport
import Testing

@testable import admin
@testable import orders

/// Everybody's orders, as the back office sees them.
@Suite struct AdminOrderTests {
    private struct World {
        let office: BackOffice
        let ada: Customer.ID
        let ben: Customer.ID
        /// Ada's, of two books, paid.
        let paid: Order
        /// Ben's, which waits.
        let waiting: Order

        init(_ database: TestDatabase) throws {
            office = try BackOffice(database)
            (ada, ben, paid, waiting) = try database.prepared { transaction in
                let editor = try transaction.person("e", .editor)
                let ada = try transaction.person("a"), ben = try transaction.person("b")
                try transaction.run(
                    "UPDATE identity.users SET email = 'Ada@id.test', name = 'Ada' WHERE id = \(ada)")
                try transaction.run("UPDATE identity.users SET email = 'ben@id.test' WHERE id = \(ben)")
                let emma = try transaction.published("Emma", by: editor)
                let persuasion = try transaction.published("Persuasion", price: 999, by: editor)
                let paid = try transaction.ordered([emma, persuasion], by: ada)
                _ = try transaction.record(.test(of: try transaction.opened(paid)))
                return (
                    ada, ben, try transaction.order(paid.id) ?? paid, try transaction.ordered([emma], by: ben)
                )
            }
            // One transaction is one moment: the order that was placed first is made the older.
            try database.prepared {
                _ = try $0.run(
                    "UPDATE sales.orders SET created_at = created_at - interval '1 hour' WHERE id = \(paid.id)"
                )
            }
        }

        func file(_ order: Order.ID, as roles: Set<Role>? = [.support]) -> Response {
            office.get("orders/{id}", as: roles, ["id": "\(order)"])
        }
    }

    @Test func `the newest come first, with whose they are, a page at a time`() throws {
        try withDatabase { database in
            let world = try World(database), office = world.office
            let all = office.get("orders", as: [.support])
            #expect(all["items"] == "2" && all["next"] == nil)
            #expect(
                all["items/0/order/id"] == "\(world.waiting.id)" && all["items/0/order/state"] == "pending")
            #expect(all["items/1/order/paymentStatus"] == "paid" && all["items/1/order/bookCount"] == "2")
            #expect(all["items/1/order/total/minorUnits"] == "2498")
            #expect(all["items/1/customer/email"] == "Ada@id.test" && all["items/1/customer/name"] == "Ada")
            #expect(all.headers["cache-control"] == "no-store")
            let first = office.get("orders", query: ["limit": "1"], as: [.finance])
            let next = try #require(first["next"])
            let rest = office.get("orders", query: ["limit": "1", "cursor": next])
            #expect(rest["items/0/order/id"] == "\(world.paid.id)" && rest["next"] == nil)
            #expect(
                office.get("orders", query: ["state": "pending", "cursor": next]).outcome
                    == "400 invalid-query")
        }
    }

    @Test func `they are found by state, by number and by the whole address`() throws {
        try withDatabase { database in
            let world = try World(database)
            func found(_ query: Query) -> [String?] {
                let answer = world.office.get("orders", query: query)
                return (0..<(answer["items"].flatMap(Int.init) ?? -1)).map { answer["items/\($0)/order/id"] }
            }
            let paid = "\(world.paid.id)", waiting = "\(world.waiting.id)"
            #expect(found(["state": "confirmed"]) == [paid] && found(["state": "expired"]) == [])
            #expect(found(["email": "ADA@id.test"]) == [paid] && found(["email": "ben@id.test"]) == [waiting])
            #expect(found(["email": "ada@id"]) == [] && found(["email": "%"]) == [])
            let number = try #require(world.paid.number)
            #expect(found(["number": "\(number)"]) == [paid] && found(["number": "\(number + 1)"]) == [])
            #expect(found(["number": "\(number)", "email": "ben@id.test"]) == [])
            for (name, value) in [
                ("state", "paid"), ("email", ""), ("number", "0"), ("number", "x"), ("cursor", "x"),
                ("q", "x"),
            ] {
                let answer = world.office.get("orders", query: Query(dictionaryLiteral: (name, value)))
                #expect(answer.outcome == "400 invalid-query", "\(name)=\(value)")
            }
        }
    }

    @Test func `an order's file is what its customer sees, and all that moved`() throws {
        try withDatabase { database in
            let world = try World(database), order = world.paid
            try database.prepared { transaction in
                let intent = try transaction.paymentIntent(of: order.id)
                let refund = RefundFact(
                    id: "re_1", own: nil, paymentIntent: intent, amount: 999, currency: "EUR",
                    state: .succeeded,
                    failureReason: nil)
                _ = try transaction.record(refund, toldBy: "evt_r", at: Date())
                let dispute = DisputeFact(
                    id: "du_1", paymentIntent: intent, amount: 1499, currency: "EUR",
                    status: "needs_response",
                    reason: "fraudulent", isChargeRefundable: false, evidenceDueAt: nil,
                    evidenceSubmissions: 0,
                    funds: .withdrawn)
                _ = try transaction.record(dispute, toldBy: "evt_d", at: Date())
            }
            let file = world.file(order.id)
            #expect(file.statusCode == 200 && file["customer/id"] == "\(world.ada)")
            #expect(file["attempts"] == "1" && file["attempts/0/disposition"] == "applied")
            #expect(file["attempts/0/received/minorUnits"] == "2498")
            #expect(file["refunds"] == "1" && file["refunds/0/reason"] == "external")
            #expect(file["disputes/0/id"] == "du_1" && file["disputes/0/state"] == "open")
            #expect((0..<3).map { file["ledger/\($0)/amount/minorUnits"] } == ["2498", "-999", "-1499"])
            #expect(
                file["order/payment/net/minorUnits"] == "0" && file["order/payment/status"] == "charged_back")

            let shop = database.shop(of: "orders", for: .customer(world.ada))
            let own = Lambda.answer(Request("GET /api/v1/orders/{id}", parameters: ["id": "\(order.id)"])) {
                try orders($0, in: shop)
            }
            #expect(file.headers["etag"] == own.headers["etag"] && own.headers["etag"] != nil)
            #expect(
                file.text.contains(own.text.dropFirst().dropLast()),
                "what the customer sees is in it, letter by letter")
        }
    }

    @Test func `the version that support sees is the one by which it cancels`() throws {
        try withDatabase { database in
            let world = try World(database)
            let tag = try #require(world.file(world.waiting.id).headers["etag"])
            let shop = database.shop(of: "orders", for: Principal(id: world.office.staff, roles: [.support]))
            let answer = Lambda.answer(
                .typed(
                    "PUT /api/v1/orders/{id}/status", #"{"state":"cancelled"}"#, id: "\(world.waiting.id)",
                    headers: ["if-match": tag])
            ) { try orders($0, in: shop) }
            #expect(answer.statusCode == 200)
            let after = world.file(world.waiting.id)
            #expect(after["order/state"] == "cancelled" && after["order/history/1/by"] == "staff")
            #expect(after.headers["etag"] != tag)
        }
    }

    @Test func `those who neither help nor count see no orders`() throws {
        try withDatabase { database in
            let world = try World(database), office = world.office
            let admitted = ["admin", "support", "finance"]
            #expect(office.admitted { office.get("orders", as: $0) } == admitted)
            #expect(office.admitted { world.file(world.paid.id, as: $0) } == admitted)
            #expect(office.get("orders", as: nil).outcome == "401 unauthenticated")
            #expect(office.get("orders", as: [.editor]).outcome == "403 forbidden")
            for id in ["\(Order.ID())", "1", ""] {
                #expect(office.get("orders/{id}", ["id": id]).outcome == "404 not-found")
            }
        }
    }
}
