import Core
import Cryptography
import TestSupport
import Testing

@testable import cart

/// A browser that keeps what cookies it is given.
struct Browser {
    var cookies: [String: String] = [:]
    var headers: [String: String] = ["sec-fetch-site": "same-origin"]

    mutating func send(
        _ route: String, _ body: String = "", id: String? = nil, signedIn: Bool = false, in shop: Shop
    ) -> Response {
        var request = Request.typed(route, body, id: id, headers: headers)
        if signedIn { request.headers["authorization"] = "Bearer of whoever the shop's test says" }
        request.cookies = cookies
        let response = Lambda.answer(request) { try cart($0, in: shop) }
        for cookie in response.cookies {
            let pair = cookie.prefix { $0 != ";" }.split(separator: "=", omittingEmptySubsequences: false)
            cookies[String(pair[0])] = cookie.contains("Max-Age=0") ? nil : String(pair[1])
        }
        return response
    }

    mutating func put(_ book: Audiobook.ID, _ more: String = "", in shop: Shop) -> Response {
        send("POST /api/v1/cart/items", #"{"audiobookId": "\#(book)"\#(more)}"#, in: shop)
    }
}

@Suite struct GuestTests {
    private func world(_ database: TestDatabase) throws -> (emma: Audiobook.ID, persuasion: Audiobook.ID) {
        try database.prepared { transaction in
            let editor = try transaction.person("e", .editor)
            return (
                try transaction.published("Emma", by: editor),
                try transaction.published("Persuasion", price: 999, by: editor)
            )
        }
    }

    @Test func `looking makes no cart and no cookie, and taking nothing out neither`() throws {
        try withDatabase { database in
            let shop = database.shop(of: "cart"), (emma, _) = try world(database)
            var browser = Browser()
            for (route, id) in [
                ("GET /api/v1/cart", nil), ("DELETE /api/v1/cart/items/{id}", "\(emma)"),
                ("POST /api/v1/cart/clear", nil), ("DELETE /api/v1/cart/promotion", nil),
            ] {
                let answer = browser.send(route, id: id, in: shop)
                #expect(
                    answer.statusCode == 200 && answer["items"] == "0" && answer.cookies.isEmpty, "\(route)")
            }
            let change = browser.send("PUT /api/v1/cart/items/{id}", "{}", id: "\(emma)", in: shop)
            #expect(change.outcome == "404 not-found")
            let code = browser.send("POST /api/v1/cart/promotion", #"{"code": "SPRING"}"#, in: shop)
            #expect(code.outcome == "409 empty-cart")
            #expect(browser.put(Audiobook.ID(), in: shop).outcome == "404 not-found")
            #expect(browser.cookies.isEmpty)
            #expect(try database.count("sales.carts") == 0)
        }
    }

    @Test func `the first book makes a cart and a cookie that nobody can read in the database`() throws {
        try withDatabase { database in
            let shop = database.shop(of: "cart"), (emma, persuasion) = try world(database)
            var browser = Browser()
            let first = browser.put(emma, in: shop)
            #expect(first.outcome == "200" && first["total/minorUnits"] == "1499")
            let token = try #require(browser.cookies["__Host-cart"])
            #expect(
                first.cookies == [
                    "__Host-cart=\(token); Max-Age=2592000; Path=/; HttpOnly; SameSite=Lax; Secure"
                ])
            let hash = SHA256.hash(try #require(Base64URL.decoded(token)))
            #expect(
                try database.count("sales.carts WHERE guest_token_hash = \(hash) AND user_id IS NULL") == 1)

            #expect(browser.put(persuasion, in: shop)["items"] == "2")
            #expect(browser.cookies["__Host-cart"] == token, "it stays")
            let seen = browser.send("GET /api/v1/cart", in: shop)
            #expect(seen["total/minorUnits"] == "2498" && seen.cookies.isEmpty)
            #expect(browser.send("DELETE /api/v1/cart/items/{id}", id: "\(emma)", in: shop)["items"] == "1")
            #expect(browser.send("POST /api/v1/cart/clear", in: shop)["items"] == "0")
            #expect(try database.count("sales.carts") == 1)
            var stranger = Browser()
            #expect(stranger.send("GET /api/v1/cart", in: shop)["items"] == "0")
        }
    }

