import Foundation
import Testing

@testable import StandIns

@Suite struct StripeStandInAPITests {
    @Test func `a session has what Stripe's has`() async throws {
        let clock = TestClock()
        try await withStripe({ $0.now = clock.now }) { shop, _ in
            let reply = try await shop.post("checkout/sessions", StripeShop.session)
            #expect(reply.status == 200)
            #expect(reply.headers["request-id"]?.hasPrefix("req_") == true)
            let session = reply.json
            #expect(session["id"].string?.hasPrefix("cs_test_") == true)
            #expect(session["amount_total"] == 1250)
            #expect(session["currency"] == "eur")
            #expect(session["status"] == "open")
            #expect(session["payment_status"] == "unpaid")
            #expect(session["payment_intent"] == nil)
            #expect(session["client_reference_id"] == "order-1")
            #expect(session["metadata"] == ["order_id": "order-1"])
            #expect(session["expires_at"] == 1_800_086_400)
            #expect(session["livemode"] == false)
            let id = try #require(session["id"].string)
            #expect(session["url"] == .string("\(shop.address)/c/pay/\(id)"))
            let expanded = try await shop.get("checkout/sessions/\(id)?expand[]=line_items").json
            #expect(expanded["line_items"]["data"][0]["description"] == "The Time Machine & others")
            let items = try await shop.get("checkout/sessions/\(id)/line_items").json
            #expect(items["data"][0]["price"]["unit_amount"] == 1250)
        }
    }

    @Test(arguments: [
        ("", "You did not provide an API key"), ("Bearer sk_test_another_of_some_length", "Invalid API Key"),
        ("Basic c2tfdGVzdF93cm9uZzo=", "Invalid API Key"), ("Digest x", "You did not provide an API key"),
    ])
    func `a wrong key is refused`(authorization: String, message: String) async throws {
        try await withStripe { shop, _ in
            let reply = try await send(
                "GET", "\(shop.address)/v1/balance",
                headers: authorization.isEmpty ? [:] : ["authorization": authorization])
            #expect(reply.status == 401)
            #expect(reply.json["error"]["type"] == "invalid_request_error")
            #expect(reply.json["error"]["message"].string?.hasPrefix(message) == true)
            #expect(!reply.text.contains("another_of_some"))
        }
    }

    @Test func `Basic authentication carries the key as the name`() async throws {
        try await withStripe { shop, _ in
            let credentials = Data("sk_test_earshelf_local:".utf8).base64EncodedString()
            let reply = try await send(
                "GET", "\(shop.address)/v1/balance",
                headers: ["authorization": "Basic \(credentials)", "stripe-version": "2026-01-28.clover"])
            #expect(reply.status == 200)
            #expect(reply.headers["stripe-version"] == "2026-01-28.clover")
        }
    }

    @Test(
        arguments: [
            (["success_url": ""], "parameter_invalid_empty", "success_url"),
            (["mode": "subscription"], nil, "mode"),
            (["colour": "red"], "parameter_unknown", "colour"),
            (["line_items[0][colour]": "red"], "parameter_unknown", "line_items[0][colour]"),
            (["line_items[0][quantity]": "one"], "parameter_invalid_integer", "line_items[0][quantity]"),
            (["line_items[0][quantity]": "+1"], "parameter_invalid_integer", "line_items[0][quantity]"),
            (["line_items[0][quantity]": "0"], "parameter_invalid_integer", "line_items[0][quantity]"),
            (
                ["line_items[0][price_data][unit_amount]": "-1"], "parameter_invalid_integer",
                "line_items[0][price_data][unit_amount]"
            ),
            (
                ["line_items[0][price_data][unit_amount]": "12.5"], "parameter_invalid_integer",
                "line_items[0][price_data][unit_amount]"
            ),
            (["line_items[0][price_data][unit_amount]": "49"], "amount_too_small", nil),
            (["line_items[0][price_data][currency]": "zzz"], nil, "line_items[0][price_data][currency]"),
            (["expires_at": "1800001799"], nil, "expires_at"),
            (["expires_at": "1800086401"], nil, "expires_at"),
            (["payment_method_types[0]": "giropay"], nil, "payment_method_types[0]"),
            (["success_url": "javascript:alert(1)"], "url_invalid", "success_url"),
        ] as [([String: String], String?, String?)])
    func `what Stripe refuses is refused in its words`(
        changes: [String: String], code: String?, parameter: String?
    ) async throws {
        let clock = TestClock()
        try await withStripe({ $0.now = clock.now }) { shop, _ in
            let kept = StripeShop.session.filter { changes[$0.0] == nil }
            let reply = try await shop.post("checkout/sessions", kept + changes.map { ($0.key, $0.value) })
            #expect(reply.status == 400)
            #expect(reply.json["error"]["type"] == "invalid_request_error")
            #expect(reply.json["error"]["code"].string == code)
            #expect(reply.json["error"]["param"].string == parameter)
        }
    }

