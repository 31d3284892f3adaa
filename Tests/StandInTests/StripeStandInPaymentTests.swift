import Foundation
import Testing

@testable import StandIns

@Suite struct StripeStandInPaymentTests {
    @Test func `a card pays the session and leads back to the shop`() async throws {
        try await withStripe { shop, _ in
            let session = try await shop.openSession()
            let page = try await send("GET", session["url"].string!)
            #expect(page.status == 200)
            #expect(page.text.contains("Pay 12.50 EUR"))
            #expect(page.text.contains("The Time Machine &amp; others"))
            let paid = try await shop.pay(session)
            #expect(paid.status == 303)
            #expect(paid.headers["location"] == "http://shop.test/done?session=\(session["id"].string!)")
            let id = session["id"].string!
            let after = try await shop.get("checkout/sessions/\(id)?expand[]=payment_intent.latest_charge")
                .json
            #expect(after["status"] == "complete")
            #expect(after["payment_status"] == "paid")
            #expect(after["customer_details"]["email"] == "ada@example.com")
            let intent = after["payment_intent"]
            #expect(intent["status"] == "succeeded")
            #expect(intent["amount_received"] == 1250)
            #expect(intent["metadata"] == ["order_id": "order-1"])
            #expect(intent["latest_charge"]["payment_method_details"]["card"]["last4"] == "4242")
            #expect(
                try await shop.events() == [
                    "payment_intent.created", "charge.succeeded", "payment_intent.succeeded",
                    "checkout.session.completed",
                ])
            #expect(try await shop.get("balance").json["available"][0]["amount"] == 1250)
            #expect(try await shop.pay(session).status != 402)
            #expect(try await shop.get("charges").json["data"].elements.count == 1)
            #expect(try await send("GET", session["url"].string!).text.contains("You are all done"))
        }
    }

    @Test(arguments: [
        ("4000000000000002", "Your card was declined."),
        ("4000000000009995", "Your card has insufficient funds."),
    ])
    func `a declined card may be followed by a good one`(card: String, message: String) async throws {
        try await withStripe { shop, _ in
            let session = try await shop.openSession()
            let declined = try await shop.pay(session, with: card)
            #expect(declined.status == 402)
            #expect(declined.text.contains(message))
            #expect(!declined.text.contains(card))
            let between = try await shop.session(session["id"])
            #expect(between["status"] == "open")
            let intent = try await shop.get("payment_intents/\(between["payment_intent"].string!)").json
            #expect(intent["status"] == "requires_payment_method")
            #expect(intent["last_payment_error"]["message"].string == message)
            #expect(try await shop.pay(session).status == 303)
            let after = try await shop.session(session["id"])
            #expect(after["payment_intent"] == between["payment_intent"])
            #expect(after["payment_status"] == "paid")
        }
    }

    @Test func `the bank's page approves or refuses`() async throws {
        try await withStripe { shop, _ in
            for (decision, status) in [("approve", "paid"), ("fail", "unpaid")] {
                let session = try await shop.openSession()
                let bank = try await shop.pay(session, with: "4000 0025 0000 3155")
                let step = "\(session["url"].string!)/authenticate"
                #expect(bank.status == 303)
                #expect("\(shop.address)\(bank.headers["location"] ?? "")" == step)
                #expect(try await send("GET", step).text.contains("Approve the payment"))
                #expect(try await shop.session(session["id"])["payment_status"] == "unpaid")
                let decided = try await send(form: [("decision", decision)], to: step)
                #expect(decided.status == 303)
                #expect(try await shop.session(session["id"])["payment_status"].string == status)
                if decision == "fail" {
                    let page = try await send("GET", "\(shop.address)\(decided.headers["location"]!)")
                    #expect(page.text.contains("We are unable to authenticate"))
                }
            }
        }
    }

    @Test(arguments: [
        ("DE89 3704 0044 0532 0130 00", "paid", "checkout.session.async_payment_succeeded"),
        ("DE62370400440532013001", "unpaid", "checkout.session.async_payment_failed"),
    ])
    func `a debit is settled later`(iban: String, status: String, last: String) async throws {
        let clock = TestClock()
        try await withStripe({ $0.now = clock.now }) { shop, stripe in
            let session = try await shop.openSession()
            let paid = try await shop.pay(session, ["method": "sepa_debit", "iban": iban])
            #expect(paid.status == 303)
            let between = try await shop.session(session["id"])
            #expect(between["status"] == "complete")
            #expect(between["payment_status"] == "unpaid")
            try await stripe.ledger.sweep()
            #expect(try await shop.session(session["id"])["payment_status"] == "unpaid")
            clock.advance(by: 5)
            try await stripe.ledger.sweep()
            #expect(try await shop.session(session["id"])["payment_status"].string == status)
            #expect(try await shop.events().last == last)
        }
    }

    @Test(arguments: [
        (["card": "4242424242424241"], "Your card number is invalid."),
        (["expiry": "01 / 20"], "expiration date is in the past"),
        (["expiry": "13 / 49"], "Enter the expiry"),
        (["cvc": "12"], "security code"), (["name": " "], "Enter the name"),
        (["country": "ZZ"], "Choose your"),
        (["email": "ada"], "e-mail address"), (["method": "cash"], "Choose how to pay"),
        (["method": "sepa_debit", "iban": "DE89370400440532013001"], "Enter a complete IBAN"),
        (["name": "<script>alert(1)</script>", "cvc": ""], "&lt;script&gt;alert(1)&lt;/script&gt;"),
    ])
    func `a wrong field is said beside it`(changes: [String: String], message: String) async throws {
        try await withStripe { shop, _ in
            let session = try await shop.openSession()
            let reply = try await shop.pay(session, changes)
            #expect(reply.status == 422)
            #expect(reply.text.contains(message))
            #expect(reply.text.contains("aria-invalid=\"true\"") || changes["method"] == "cash")
            #expect(try await shop.session(session["id"])["payment_intent"] == nil)
        }
    }

    @Test func `a session ends when told and when its time is over`() async throws {
        let clock = TestClock()
        try await withStripe({ $0.now = clock.now }) { shop, stripe in
            let told = try await shop.openSession()
            let expired = try await shop.post("checkout/sessions/\(told["id"].string!)/expire")
            #expect(expired.json["status"] == "expired")
            #expect(try await shop.post("checkout/sessions/\(told["id"].string!)/expire").status == 400)
            #expect(try await shop.pay(told).status == 410)
            let left = try await shop.openSession([("expires_at", "1800001800")])
            clock.advance(by: 1800)
            try await stripe.ledger.sweep()
            #expect(try await shop.session(left["id"])["status"] == "expired")
            #expect(try await shop.events() == ["checkout.session.expired", "checkout.session.expired"])
            let late = try await shop.openSession([("expires_at", "1800003600")])
            clock.advance(by: 1800)
            #expect(try await shop.pay(late).status == 410)
        }
    }

    @Test func `an order of nothing needs no payment`() async throws {
        try await withStripe { shop, _ in
            let kept = StripeShop.session.filter { !$0.0.contains("unit_amount") }
            let free = [("line_items[0][price_data][unit_amount]", "0")]
            let session = try await shop.post("checkout/sessions", kept + free).json
            #expect(session["payment_status"] == "no_payment_required")
            #expect(try await shop.pay(session, ["card": "", "expiry": "", "cvc": ""]).status == 303)
            #expect(try await shop.events() == ["checkout.session.completed"])
        }
    }
}
