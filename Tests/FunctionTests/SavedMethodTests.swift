import Core
import Foundation
import TestSupport
import Testing

@testable import payments

/// Ways to pay that the provider keeps.
@Suite struct SavedMethodTests {
    private func sent(_ route: String, id: String? = nil, in shop: Shop) -> Response {
        Lambda.answer(.typed(route, id: id)) { try payments($0, in: shop) }
    }

    private func method(_ id: String, of customer: String?) -> SavedMethod {
        SavedMethod(
            id: id, customer: customer, brand: "visa", last4: "4242", expiryMonth: 12, expiryYear: 2049)
    }

    @Test func `a customer becomes known to the provider once, under a key that is kept`() throws {
        try withDatabase { database in
            let customer = try database.prepared { try $0.person("c") }
            var shop = database.shop(of: "payments", for: .customer(customer))
            let keys = Told<String>()
            shop.methods.customer = { _, key in
                keys.append(key)
                if keys.all.count == 1 { throw OutsideFailure("stripe", .undecided, reason: "none") }
                return "cus_1"
            }
            shop.methods.setUp = { MethodSetup(id: "seti_1", clientSecret: "\($0)_secret") }
            #expect(sent("POST /api/v1/payments/methods", in: shop).outcome == "503 outside-unavailable")
            for _ in 1...2 {
                let answer = sent("POST /api/v1/payments/methods", in: shop)
                #expect(answer.statusCode == 201 && answer["clientSecret"] == "cus_1_secret")
            }
            #expect(keys.all.count == 2 && Set(keys.all).count == 1)
        }
    }

    @Test func `methods are listed by what anybody may see, and another's is none`() throws {
        try withDatabase { database in
            let (customer, stranger) = try database.prepared { transaction in
                let customer = try transaction.person("c")
                try transaction.note(providerCustomer: "cus_1", of: customer)
                return (customer, try transaction.person("d"))
            }
            var shop = database.shop(of: "payments", for: .customer(customer))
            shop.methods.all = { customer in [method("pm_1", of: customer)] }
            shop.methods.method = { id in
                switch id {
                case "pm_1": method(id, of: "cus_1")
                case "pm_2": method(id, of: "cus_2")
                case "pm_3": method(id, of: nil)
                default: nil
                }
            }
            let forgotten = Told<String>()
            shop.methods.forget = { forgotten.append($0) }
            let list = sent("GET /api/v1/payments/methods", in: shop)
            #expect(list["items/0/brand"] == "visa" && list["items/0/last4"] == "4242")
            #expect(list["items/0/expiryYear"] == "2049")
            let route = "DELETE /api/v1/payments/methods/{id}"
            for id in ["pm_2", "pm_3", "pm_none"] {
                #expect(sent(route, id: id, in: shop).outcome == "404 not-found")
            }
            #expect(sent(route, id: "pm_1", in: shop).statusCode == 204)
            #expect(forgotten.all == ["pm_1"])
            let other = database.shop(of: "payments", for: .customer(stranger))
            #expect(sent("GET /api/v1/payments/methods", in: other)["items"] == "0")
            #expect(sent(route, id: "pm_1", in: other).outcome == "404 not-found")
            let nobody = database.shop(of: "payments")
            for route in ["GET /api/v1/payments/methods", "POST /api/v1/payments/methods", route] {
                #expect(sent(route, id: "pm_1", in: nobody).outcome == "401 unauthenticated")
            }
        }
    }
}