    @Test(arguments: [
        ("https://shop.test", "__Host-cart"), ("http://127.0.0.1:8080", "cart"), ("http://localhost", "cart"),
        ("http://[::1]:8080", "cart"), ("http://127.0.0.1.evil.test", "__Host-cart"),
        ("http://shop.test", "__Host-cart"),
        ("", "__Host-cart"),
    ])
    func `only a shop on this machine has a cookie without TLS`(storeURL: String, name: String) {
        let cookie = GuestCookie(storeURL: storeURL)
        #expect(cookie.name == name)
        #expect(cookie.keeping("x").hasSuffix("; Secure") == (name == "__Host-cart"))
        #expect(cookie.forgetting.hasPrefix("\(name)=; Max-Age=0;"))
    }

    @Test func `a token nobody gave out opens nothing and is not taken on`() throws {
        try withDatabase { database in
            let shop = database.shop(of: "cart"), (emma, _) = try world(database)
            for token in [Base64URL.encoded([UInt8](repeating: 7, count: 32)), "x", "", "AAAA"] {
                var browser = Browser(cookies: ["__Host-cart": token])
                #expect(browser.send("GET /api/v1/cart", in: shop)["items"] == "0")
                #expect(browser.put(emma, in: shop)["items"] == "1")
                #expect(browser.cookies["__Host-cart"] != token)
            }
        }
    }

    @Test(arguments: [
        (["sec-fetch-site": "cross-site"], "403 foreign-origin"),
        (["sec-fetch-site": "same-site"], "403 foreign-origin"),
        (["origin": "https://evil.test"], "403 foreign-origin"), (["origin": "null"], "403 foreign-origin"),
        (["origin": "https://shop.test"], "200"), (["sec-fetch-site": "same-origin"], "200"), ([:], "200"),
    ])
    func `a page of another site changes no guest's cart`(headers: [String: String], outcome: String) throws {
        try withDatabase { database in
            let shop = database.shop(of: "cart"), (emma, persuasion) = try world(database)
            var browser = Browser()
            _ = browser.put(emma, in: shop)
            browser.headers = headers
            #expect(browser.put(persuasion, in: shop).outcome == outcome)
            #expect(browser.send("GET /api/v1/cart", in: shop).outcome == "200", "reading is no change")
            var customer = Browser(cookies: browser.cookies, headers: headers)
            let signedIn = database.shop(
                of: "cart", for: .customer(try database.prepared { try $0.person("c") }))
            #expect(customer.send("POST /api/v1/cart/merge", signedIn: true, in: signedIn).outcome == outcome)
        }
    }

    @Test func `a sign-in that is no good is refused, whatever the cookie says`() throws {
        try withDatabase { database in
            let shop = database.shop(of: "cart"), (emma, _) = try world(database)
            var browser = Browser()
            _ = browser.put(emma, in: shop)
            for route in ["GET /api/v1/cart", "POST /api/v1/cart/items", "POST /api/v1/cart/clear"] {
                #expect(browser.send(route, "{", signedIn: true, in: shop).outcome == "401 unauthenticated")
            }
            #expect(browser.send("POST /api/v1/cart/merge", in: shop).outcome == "401 unauthenticated")
            browser.cookies["__session"] = "x"
            #expect(browser.send("GET /api/v1/cart", in: shop).outcome == "401 unauthenticated")
            browser.cookies["__session"] = ""
            #expect(browser.send("GET /api/v1/cart", in: shop)["items"] == "1", "signed out is not signed in")
        }
    }
}
