import Core
import Foundation
import TestSupport
import Testing

@testable import orders

@Suite struct ReceiptTests {
    private let route = "GET /api/v1/orders/{id}/receipt"

    private func seller(_ shop: Shop) -> Shop {
        var shop = shop
        shop.seller = Seller(
            name: "Hörbuchhandlung <Łuk & Söhne>", address: ["Gräfstraße 12", "10115 Berlin"],
            taxID: "DE123456789")
        return shop
    }

    /// An order with a discount and a tax within its prices, of a customer with this name.
    private func taxed(_ ordering: Ordering, named name: String = "Łukasz 日本") throws -> Order {
        let order = try ordering.ordered("Emma & <Friends>", "吾輩は猫である")
        try ordering.database.prepared { transaction in
            // As another country's law and a code would have had it, with the triggers out of the way.
            try transaction.run("SET LOCAL session_replication_role = replica")
            try transaction.run("UPDATE identity.users SET name = \(name) WHERE id = \(order.customer)")
            try transaction.run(
                """
                INSERT INTO sales.promotions (id, code, kind, percent, valid, uses)
                VALUES ('0b5e0e0e-0000-4000-8000-000000000002', 'SPRING', 'percent', 10,
                    tstzrange(now(), NULL), 1)
                """)
            try transaction.run(
                """
                UPDATE sales.orders SET discount = 300, total = 2698, tax_country = 'FI', tax_basis_points = 2550,
                    tax_is_included = true, included_tax = 548, withdrawal_waiver_at = now(),
                    withdrawal_waiver_text_version = '2026-07',
                    promotion_id = '0b5e0e0e-0000-4000-8000-000000000002'
                WHERE id = \(order.id)
                """)
            try transaction.run(
                """
                UPDATE sales.order_lines SET discount = 150, total = 1349, included_tax = 274
                WHERE order_id = \(order.id)
                """)
        }
        return try ordering.database.prepared { transaction in
            _ = try transaction.record(.test(of: try transaction.opened(order)))
            return try transaction.order(order.id) ?? order
        }
    }

