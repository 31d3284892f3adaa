import Core
import TestSupport
import Testing

@testable import catalogue

@Suite struct CatalogueTests {
    private let emma = """
        {"title": "Emma", "language": "en-GB", "people": [{"name": "Jane Austen", "role": "author"}]}
        """

    private func patched(_ book: Audiobook.ID, _ change: String, ifMatch: String? = "\"1\"", in shop: Shop)
        -> Response
    {
        let headers = ifMatch.map { ["if-match": $0] } ?? [:]
        return Lambda.answer(.typed("PATCH /api/v1/audiobooks/{id}", change, id: "\(book)", headers: headers))
        {
            try catalogue($0, in: shop)
        }
    }

    private func shown(_ reference: String, in shop: Shop, signedIn: Bool = false) -> Response {
        let headers = signedIn ? ["authorization": "Bearer x"] : [:]
        return Lambda.answer(.typed("GET /api/v1/audiobooks/{id}", id: reference, headers: headers)) {
            try catalogue($0, in: shop)
        }
    }

    private func listed(_ query: Query, in shop: Shop) -> Response {
        Lambda.answer(Request("GET /api/v1/audiobooks", query: query)) { try catalogue($0, in: shop) }
    }

    @Test func `a book is created, priced and published, and then everybody sees it`() throws {
        try withDatabase { database in
            let editor = try database.prepared { try $0.person("e", .editor) }
            let shop = database.shop(of: "catalogue", for: .editor(editor))
            let created = Lambda.answer(.typed("POST /api/v1/audiobooks", emma)) {
                try catalogue($0, in: shop)
            }
            #expect(created.statusCode == 201)
            #expect(created["state"] == "draft")
            #expect(created.headers["etag"] == "\"1\"")
            let book = try #require(created["id"].flatMap { Audiobook.ID($0) })
            #expect(created.headers["location"] == "/api/v1/audiobooks/\(book)")

            #expect(patched(book, #"{"state": "published"}"#, in: shop).outcome == "409 not-publishable")
            try database.prepared { try $0.record(book, by: editor) }
            let tag = try #require(shown("\(book)", in: shop, signedIn: true).headers["etag"])
            let published = patched(
                book, #"{"price": {"minorUnits": 1499, "currency": "EUR"}, "state": "published"}"#,
                ifMatch: tag,
                in: shop)
            #expect(published.outcome == "200")
            #expect(published["price/minorUnits"] == "1499")

            let anyone = database.shop(of: "catalogue")
            #expect(shown("emma", in: anyone)["title"] == "Emma")
            #expect(listed([:], in: anyone)["items/0/authors/0"] == "Jane Austen")
            #expect(listed(["currency": "USD"], in: anyone)["items"] == "0", "it has no price there")
        }
    }