    @Test(arguments: [
        "success_url", "line_items[0][price_data][product_data][name]", "line_items[0][quantity]", "mode",
    ])
    func `what is missing is named`(name: String) async throws {
        try await withStripe { shop, _ in
            let reply = try await shop.post("checkout/sessions", StripeShop.session.filter { $0.0 != name })
            #expect(reply.status == 400)
            #expect(reply.json["error"]["code"] == "parameter_missing")
            let parameter = try #require(reply.json["error"]["param"].string)
            #expect(name.hasPrefix(parameter))
        }
    }

    @Test(arguments: [
        ("jpy", 50, true), ("jpy", 49, false), ("usd", 50, true), ("gbp", 30, true), ("gbp", 29, false),
        ("kwd", 505, false), ("kwd", 500, true), ("isk", 1050, false),
    ])
    func `each currency has its own least amount and digits`(
        currency: String, amount: Int, isTaken: Bool
    ) async throws {
        try await withStripe { shop, _ in
            let kept = StripeShop.session.filter {
                !$0.0.contains("currency") && !$0.0.contains("unit_amount")
            }
            let reply = try await shop.post(
                "checkout/sessions",
                kept + [
                    ("line_items[0][price_data][currency]", currency),
                    ("line_items[0][price_data][unit_amount]", String(amount)),
                ])
            #expect((reply.status == 200) == isTaken)
        }
    }

    @Test func `what is not there is not found`() async throws {
        try await withStripe { shop, _ in
            let reply = try await shop.get("checkout/sessions/cs_test_none")
            #expect(reply.status == 404)
            #expect(reply.json["error"]["code"] == "resource_missing")
            #expect(try await shop.get("nothing").status == 404)
            let session = try await shop.openSession()
            let odd = try await shop.get("checkout/sessions/\(session["id"].string!)?expand[]=colour")
            #expect(odd.status == 400)
        }
    }

    @Test func `a body that is no form is refused`() async throws {
        try await withStripe { shop, _ in
            let reply = try await send(
                "POST", "\(shop.address)/v1/customers",
                headers: [
                    "authorization": "Bearer sk_test_earshelf_local", "content-type": "application/json",
                ],
                body: Array("{}".utf8))
            #expect(reply.status == 400)
        }
    }

    @Test func `lists are paged from the newest`() async throws {
        try await withStripe { shop, _ in
            var ids: [String] = []
            for _ in 0..<5 { ids.append(try await shop.openSession()["id"].string!) }
            let first = try await shop.get("checkout/sessions?limit=2").json
            #expect(first["data"].elements.compactMap { $0["id"].string } == [ids[4], ids[3]])
            #expect(first["has_more"] == true)
            let next = try await shop.get("checkout/sessions?limit=3&starting_after=\(ids[3])").json
            #expect(next["data"].elements.compactMap { $0["id"].string } == [ids[2], ids[1], ids[0]])
            #expect(next["has_more"] == false)
            let back = try await shop.get("checkout/sessions?limit=1&ending_before=\(ids[2])").json
            #expect(back["data"].elements.compactMap { $0["id"].string } == [ids[3]])
            #expect(try await shop.get("checkout/sessions?limit=101").status == 400)
        }
    }
}
