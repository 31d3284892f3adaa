import Core
import TestSupport
import Testing

@testable import cart

@Suite struct CartTests {
    private func sent(_ route: String, _ body: String = "", id: String? = nil, in shop: Shop) -> Response {
        let signedIn = ["authorization": "Bearer of whoever the shop's test says"]
        return Lambda.answer(.typed(route, body, id: id, headers: signedIn)) { try cart($0, in: shop) }
    }

    private func put(_ book: Audiobook.ID, in shop: Shop, currency: String? = nil) -> Response {
        let currency = currency.map { #", "currency": "\#($0)""# } ?? ""
        return sent("POST /api/v1/cart/items", #"{"audiobookId": "\#(book)"\#(currency)}"#, in: shop)
    }

    @Test func `books go in once, come out, and all go at last`() throws {
        try withDatabase { database in
            let (customer, emma, persuasion) = try database.prepared { transaction in
                let editor = try transaction.person("e", .editor)
                return (
                    try transaction.person("c"), try transaction.published("Emma", by: editor),
                    try transaction.published("Persuasion", price: 999, by: editor)
                )
            }
            let shop = database.shop(of: "cart", for: .customer(customer))
            let empty = sent("GET /api/v1/cart", in: shop)
            #expect(empty.statusCode == 200 && empty["items"] == "0" && empty["version"] == "0")
            #expect(empty["total/currency"] == "EUR")

            let once = put(emma, in: shop)
            #expect(once["items/0/slug"] == "emma" && once["total/minorUnits"] == "1499")
            #expect(put(emma, in: shop).body == once.body, "it is in there already")
            #expect(put(persuasion, in: shop)["total/minorUnits"] == "2498")
            let one = sent("DELETE /api/v1/cart/items/{id}", id: "\(emma)", in: shop)
            #expect(one["items"] == "1" && one["items/0/title"] == "Persuasion")
            #expect(sent("DELETE /api/v1/cart/items/{id}", id: "\(emma)", in: shop).body == one.body)
            #expect(sent("POST /api/v1/cart/clear", in: shop)["items"] == "0")
            #expect(sent("POST /api/v1/cart/clear", in: shop)["items"] == "0")
            #expect(sent("GET /api/v1/cart", in: shop).headers["cache-control"] == "no-store")
        }
    }

    @Test func `a price that changed is told`() throws {
        try withDatabase { database in
            let (customer, editor, book) = try database.prepared { transaction in
                let editor = try transaction.person("e", .editor)
                return (try transaction.person("c"), editor, try transaction.published("Emma", by: editor))
            }
            let shop = database.shop(of: "cart", for: .customer(customer))
            #expect(put(book, in: shop)["items/0/hasPriceChanged"] == "false")
            try database.prepared { transaction in
                try transaction.setPrice(Money(minorUnits: 1999, currency: .eur), of: book, by: editor)
            }
            let seen = sent("GET /api/v1/cart", in: shop)
            #expect(seen["items/0/hasPriceChanged"] == "true")
            #expect(seen["items/0/seenPrice/minorUnits"] == "1499" && seen["total/minorUnits"] == "1999")
        }
    }

    @Test func `what one owns, and what is not sold, does not go in`() throws {
        try withDatabase { database in
            let (customer, owned, draft, archived) = try database.prepared { transaction in
                let editor = try transaction.person("e", .editor), customer = try transaction.person("c")
                let owned = try transaction.published("Emma", by: editor)
                let attempt = try transaction.opened(try transaction.ordered([owned], by: customer))
                _ = try transaction.record(.test(of: attempt))
                let archived = try transaction.published("Persuasion", by: editor)
                let version = try transaction.audiobook(.id(archived), in: .eur, seenBy: .editor)?.version
                try transaction.archive(archived, ifVersion: version ?? 0)
                return (customer, owned, try transaction.draft("Sanditon", by: editor), archived)
            }
            let shop = database.shop(of: "cart", for: .customer(customer))
            #expect(put(owned, in: shop).outcome == "409 already-owned")
            #expect(put(draft, in: shop).outcome == "404 not-found", "a draft is nobody's to see")
            #expect(put(archived, in: shop).outcome == "409 not-on-sale")
            #expect(put(Audiobook.ID(), in: shop).outcome == "404 not-found")
            #expect(sent("GET /api/v1/cart", in: shop)["items"] == "0")
        }
    }

    @Test func `a book without a price in the cart's currency is not sold there`() throws {
        try withDatabase { database in
            let (customer, book) = try database.prepared { transaction in
                let editor = try transaction.person("e", .editor)
                return (try transaction.person("c"), try transaction.published("Emma", by: editor))
            }
            let shop = database.shop(of: "cart", for: .customer(customer))
            #expect(put(book, in: shop, currency: "USD").outcome == "409 not-on-sale")
            #expect(put(book, in: shop, currency: "EUR").outcome == "200")
        }
    }

    @Test(arguments: [
        ("", ""), ("no JSON", ""), ("{}", "/audiobookId"), (#"{"audiobookId": "emma"}"#, "/audiobookId"),
        (#"{"audiobookId": null}"#, "/audiobookId"),
        (#"{"audiobookId": "0b5e0e0e-0000-4000-8000-000000000002", "currency": "XXX"}"#, "/currency"),
    ])
    func `what is no item is refused by its place`(body: String, pointer: String) throws {
        try withDatabase { database in
            let customer = try database.prepared { try $0.person("c") }
            let answer = sent(
                "POST /api/v1/cart/items", body, in: database.shop(of: "cart", for: .customer(customer)))
            #expect(answer.outcome == "400 malformed-body")
            #expect(answer["errors/0/pointer"] == pointer)
        }
    }

    @Test func `a body too large, of another type, or an unknown parameter is refused`() throws {
        try withDatabase { database in
            let customer = try database.prepared { try $0.person("c") }
            let shop = database.shop(of: "cart", for: .customer(customer))
            let large = String(repeating: " ", count: 1_048_577)
            #expect(sent("POST /api/v1/cart/items", large, in: shop).outcome == "413 body-too-large")
            let form = Request.typed(
                "POST /api/v1/cart/items", "a=b", headers: ["content-type": "text/plain"])
            #expect(Lambda.answer(form) { try cart($0, in: shop) }.outcome == "415 unsupported-media-type")
            let asked = Request("GET /api/v1/cart", query: ["page": "2"])
            #expect(Lambda.answer(asked) { try cart($0, in: shop) }.outcome == "400 invalid-query")
            #expect(sent("DELETE /api/v1/cart/items/{id}", id: "emma", in: shop).outcome == "404 not-found")
            #expect(sent("PATCH /api/v1/cart", in: shop).outcome == "404 not-found")
        }
    }

    @Test func `nobody has a cart without signing in, and each has their own`() throws {
        try withDatabase { database in
            let (one, other, book) = try database.prepared { transaction in
                let editor = try transaction.person("e", .editor)
                let book = try transaction.published("Emma", by: editor)
                return (try transaction.person("c"), try transaction.person("d"), book)
            }
            let stranger = database.shop(of: "cart")
            for route in ["GET /api/v1/cart", "POST /api/v1/cart/items", "POST /api/v1/cart/clear"] {
                #expect(sent(route, "{", in: stranger).outcome == "401 unauthenticated")
            }
            #expect(put(book, in: database.shop(of: "cart", for: .customer(one)))["items"] == "1")
            #expect(
                sent("GET /api/v1/cart", in: database.shop(of: "cart", for: .customer(other)))["items"] == "0"
            )
        }
    }

    @Test func `a cart holds a hundred books`() throws {
        try withDatabase { database in
            let (customer, books) = try database.prepared { transaction in
                let editor = try transaction.person("e", .editor)
                let books = try (1...101).map { try transaction.published("Book \($0)", by: editor) }
                return (try transaction.person("c"), books)
            }
            let shop = database.shop(of: "cart", for: .customer(customer))
            for book in books.prefix(100) { #expect(put(book, in: shop).statusCode == 200) }
            #expect(put(books[100], in: shop).outcome == "409 cart-full")
            #expect(put(books[0], in: shop).outcome == "200", "it is in there already")
        }
    }
}