    @Test func `a receipt is a page that says all, and escapes what others wrote`() throws {
        try withDatabase { database in
            let ordering = try Ordering(database)
            let order = try taxed(ordering, named: "\"><script>alert('x')</script>")
            let page = ordering.sent(route, id: order.id, in: seller(ordering.shop()))
            #expect(page.statusCode == 200 && page.headers["content-type"] == "text/html; charset=utf-8")
            let html = page.text
            #expect(html.contains("<h1>Receipt 1</h1>") && html.contains("\(order.id)"))
            #expect(html.contains("Hörbuchhandlung &lt;Łuk &amp; Söhne&gt;<br>Gräfstraße 12<br>10115 Berlin"))
            #expect(html.contains("Tax ID DE123456789"))
            #expect(html.contains("Emma &amp; &lt;Friends&gt;") && html.contains("吾輩は猫である"))
            #expect(!html.contains("<script") && html.contains("&quot;&gt;&lt;script&gt;"))
            #expect(html.contains("14.99 EUR less 1.50 EUR") && html.contains("<td>13.49 EUR</td>"))
            #expect(html.contains("of which tax 25.5\u{A0}%</th><td>5.48 EUR</td>"))
            #expect(
                html.contains("Total</th><td>26.98 EUR</td>") && html.contains("Paid</th><td>26.98 EUR</td>"))
            #expect(html.contains("text 2026-07"))
            #expect(page.headers["content-security-policy"]?.hasPrefix("default-src 'none'") == true)
            #expect(!html.contains("http"), "it asks for nothing from anywhere")
        }
    }

    @Test func `a receipt is a file that can be read in any script`() throws {
        try withDatabase { database in
            let ordering = try Ordering(database)
            let order = try taxed(ordering)
            let answer = ordering.sent(
                route, id: order.id, headers: ["accept": "application/pdf"], in: seller(ordering.shop()))
            #expect(answer.headers["content-type"] == "application/pdf")
            #expect(answer.headers["content-disposition"] == "inline; filename=\"receipt-1.pdf\"")
            let reading = try PDFReading(answer.body)
            #expect(reading.pages.count == 1)
            for words in [
                "Receipt 1", "Hörbuchhandlung <Łuk & Söhne>", "DE123456789", "Łukasz 日本", "Emma & <Friends>",
                "吾輩は猫である", "13.49 EUR", "14.99 EUR less 1.50 EUR", "26.98 EUR", "text 2026-07", "page 1 of 1",
            ] {
                #expect(reading.text.contains(words), "\(words)")
            }
            #expect(reading.text.contains(#/Discount +-3\.00 EUR/#))
            #expect(reading.text.contains(#/of which tax 25\.5\s%\s+5\.48 EUR/#))
            #expect(!reading.text.contains("Boxes stand"))
            #expect(
                ordering.sent(route, id: order.id, query: ["format": "pdf"]).body.starts(
                    with: "%PDF-1.7".utf8))
        }
    }

    @Test func `a long receipt goes on over pages, and each line is on one of them`() throws {
        try withDatabase { database in
            let ordering = try Ordering(database)
            let titles = (1...60).map {
                "Volume \($0) of " + String(repeating: "a long story, ", count: $0 % 7 * 3)
            }
            let order = try ordering.confirmed(titles, price: 499)
            let answer = ordering.sent(route, id: order.id, query: ["format": "pdf"])
            let reading = try PDFReading(answer.body)
            #expect(reading.pages.count > 2)
            for number in 1...60 { #expect(reading.text.contains("Volume \(number) of"), "\(number)") }
            for (index, page) in reading.pages.enumerated() {
                #expect(page.contains("page \(index + 1) of \(reading.pages.count)"))
                #expect(page.contains("Audiobook"), "the head of the table is repeated")
            }
            #expect(reading.pages.last?.contains("299.40 EUR") == true)
            #expect(reading.text.matches(of: #/4\.99 EUR/#).count == 60)
        }
    }

    @Test func `what was returned is on the receipt`() throws {
        try withDatabase { database in
            let ordering = try Ordering(database)
            let order = try ordering.confirmed(["Emma"])
            try database.prepared { transaction in
                try transaction.run(
                    """
                    INSERT INTO sales.ledger (order_id, attempt_id, currency, kind, amount, provider_object_id,
                        told_by, occurred_at)
                    SELECT order_id, attempt_id, currency, 'refund', -500, 're_1', 'evt_9', now() FROM sales.ledger
                    """)
            }
            let reading = try PDFReading(ordering.sent(route, id: order.id, query: ["format": "pdf"]).body)
            #expect(reading.text.contains(#/Refunded +5\.00 EUR/#))
            #expect(ordering.sent(route, id: order.id).text.contains("Refunded</th><td>5.00 EUR</td>"))
            let told = ordering.sent("GET /api/v1/orders/{id}", id: order.id)
            #expect(told["payment/status"] == "partially_refunded" && told["payment/net/minorUnits"] == "999")
        }
    }

    @Test func `what the file cannot show it says so, and the page shows it`() throws {
        try withDatabase { database in
            let ordering = try Ordering(database)
            let order = try ordering.confirmed(["שלום"])
            let reading = try PDFReading(ordering.sent(route, id: order.id, query: ["format": "pdf"]).body)
            #expect(reading.text.contains("Boxes stand for characters"))
            #expect(ordering.sent(route, id: order.id).text.contains("<span dir=\"auto\">שלום</span>"))
        }
    }

    @Test func `a receipt of a customer who is gone names nobody`() throws {
        try withDatabase { database in
            let ordering = try Ordering(database)
            let order = try ordering.confirmed(["Emma"])
            #expect(!ordering.sent(route, id: order.id).text.contains("<dt>For</dt>"))
        }
    }

    @Test func `there is none before the order is confirmed`() throws {
        try withDatabase { database in
            let ordering = try Ordering(database)
            let order = try ordering.ordered("Emma")
            #expect(ordering.sent(route, id: order.id).outcome == "409 no-receipt")
            try database.prepared { _ = try $0.close(order.id, as: .cancelled) }
            #expect(ordering.sent(route, id: order.id, query: ["format": "pdf"]).outcome == "409 no-receipt")
        }
    }

    @Test(
        arguments: [
            (nil, "text/html; charset=utf-8"), ("*/*", "text/html; charset=utf-8"),
            ("text/html,application/xhtml+xml,*/*;q=0.8", "text/html; charset=utf-8"),
            ("application/pdf", "application/pdf"), ("application/*", "application/pdf"),
            ("text/html;q=0.5, application/pdf", "application/pdf"), ("TEXT/*", "text/html; charset=utf-8"),
            ("*/*;q=0.1, application/pdf;q=0.5, text/html;q=0.4", "application/pdf"),
            ("application/pdf;q=0, */*", "text/html; charset=utf-8"), ("application/json", nil), ("", nil),
            ("text/html;q=0", nil),
        ] as [(String?, String?)])
    func `the form is what the client would rather have`(accept: String?, type: String?) throws {
        try withDatabase { database in
            let ordering = try Ordering(database)
            let order = try ordering.confirmed(["Emma"])
            let headers = accept.map { ["accept": $0] } ?? [:]
            let answer = ordering.sent(route, id: order.id, headers: headers)
            if let type {
                #expect(answer.headers["content-type"] == type && answer.headers["vary"] == "accept")
            } else {
                #expect(answer.outcome == "406 not-acceptable")
            }
            let named = ordering.sent(route, id: order.id, query: ["format": "pdf"], headers: headers)
            #expect(named.headers["content-type"] == "application/pdf", "what is named goes before")
            let odd = ordering.sent(route, id: order.id, query: ["format": "docx"], headers: headers)
            #expect(odd.outcome == "400 invalid-query")
        }
    }
}
