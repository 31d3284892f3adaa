import Foundation
import Testing

@testable import StandIns

@Suite struct StripeStandInRefundTests {
    private func paidIntent(_ shop: StripeShop, with card: String = StripeShop.card) async throws -> String {
        let session = try await shop.openSession()
        _ = try await shop.pay(session, with: card)
        return try await shop.session(session["id"])["payment_intent"].string ?? ""
    }

    @Test func `money goes back in parts and never twice`() async throws {
        try await withStripe { shop, _ in
            let intent = try await paidIntent(shop)
            let part = try await shop.post("refunds", [("payment_intent", intent), ("amount", "250")])
            #expect(part.json["status"] == "succeeded")
            let charge = part.json["charge"].string!
            let more = try await shop.post("refunds", [("charge", charge), ("amount", "1001")])
            #expect(more.status == 400)
            #expect(more.json["error"]["param"] == "amount")
            let rest = try await shop.post(
                "refunds", [("charge", charge), ("reason", "requested_by_customer")])
            #expect(rest.json["amount"] == 1000)
            let again = try await shop.post("refunds", [("charge", charge)])
            #expect(again.status == 400)
            #expect(again.json["error"]["code"] == "charge_already_refunded")
            let after = try await shop.get("charges/\(charge)").json
            #expect(after["refunded"] == true)
            #expect(after["amount_refunded"] == 1250)
            let list = try await shop.get("refunds?payment_intent=\(intent)").json
            #expect(list["data"].elements.count == 2)
            #expect(try await shop.get("balance").json["available"][0]["amount"] == 0)
            #expect(try await shop.events().suffix(2) == ["refund.created", "charge.refunded"])
        }
    }

    @Test(arguments: [
        ("4000000000007726", "pending", "succeeded", 1250), ("4000000000005126", "succeeded", "failed", 0),
    ])
    func `some refunds end later`(card: String, first: String, last: String, refunded: Int) async throws {
        let clock = TestClock()
        try await withStripe({ $0.now = clock.now }) { shop, stripe in
            let intent = try await paidIntent(shop, with: card)
            clock.advance(by: 1)
            let refund = try await shop.post("refunds", [("payment_intent", intent)]).json
            #expect(refund["status"].string == first)
            try await stripe.ledger.sweep()
            let after = try await shop.get("refunds/\(refund["id"].string!)").json
            #expect(after["status"].string == last)
            let charge = try await shop.get("charges/\(refund["charge"].string!)").json
            #expect(charge["amount_refunded"].integer == refunded)
        }
    }

    @Test func `nothing is given back that was not paid`() async throws {
        try await withStripe { shop, _ in
            let session = try await shop.openSession()
            _ = try await shop.pay(session, with: "4000000000000002")
            let intent = try await shop.session(session["id"])["payment_intent"].string!
            #expect(try await shop.post("refunds", [("payment_intent", intent)]).status == 400)
            #expect(try await shop.post("refunds").json["error"]["code"] == "parameter_missing")
            let charge = try await shop.get("charges").json["data"][0]["id"].string!
            #expect(try await shop.post("refunds", [("charge", charge)]).status == 400)
        }
    }
}