    @Test func `created twice under one key it is one book`() throws {
        try withDatabase { database in
            let editor = try database.prepared { try $0.person("e", .editor) }
            let shop = database.shop(of: "catalogue", for: .editor(editor))
            let request = Request.typed("POST /api/v1/audiobooks", emma)
            let first = Lambda.answer(request) { try catalogue($0, in: shop) }
            let second = Lambda.answer(request) { try catalogue($0, in: shop) }
            #expect(second.statusCode == 201)
            #expect(second.body == first.body)
            #expect(second.headers["idempotent-replayed"] == "true")
            let other = Request.typed("POST /api/v1/audiobooks", emma.replacing("Emma", with: "Persuasion"))
            #expect(
                Lambda.answer(other) { try catalogue($0, in: shop) }.outcome == "422 idempotency-key-reused")
            let keyless = Request.typed("POST /api/v1/audiobooks", emma, key: nil)
            #expect(Lambda.answer(keyless) { try catalogue($0, in: shop) }.outcome == "400 idempotency-key")
            #expect(try database.count("catalogue.audiobooks") == 1)
        }
    }

    @Test func `strangers and customers see no draft, editors do`() throws {
        try withDatabase { database in
            let (editor, customer, book) = try database.prepared { transaction in
                let editor = try transaction.person("e", .editor)
                return (editor, try transaction.person("c"), try transaction.draft("Emma", by: editor))
            }
            let anyone = database.shop(of: "catalogue")
            #expect(shown("\(book)", in: anyone).outcome == "404 not-found")
            #expect(shown("emma", in: anyone).outcome == "404 not-found")
            let bought = database.shop(of: "catalogue", for: .customer(customer))
            #expect(shown("\(book)", in: bought, signedIn: true).outcome == "404 not-found")
            let edited = database.shop(of: "catalogue", for: .editor(editor))
            #expect(shown("\(book)", in: edited, signedIn: true).outcome == "200")
            #expect(listed([:], in: edited)["items"] == "0", "the catalogue is what is on sale")
        }
    }

    @Test func `a change names the version it was made on`() throws {
        try withDatabase { database in
            let (editor, book) = try database.prepared { transaction in
                let editor = try transaction.person("e", .editor)
                return (editor, try transaction.draft("Emma", by: editor))
            }
            let shop = database.shop(of: "catalogue", for: .editor(editor))
            let change = #"{"title": "Emma, read anew"}"#
            #expect(patched(book, change, ifMatch: nil, in: shop).outcome == "428 precondition-required")
            #expect(patched(book, change, ifMatch: "W/\"1\"", in: shop).outcome == "412 changed-meanwhile")
            #expect(patched(book, change, in: shop).headers["etag"] == "\"2\"")
            #expect(patched(book, change, in: shop).outcome == "412 changed-meanwhile", "sent again")
            #expect(shown("\(book)", in: shop, signedIn: true)["version"] == "2")
            #expect(patched(Audiobook.ID(), change, in: shop).outcome == "404 not-found")
        }
    }

    @Test func `half of a change is none of it`() throws {
        try withDatabase { database in
            let (editor, book) = try database.prepared { transaction in
                let editor = try transaction.person("e", .editor)
                return (editor, try transaction.draft("Emma", by: editor))
            }
            let shop = database.shop(of: "catalogue", for: .editor(editor))
            let change =
                #"{"title": "Other", "price": {"minorUnits": 999, "currency": "EUR"}, "state": "published"}"#
            #expect(patched(book, change, in: shop).outcome == "409 not-publishable")
            let page = shown("\(book)", in: shop, signedIn: true)
            #expect(page["title"] == "Emma" && page["version"] == "1")
            #expect(try database.count("sales.prices") == 0)
        }
    }

    @Test(arguments: [
        ("", "400 malformed-body", ""), ("{", "400 malformed-body", ""), ("[]", "400 malformed-body", ""),
        (#"{"language": "en", "people": []}"#, "400 malformed-body", "/title"),
        (#"{"title": 7, "language": "en", "people": []}"#, "400 malformed-body", "/title"),
        (#"{"title": "E", "language": "?", "people": []}"#, "400 malformed-body", "/language"),
        (
            #"{"title": "E", "language": "en", "people": [{"name": "J", "role": "cook"}]}"#,
            "400 malformed-body",
            "/people/0/role"
        ),
        (#"{"title": " ", "language": "en", "people": []}"#, "422 invalid-value", "/title"),
        (
            #"{"title": "E", "language": "en", "people": [{"name": "", "role": "author"}]}"#,
            "422 invalid-value",
            "/people/0/name"
        ),
    ])
    func `what is no book is refused by its place`(body: String, outcome: String, pointer: String) throws {
        try withDatabase { database in
            let editor = try database.prepared { try $0.person("e", .editor) }
            let shop = database.shop(of: "catalogue", for: .editor(editor))
            let answer = Lambda.answer(.typed("POST /api/v1/audiobooks", body)) {
                try catalogue($0, in: shop)
            }
            #expect(answer.outcome == outcome)
            #expect(answer["errors/0/pointer"] == pointer)
            #expect(try database.count("catalogue.audiobooks") == 0)
            #expect(
                try database.count("plumbing.idempotency_keys") == 0, "the key is free for the mended request"
            )
        }
    }

    @Test(arguments: [
        (#"{"price": {"minorUnits": 999, "currency": "XXX"}}"#, "400 malformed-body", "/price/currency"),
        (#"{"price": {"minorUnits": -1, "currency": "EUR"}}"#, "400 malformed-body", "/price/minorUnits"),
        (#"{"price": {"minorUnits": 7, "currency": "EUR"}}"#, "422 invalid-value", "/price/minorUnits"),
        (#"{"price": {"minorUnits": 9.99, "currency": "EUR"}}"#, "400 malformed-body", "/price/minorUnits"),
        (#"{"state": "sold"}"#, "400 malformed-body", "/state"),
    ])
    func `a price or state of no kind is refused by its place`(body: String, outcome: String, pointer: String)
        throws
    {
        try withDatabase { database in
            let (editor, book) = try database.prepared { transaction in
                let editor = try transaction.person("e", .editor)
                return (editor, try transaction.draft("Emma", by: editor))
            }
            let answer = patched(book, body, in: database.shop(of: "catalogue", for: .editor(editor)))
            #expect(answer.outcome == outcome)
            #expect(answer["errors/0/pointer"] == pointer)
        }
    }

    @Test(arguments: [
        ("colour", "red"), ("currency", "XXX"), ("sort", "best"), ("limit", "0"), ("limit", "101"),
        ("limit", "+5"),
        ("language", "??"), ("cursor", "%%%"), ("cursor", "bm9uZQ"),
    ])
    func `a parameter that means nothing is refused by its name`(name: String, value: String) throws {
        try withDatabase { database in
            let answer = listed([name: value], in: database.shop(of: "catalogue"))
            #expect(answer.outcome == "400 invalid-query")
            #expect(answer["errors/0/parameter"] == name)
        }
    }

    @Test func `pages follow one another, and a cursor of another sorting is refused`() throws {
        try withDatabase { database in
            try database.prepared { transaction in
                let editor = try transaction.person("e", .editor)
                for title in ["Emma", "Persuasion", "Sanditon"] {
                    _ = try transaction.published(title, by: editor)
                }
            }
            let shop = database.shop(of: "catalogue")
            let first = listed(["sort": "title", "limit": "2"], in: shop)
            #expect(first["items"] == "2" && first["items/1/title"] == "Persuasion")
            let cursor = try #require(first["next"])
            let second = listed(["sort": "title", "limit": "2", "cursor": cursor], in: shop)
            #expect(second["items"] == "1" && second["items/0/title"] == "Sanditon" && second["next"] == nil)
            let foreign = listed(["sort": "price", "cursor": cursor], in: shop)
            #expect(foreign.outcome == "400 invalid-query" && foreign["errors/0/parameter"] == "cursor")
        }
    }

    @Test func `only editors change the catalogue`() throws {
        try withDatabase { database in
            let (customer, book) = try database.prepared { transaction in
                let editor = try transaction.person("e", .editor)
                return (try transaction.person("c"), try transaction.draft("Emma", by: editor))
            }
            let change = #"{"title": "Mine"}"#
            let stranger = database.shop(of: "catalogue")
            #expect(patched(book, change, in: stranger).outcome == "401 unauthenticated")
            #expect(patched(book, change, in: stranger).headers["www-authenticate"] == "Bearer")
            let buyer = database.shop(of: "catalogue", for: .customer(customer))
            #expect(patched(book, change, in: buyer).outcome == "403 forbidden")
            let created = Lambda.answer(.typed("POST /api/v1/audiobooks", emma)) {
                try catalogue($0, in: buyer)
            }
            #expect(created.outcome == "403 forbidden")
            let admin = database.shop(of: "catalogue", for: Principal(id: customer, roles: [.admin]))
            #expect(patched(book, change, in: admin).outcome == "200")
        }
    }

    @Test func `it knows no other route, and tells of an outage of its database`() throws {
        try withDatabase { database in
            let shop = database.shop(of: "catalogue")
            #expect(
                Lambda.answer(.typed("PUT /api/v1/audiobooks")) { try catalogue($0, in: shop) }.outcome
                    == "404 not-found")
            let lost = Shop(
                database: Connection("postgresql://nobody@127.0.0.1:1/none?connect_timeout=2"),
                identity: shop.identity)
            let answer = Lambda.answer(.typed("GET /api/v1/audiobooks", key: nil)) {
                try catalogue($0, in: lost)
            }
            #expect(answer.outcome == "503 database-unavailable")
        }
    }
}
