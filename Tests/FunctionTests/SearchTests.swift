import Core
import TestSupport
import Testing

@testable import catalogue
@testable import search

@Suite struct SearchTests {
    private func asked(_ route: String, _ query: Query, in shop: Shop) -> Response {
        Lambda.answer(Request(route, query: query)) { request in
            route.contains("search") ? try search(request, in: shop) : try catalogue(request, in: shop)
        }
    }

    private func withShelf(_ body: (Shop, Shop) throws -> Void) throws {
        try withDatabase { database in
            let editor = try database.prepared { transaction in
                let editor = try transaction.person("e", .editor)
                try transaction.shelve(
                    "Emma", by: "Jane Austen", price: 499, durationMilliseconds: 3_600_000, editor: editor)
                return editor
            }
            // Later: what one transaction publishes is published at one moment.
            try database.prepared { transaction in
                try transaction.shelve(
                    "Persuasion", by: "Jane Austen", price: 1499, durationMilliseconds: 40_000_000,
                    editor: editor)
                try transaction.shelve("Faust", by: "Goethe", in: "de", price: 999, editor: editor)
                _ = try transaction.draft("Emma, the draft", by: editor)
            }
            try body(database.shop(of: "search"), database.shop(of: "catalogue"))
        }
    }

    @Test func `a search finds the most relevant first, with its choices if they are asked for`() throws {
        try withShelf { shop, _ in
            let answer = asked(
                "GET /api/v1/search", ["q": "austen", "facets": "true", "count": "true"], in: shop)
            #expect(answer.outcome == "200")
            #expect(answer["items"] == "2" && answer["items/0/title"] == "Persuasion")
            #expect(answer["count"] == "2" && answer["didYouMean"] == nil)
            #expect(
                answer["facets/authors/0/slug"] == "jane-austen" && answer["facets/authors/0/count"] == "2")
            #expect(answer["facets/languages/0/language"] == "en")
            #expect(answer["facets/prices/0/below"] == "500" && answer["facets/prices/0/count"] == "1")
            #expect(answer["facets/prices/4/below"] == nil)
            #expect(answer["facets/durationsMilliseconds/3/from"] == "36000000")
            let plain = asked("GET /api/v1/search", ["q": "austen"], in: shop)
            #expect(plain["facets"] == nil && plain["count"] == nil)
        }
    }

    @Test func `what is mistyped is found by the search alone`() throws {
        try withShelf { shop, catalogueShop in
            let answer = asked("GET /api/v1/search", ["q": "jane ausen"], in: shop)
            #expect(answer["items"] == "2" && answer["didYouMean"] == "jane austen")
            let list = asked("GET /api/v1/audiobooks", ["q": "jane ausen"], in: catalogueShop)
            #expect(list["items"] == "0" && list["didYouMean"] == nil)
        }
    }

    @Test func `titles, people and series are suggested, and no draft`() throws {
        try withShelf { shop, _ in
            let answer = asked("GET /api/v1/search/suggestions", ["q": "em"], in: shop)
            #expect(answer.outcome == "200" && answer["items"] == "1")
            #expect(answer["items/0/kind"] == "title" && answer["items/0/text"] == "Emma")
            #expect(answer["items/0/slug"] == "emma")
            let person = asked("GET /api/v1/search/suggestions", ["q": "jan"], in: shop)
            #expect(person["items/0/kind"] == "person" && person["items/0/slug"] == "jane-austen")
            #expect(asked("GET /api/v1/search/suggestions", ["q": "eliot"], in: shop)["items"] == "0")
        }
    }

    @Test(
        arguments: [
            (["author": "jane-austen"], 2), (["author": "goethe"], 1), (["author": "george-eliot"], 0),
            (["narrator": "a-reader"], 3), (["language": "de"], 1), (["minPrice": "500"], 2),
            (["minPrice": "500", "maxPrice": "999"], 1), (["maxDuration": "3600000"], 2),
            (["minDuration": "3600000"], 2), (["category": "nothing"], 0), (["series": "nothing"], 0),
            (["q": "emma"], 1), (["currency": "USD"], 0),
        ] as [([String: String], Int)])
    func `a list is narrowed by each filter`(filters: [String: String], count: Int) throws {
        try withShelf { _, shop in
            let text = filters.map { "\($0.key)=\($0.value)" }.joined(separator: "&")
            let answer = asked("GET /api/v1/audiobooks", try Query(parsing: text), in: shop)
            #expect(answer["items"] == "\(count)")
        }
    }

    @Test func `a filter may have several values, of which any will do`() throws {
        try withShelf { _, shop in
            let both = try Query(parsing: "author=goethe&author=jane-austen&language=de&language=en")
            #expect(asked("GET /api/v1/audiobooks", both, in: shop)["items"] == "3")
            let many = try Query(
                parsing: (0...20).map { "author=a\($0)" }.joined(separator: "&"))
            let answer = asked("GET /api/v1/audiobooks", many, in: shop)
            #expect(answer.outcome == "400 invalid-query" && answer["errors/0/parameter"] == "author")
        }
    }

    @Test(arguments: [
        ("q=a&q=b", "q"), ("q=%00", "q"), ("category=A%20B", "category"), ("author=", "author"),
        ("narrator=-x", "narrator"), ("series=%2F", "series"), ("language=english", "language"),
        ("minPrice=-1", "minPrice"), ("minPrice=1.5", "minPrice"), ("maxPrice=9000000000001", "maxPrice"),
        ("minPrice=2&maxPrice=1", "maxPrice"), ("minDuration=01", "minDuration"),
        ("maxDuration=x", "maxDuration"),
        ("minDuration=9&maxDuration=8", "maxDuration"), ("facets=yes", "facets"), ("count=1", "count"),
        ("sort=relevance", "sort"), ("sort=relevance&q=%20", "sort"), ("sort=best", "sort"),
        ("state=draft", "state"), ("state=published", "state"), ("currency=XXX", "currency"),
    ])
    func `a parameter that means nothing is refused by its name`(query: String, name: String) throws {
        try withShelf { searchShop, shop in
            let answer = asked("GET /api/v1/audiobooks", try Query(parsing: query), in: shop)
            #expect(answer.outcome == "400 invalid-query")
            #expect(answer["errors/0/parameter"] == name)
            guard name != "q", !query.contains("relevance") else { return }
            let searched = asked("GET /api/v1/search", try Query(parsing: "q=emma&" + query), in: searchShop)
            #expect(searched.outcome == "400 invalid-query")
            #expect(searched["errors/0/parameter"] == name)
        }
    }

    @Test func `a search is for something, and suggestions too`() throws {
        try withShelf { shop, _ in
            for query in [[:], ["q": ""], ["q": "  "]] as [Query] {
                let answer = asked("GET /api/v1/search", query, in: shop)
                #expect(answer.outcome == "400 invalid-query" && answer["errors/0/parameter"] == "q")
            }
            #expect(asked("GET /api/v1/search/suggestions", [:], in: shop).outcome == "400 invalid-query")
            #expect(
                asked("GET /api/v1/search/suggestions", ["q": "e", "limit": "3"], in: shop)[
                    "errors/0/parameter"]
                    == "limit")
            #expect(asked("GET /api/v1/search/suggestions", ["q": ""], in: shop)["items"] == "0")
            let long = String(repeating: "emma ", count: 2000)
            #expect(asked("GET /api/v1/search", ["q": long], in: shop).outcome == "200")
            #expect(asked("GET /api/v1/search/suggestions", ["q": long], in: shop).outcome == "200")
        }
    }

    @Test(arguments: [
        ("q", "emm"), ("author", "goethe"), ("language", "de"), ("minPrice", "1"), ("currency", "USD"),
        ("category", "x"), ("series", "x"), ("narrator", "x"), ("maxDuration", "9"),
    ])
    func `a cursor belongs to the filters it was made under`(name: String, value: String) throws {
        try withShelf { _, shop in
            let first = asked("GET /api/v1/audiobooks", ["limit": "1"], in: shop)
            let cursor = try #require(first["next"])
            #expect(
                asked("GET /api/v1/audiobooks", ["limit": "9", "cursor": cursor], in: shop)["items"] == "2")
            let foreign = asked("GET /api/v1/audiobooks", ["cursor": cursor, name: value], in: shop)
            #expect(foreign.outcome == "400 invalid-query" && foreign["errors/0/parameter"] == "cursor")
        }
    }

    @Test func `no parameter shows a draft, to an editor neither`() throws {
        try withDatabase { database in
            let editor = try database.prepared { transaction in
                let editor = try transaction.person("e", .editor)
                _ = try transaction.draft("Emma", by: editor)
                return editor
            }
            for principal in [nil, Principal.editor(editor)] {
                let catalogueShop = database.shop(of: "catalogue", for: principal)
                let searchShop = database.shop(of: "search", for: principal)
                for query in [[:], ["q": "emma"], ["author": "george-eliot"], ["language": "en"]] as [Query] {
                    #expect(asked("GET /api/v1/audiobooks", query, in: catalogueShop)["items"] == "0")
                }
                let found = asked("GET /api/v1/search", ["q": "emma", "facets": "true"], in: searchShop)
                #expect(found["items"] == "0" && found["facets/authors"] == "0")
            }
        }
    }
}
