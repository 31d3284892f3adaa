import Core
import Foundation
import TestSupport
import Testing

@testable import catalogue

/// Categories, contributors and series by their routes.
@Suite struct ShelfRouteTests {
    private func asked(
        _ route: String, _ body: String = "", id: String? = nil, query: Query = Query(),
        ifMatch: String? = nil,
        key: String? = UUID().uuidString, in shop: Shop
    ) -> Response {
        var request = Request(
            route, parameters: id.map { ["id": $0] } ?? [:], query: query,
            headers: ["authorization": "Bearer x"], body: Array(body.utf8))
        if let ifMatch { request.headers["if-match"] = ifMatch }
        if let key { request.headers["idempotency-key"] = key }
        return Lambda.answer(request) { try catalogue($0, in: shop) }
    }

    static let shelves = [
        ("categories", #"{"name": "Crime"}"#, "crime"),
        ("contributors", #"{"name": "Ann Reader"}"#, "ann-reader"),
        ("series", #"{"name": "Saga"}"#, "saga"),
    ]

    @Test(arguments: shelves)
    func `each is made once, read by id and slug, and replaced by who has seen it`(
        path: String, body: String, slug: String
    ) throws {
        try withDatabase { database in
            let (editor, customer) = try database.prepared {
                (try $0.person("e", .editor), try $0.person("c"))
            }
            let shop = database.shop(of: "catalogue", for: .editor(editor))
            let other = database.shop(of: "catalogue", for: .customer(customer))
            let all = "/api/v1/\(path)", one = "/api/v1/\(path)/{id}", key = UUID().uuidString
            let made = asked("POST \(all)", body, key: key, in: shop)
            let id = try #require(made["id"])
            #expect(made.statusCode == 201 && made["slug"] == slug && made.headers["etag"] == "\"1\"")
            #expect(made.headers["location"] == "/api/v1/\(path)/\(id)")
            #expect(asked("POST \(all)", body, key: key, in: shop).body == made.body, "sent again")
            #expect(asked("POST \(all)", body, key: nil, in: shop).outcome == "400 idempotency-key")
            #expect(asked("POST \(all)", #"{"name": " "}"#, in: shop)["errors/0/pointer"] == "/name")
            #expect(asked("POST \(all)", body, in: other).outcome == "403 forbidden")
            for reference in [id, slug] {
                #expect(asked("GET \(one)", id: reference, in: shop)["id"] == id)
            }
            for nothing in ["nothing", "\(Audiobook.ID())", "No slug"] {
                #expect(asked("GET \(one)", id: nothing, in: shop).outcome == "404 not-found")
            }
            let next = #"{"name": "Otherwise"}"#
            #expect(asked("PUT \(one)", next, id: id, in: shop).outcome == "428 precondition-required")
            let put = asked("PUT \(one)", next, id: id, ifMatch: "\"1\"", in: shop)
            #expect(put["name"] == "Otherwise" && put["slug"] == slug && put.headers["etag"] == "\"2\"")
            #expect(
                asked("PUT \(one)", next, id: id, ifMatch: "\"1\"", in: shop).outcome
                    == "412 changed-meanwhile")
            #expect(asked("PUT \(one)", next, id: id, ifMatch: "\"2\"", in: other).outcome == "403 forbidden")
            #expect(
                asked("PUT \(one)", next, id: "\(Audiobook.ID())", ifMatch: "\"1\"", in: shop).outcome
                    == "404 not-found")
            #expect(asked("GET \(all)", in: shop)["items/0/id"] == id)
            #expect(asked("GET \(all)", query: ["colour": "red"], in: shop).outcome == "400 invalid-query")
            #expect(asked("GET \(all)", query: ["limit": "101"], in: shop).outcome == "400 invalid-query")
            #expect(try database.count("plumbing.audit_log WHERE subject = \(id)") == 2)
        }
    }

    @Test func `people and series tell their books, a page at a time, and no drafts`() throws {
        try withDatabase { database in
            let editor = try database.prepared { transaction in
                let editor = try transaction.person("e", .editor)
                for title in ["Emma", "Persuasion"] { _ = try transaction.published(title, by: editor) }
                _ = try transaction.draft("Sanditon", by: editor)
                return editor
            }
            let anyone = database.shop(
                of: "catalogue", for: .customer(try database.prepared { try $0.person("c") }))
            let path = "GET /api/v1/contributors/{id}"
            let page = asked(path, id: "george-eliot", query: ["limit": "1"], in: anyone)
            #expect(page["books/items/0/title"] == "Emma" && page["books/items/0/roles/0"] == "author")
            let next = try #require(page["books/next"])
            let rest = asked(path, id: "george-eliot", query: ["cursor": next], in: anyone)
            #expect(rest["books/items"] == "1" && rest["books/items/0/title"] == "Persuasion")
            #expect(
                asked("GET /api/v1/contributors", query: ["cursor": next], in: anyone).outcome
                    == "400 invalid-query")
            #expect(asked("GET /api/v1/contributors", in: anyone)["items/0/sortName"] == "Eliot, George")
            let shop = database.shop(of: "catalogue", for: .editor(editor))
            #expect(asked(path, id: "george-eliot", in: shop)["books/items"] == "3")
        }
    }

    @Test func `a category is moved, refused where it would be no tree, and taken away when it is empty`()
        throws
    {
        try withDatabase { database in
            let editor = try database.prepared { try $0.person("e", .editor) }
            let shop = database.shop(of: "catalogue", for: .editor(editor))
            func made(_ body: String) throws -> String {
                try #require(asked("POST /api/v1/categories", body, in: shop)["id"])
            }
            let fiction = try made(#"{"name": "Fiction"}"#)
            let crime = try made(#"{"name": "Crime", "parentId": "\#(fiction)", "slug": "noir"}"#)
            let one = "PUT /api/v1/categories/{id}"
            let below = #"{"name": "Fiction", "parentId": "\#(crime)"}"#
            #expect(asked(one, below, id: fiction, ifMatch: "\"1\"", in: shop).outcome == "409 not-a-tree")
            let nowhere = #"{"name": "Crime", "parentId": "\#(Audiobook.ID())"}"#
            #expect(
                asked(one, nowhere, id: crime, ifMatch: "\"1\"", in: shop)["errors/0/pointer"] == "/parentId")
            let taken = #"{"name": "Other", "slug": "noir"}"#
            #expect(asked("POST /api/v1/categories", taken, in: shop).outcome == "409 slug-taken")
            let delete = "DELETE /api/v1/categories/{id}"
            #expect(asked(delete, id: fiction, in: shop).outcome == "409 category-in-use")
            let moved = asked(
                one, #"{"name": "Crime", "slug": "crime"}"#, id: crime, ifMatch: "\"1\"", in: shop)
            #expect(moved["parentId"] == nil && moved["slug"] == "crime")
            #expect(asked(delete, id: fiction, in: shop).statusCode == 204)
            #expect(asked(delete, id: fiction, in: shop).outcome == "404 not-found")
            let stranger = database.shop(of: "catalogue")
            #expect(asked(delete, id: crime, in: stranger).outcome == "401 unauthenticated")
        }
    }
}
