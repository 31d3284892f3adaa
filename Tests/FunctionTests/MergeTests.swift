import Core
import TestSupport
import Testing

@testable import cart

@Suite struct MergeTests {
    private struct World {
        let books: [Audiobook.ID]
        let customer: Customer.ID
        let other: Customer.ID
    }

    private func world(_ database: TestDatabase) throws -> World {
        try database.prepared { transaction in
            let editor = try transaction.person("e", .editor)
            let books = try ["Emma", "Persuasion", "Sanditon"].map {
                try transaction.published($0, price: 1000, by: editor)
            }
            return World(
                books: books, customer: try transaction.person("c"), other: try transaction.person("d"))
        }
    }

    private func merge(_ browser: inout Browser, in shop: Shop) -> Response {
        browser.send("POST /api/v1/cart/merge", signedIn: true, in: shop)
    }

    @Test func `what a guest chose is there after signing in, once`() throws {
        try withDatabase { database in
            let world = try world(database)
            let guest = database.shop(of: "cart"),
                shop = database.shop(of: "cart", for: .customer(world.customer))
            var browser = Browser()
            _ = browser.put(world.books[0], in: guest)
            _ = browser.put(world.books[1], in: guest)
            let token = browser.cookies
            try database.prepared { try $0.add(world.books[1], toCartOf: world.customer, in: .eur) }

            let merged = merge(&browser, in: shop)
            #expect(merged.outcome == "200" && merged["items"] == "2" && merged["merged"] == "2")
            #expect(merged["merged/0/outcome"] == "added" && merged["merged/1/outcome"] == "already-in-cart")
            #expect(merged.cookies == ["__Host-cart=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax; Secure"])
            #expect(browser.cookies.isEmpty)

            // The answer was lost, or somebody else signs in at the same browser, who still has the cookie.
            browser.cookies = token
            let again = merge(&browser, in: shop)
            #expect(again["items"] == "2" && again["merged"] == "0" && again.cookies.count == 1)
            browser.cookies = token
            let other = merge(&browser, in: database.shop(of: "cart", for: .customer(world.other)))
            #expect(other["items"] == "0" && other["merged"] == "0")
            browser.cookies = token
            #expect(browser.send("GET /api/v1/cart", in: guest)["items"] == "0", "the guest's cart is over")
            #expect(try database.count("sales.carts WHERE state = 'merged' AND merged_into IS NOT NULL") == 1)
        }
    }

    @Test func `two who merge one cart at the same instant: one gets it`() throws {
        try withDatabase { database in
            let world = try world(database)
            var browser = Browser()
            for book in world.books { _ = browser.put(book, in: database.shop(of: "cart")) }
            let cookies = browser.cookies, people = [world.customer, world.other]
            let answers = try atOnce(20) { index, line in
                let shop = database.shop(of: "cart", for: .customer(people[index % 2]))
                try shop.database.warmUp()
                var browser = Browser(cookies: cookies)
                line.wait()
                return browser.send("POST /api/v1/cart/merge", signedIn: true, in: shop)
            }.successes()
            #expect(answers.allSatisfy { $0.statusCode == 200 })
            #expect(answers.filter { $0["merged"] == "3" }.count == 1)
            #expect(try database.count("sales.cart_items") == 3)
        }
    }

    @Test func `what is owned already, and what is not sold in the other currency, is left out and told`()
        throws
    {
        try withDatabase { database in
            let world = try world(database)
            let dollars = try database.prepared { transaction in
                let editor = try transaction.person("e", .editor)
                let order = try transaction.ordered([world.books[0]], by: world.customer)
                _ = try transaction.record(.test(of: try transaction.opened(order)))
                try transaction.setPrice(
                    Money(minorUnits: 1100, currency: .usd), of: world.books[1], by: editor)
                return try transaction.published("Lady Susan", price: 700, .usd, by: editor)
            }
            let guest = database.shop(of: "cart")
            let shop = database.shop(of: "cart", for: .customer(world.customer))
            var browser = Browser()
            for book in world.books { _ = browser.put(book, in: guest) }
            try database.prepared { try $0.add(dollars, toCartOf: world.customer, in: .usd) }
            let merged = merge(&browser, in: shop)
            #expect(
                (0..<3).map { merged["merged/\($0)/outcome"] } == ["already-owned", "added", "not-on-sale"])
            #expect(merged["items"] == "2" && merged["total/currency"] == "USD")
            #expect(merged["total/minorUnits"] == "1800")
            #expect(
                merged["items/0/seenPrice/minorUnits"] != "1000", "what is seen is a price in this currency")
        }
    }

    @Test func `an empty cart takes the guest's currency, and a gift of a book one owns stays one`() throws {
        try withDatabase { database in
            let world = try world(database)
            let dollars = try database.prepared { transaction in
                let editor = try transaction.person("e", .editor)
                let order = try transaction.ordered([world.books[0]], by: world.customer)
                _ = try transaction.record(.test(of: try transaction.opened(order)))
                try transaction.setPrice(
                    Money(minorUnits: 1200, currency: .usd), of: world.books[0], by: editor)
                return world.books[0]
            }
            var browser = Browser()
            _ = browser.put(
                dollars, #", "currency": "USD", "gift": {"recipientEmail": "ada@id.test"}"#,
                in: database.shop(of: "cart"))
            let merged = merge(&browser, in: database.shop(of: "cart", for: .customer(world.customer)))
            #expect(merged["merged/0/outcome"] == "added" && merged["total/currency"] == "USD")
            #expect(merged["items/0/gift/recipientEmail"] == "ada@id.test")
        }
    }

    @Test func `a cart that is full takes no more`() throws {
        try withDatabase { database in
            let world = try world(database)
            try database.prepared { transaction in
                try transaction.add(world.books[0], toCartOf: world.customer, in: .eur)
                try transaction.run(
                    """
                    INSERT INTO catalogue.audiobooks (slug, title, language, created_by)
                    SELECT 'b-' || n, 'B', 'en', \(world.customer) FROM generate_series(1, 98) AS n
                    """)
                try transaction.run(
                    """
                    INSERT INTO sales.cart_items (cart_id, audiobook_id, seen_price)
                    SELECT carts.id, audiobooks.id, 1 FROM sales.carts, catalogue.audiobooks
                    WHERE audiobooks.slug LIKE 'b-%'
                    """)
            }
            var browser = Browser()
            for book in world.books { _ = browser.put(book, in: database.shop(of: "cart")) }
            let merged = merge(&browser, in: database.shop(of: "cart", for: .customer(world.customer)))
            #expect(
                (0..<3).map { merged["merged/\($0)/outcome"] } == ["already-in-cart", "added", "cart-full"])
        }
    }

    @Test func `without a guest's cart there is nothing to merge`() throws {
        try withDatabase { database in
            let world = try world(database)
            let shop = database.shop(of: "cart", for: .customer(world.customer))
            var browser = Browser()
            let answer = merge(&browser, in: shop)
            #expect(answer.outcome == "200" && answer["merged"] == "0" && answer.cookies.isEmpty)
            #expect(try database.count("sales.carts") == 0)
        }
    }
}
