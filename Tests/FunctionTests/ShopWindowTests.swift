import Core
import Foundation
import TestSupport
import Testing

@testable import catalogue

/// The editors' and readers' catalogue beyond the list.
@Suite struct ShopWindowTests {
    private func asked(
        _ route: String, _ body: String = "", id: String? = nil, more: [String: String] = [:],
        query: Query = Query(), ifMatch: String? = nil, key: String? = UUID().uuidString, in shop: Shop
    ) -> Response {
        var request = Request(
            route,
            parameters: more.merging(id.map { ["id": $0] } ?? [:]) { one, _ in one }, query: query,
            headers: ["authorization": "Bearer x"], body: Array(body.utf8))
        if let ifMatch { request.headers["if-match"] = ifMatch }
        if let key { request.headers["idempotency-key"] = key }
        return Lambda.answer(request) { try catalogue($0, in: shop) }
    }

    private func world(_ database: TestDatabase) throws -> (editor: Shop, customer: Shop) {
        let (editor, customer) = try database.prepared { (try $0.person("e", .editor), try $0.person("c")) }
        func shop(_ principal: Principal) -> Shop {
            var shop = database.shop(of: "catalogue", for: principal)
            shop.links = .plain
            return shop
        }
        return (shop(.editor(editor)), shop(.customer(customer)))
    }

    private let emma =
        #"{"title": "Emma", "language": "en", "people": [{"name": "Jane Austen", "role": "author"}]}"#

    @Test func `a book is described anew, sent back as it was read, and a part of it cleared`() throws {
        try withDatabase { database in
            let (shop, _) = try world(database)
            let saga = try #require(asked("POST /api/v1/series", #"{"name": "Saga"}"#, in: shop)["id"])
            let shelf = try #require(asked("POST /api/v1/categories", #"{"name": "Novels"}"#, in: shop)["id"])
            let created = asked("POST /api/v1/audiobooks", emma, in: shop)
            let id = try #require(created["id"])
            let whole = """
                {"title": "Emma", "subtitle": "A Novel", "language": "en", "isbn13": "9783161484100",
                "people": [{"name": "Jane Austen", "role": "author"}, {"name": "Ann", "role": "narrator"}],
                "series": [{"id": "\(saga)", "label": "2.5"}], "categories": [{"id": "\(shelf)"}]}
                """
            let put = asked("PUT /api/v1/audiobooks/{id}", whole, id: id, ifMatch: "\"1\"", in: shop)
            #expect(put.outcome == "200" && put.headers["etag"] == "\"2\"")
            #expect(put["people/1/slug"] == "ann" && put["people/1/role"] == "narrator")
            #expect(put["series/0/label"] == "2.5" && put["series/0/sortKey"] == "2.5")
            #expect(put["categories/0/slug"] == "novels" && put["isbn13"] == "9783161484100")
            let back = asked("PUT /api/v1/audiobooks/{id}", put.text, id: id, ifMatch: "\"2\"", in: shop)
            #expect(back.text == put.text.replacing(#""version":2"#, with: #""version":3"#))
            let change = #"{"subtitle": null, "isbn13": null, "series": []}"#
            let cleared = asked("PATCH /api/v1/audiobooks/{id}", change, id: id, ifMatch: "\"3\"", in: shop)
            #expect(cleared["subtitle"] == nil && cleared["isbn13"] == nil && cleared["series"] == "0")
            #expect(cleared["people"] == "2" && cleared["categories"] == "1", "what is left out stays")
            let bare = asked("PUT /api/v1/audiobooks/{id}", emma, id: id, ifMatch: "\"4\"", in: shop)
            #expect(bare["categories"] == "0" && bare["people"] == "1")
            #expect(try database.count("plumbing.audit_log WHERE subject = \(id)") == 5)
        }
    }

    @Test(arguments: [
        (#"{"title": null}"#, "400 malformed-body", "/title"),
        (#"{"title": ""}"#, "422 invalid-value", "/title"),
        (#"{"isbn13": "9783161484101"}"#, "422 invalid-value", "/isbn13"),
        (#"{"people": [{"role": "author"}]}"#, "422 invalid-value", "/people/0/name"),
        (#"{"people": null}"#, "400 malformed-body", "/people"),
        (
            #"{"people": [{"id": "00000000-0000-4000-8000-000000000000", "role": "author"}]}"#,
            "422 invalid-value", "/people/0/id"
        ),
        (
            #"{"series": [{"id": "00000000-0000-4000-8000-000000000000"}]}"#, "422 invalid-value",
            "/series/0/id"
        ),
        (
            #"{"series": [{"id": "00000000-0000-4000-8000-000000000000", "sortKey": -1}]}"#,
            "400 malformed-body", "/series/0/sortKey"
        ),
        (
            #"{"categories": [{"id": "00000000-0000-4000-8000-000000000000"}]}"#, "422 invalid-value",
            "/categories/0/id"
        ),
    ])
    func `what cannot be said of a book is refused by its place`(
        body: String, outcome: String, pointer: String
    )
        throws
    {
        try withDatabase { database in
            let (shop, _) = try world(database)
            let id = try #require(asked("POST /api/v1/audiobooks", emma, in: shop)["id"])
            let answer = asked("PATCH /api/v1/audiobooks/{id}", body, id: id, ifMatch: "\"1\"", in: shop)
            #expect(answer.outcome == outcome && answer["errors/0/pointer"] == pointer)
        }
    }

    @Test func `two books do not share an ISBN`() throws {
        try withDatabase { database in
            let (shop, _) = try world(database)
            let body = emma.replacing("{\"title\"", with: "{\"isbn13\": \"9783161484100\", \"title\"")
            #expect(asked("POST /api/v1/audiobooks", body, in: shop).statusCode == 201)
            #expect(asked("POST /api/v1/audiobooks", body, in: shop).outcome == "409 isbn-taken")
        }
    }

    @Test func `chapters are corrected by an editor on the version they have seen`() throws {
        try withDatabase { database in
            let (shop, customer) = try world(database)
            let book = try database.prepared { transaction in
                let editor = try transaction.person("e", .editor)
                let draft = try transaction.draft("Emma", by: editor)
                return draft
            }
            let path = "PUT /api/v1/audiobooks/{id}/chapters", read = "GET /api/v1/audiobooks/{id}/chapters"
            #expect(asked(read, id: "\(book)", in: shop).outcome == "409 no-recording")
            try database.prepared { try $0.record(book, by: try $0.person("e", .editor)) }
            let tag = try #require(asked(read, id: "\(book)", in: shop).headers["etag"])
            let two = """
                {"chapters": [{"title": "One", "startMilliseconds": 0, "endMilliseconds": 60000},
                {"title": "Two", "startMilliseconds": 60000, "endMilliseconds": 180000}]}
                """
            #expect(asked(path, two, id: "\(book)", in: shop).outcome == "428 precondition-required")
            #expect(
                asked(path, two, id: "\(book)", ifMatch: "\"1\"", in: shop).outcome == "412 changed-meanwhile"
            )
            let gap = asked(
                path, two.replacing("60000}", with: "59999}"), id: "\(book)", ifMatch: tag, in: shop)
            #expect(
                gap.outcome == "422 invalid-value"
                    && gap["errors/0/pointer"] == "/chapters/1/startMilliseconds")
            let answer = asked(path, two, id: "\(book)", ifMatch: tag, in: shop)
            #expect(answer["chapters/1/title"] == "Two" && answer["durationMilliseconds"] == "180000")
            #expect(asked(path, two, id: "\(book)", ifMatch: tag, in: customer).outcome == "403 forbidden")
            #expect(asked(read, id: "emma", in: customer).outcome == "404 not-found", "it is a draft")
        }
    }

    @Test func `prices are planned, listed with who set them, and taken back`() throws {
        try withDatabase { database in
            let (shop, customer) = try world(database)
            let id = try database.prepared { transaction in
                "\(try transaction.published("Emma", price: 1000, by: try transaction.person("e", .editor)))"
            }
            let path = "POST /api/v1/audiobooks/{id}/prices"
            func wish(_ amount: Int, _ from: Double?, _ until: Double?) -> String {
                func moment(_ hours: Double?) -> String {
                    hours.map { "\"\(Date(timeIntervalSinceNow: $0 * 3600).formatted(.iso8601))\"" } ?? "null"
                }
                return """
                    {"price": {"minorUnits": \(amount), "currency": "EUR"}, "from": \(moment(from)),
                    "until": \(moment(until))}
                    """
            }
            let request = wish(500, 1, 2), key = UUID().uuidString
            let sale = asked(path, request, id: id, key: key, in: shop)
            #expect(sale.statusCode == 201 && sale["state"] == "planned" && sale["isSale"] == "true")
            #expect(asked(path, request, id: id, key: key, in: shop)["id"] == sale["id"], "sent again")
            #expect(asked(path, wish(400, 1.5, 3), id: id, in: shop).outcome == "409 price-overlaps")
            #expect(asked(path, wish(400, 3, 2), id: id, in: shop)["errors/0/pointer"] == "/until")
            #expect(asked(path, wish(400, -1, nil), id: id, in: shop)["errors/0/pointer"] == "/from")
            #expect(
                asked(path, wish(7, nil, nil), id: id, in: shop)["errors/0/pointer"] == "/price/minorUnits")
            #expect(
                asked(path, wish(900, nil, nil), id: "\(Audiobook.ID())", in: shop).outcome == "404 not-found"
            )
            let list = asked("GET /api/v1/audiobooks/{id}/prices", id: id, in: shop)
            #expect(list["items"] == "3" && list["items/0/price/minorUnits"] == "1000")
            #expect(list["items/1/state"] == "planned" && list["items/2/state"] == "current")
            #expect(list["items/2/setBy"] != nil)
            let remove = "DELETE /api/v1/audiobooks/{id}/prices/{priceId}"
            let current = ["priceId": try #require(list["items/2/id"])]
            #expect(asked(remove, id: id, more: current, in: shop).outcome == "409 price-begun")
            let planned = ["priceId": try #require(sale["id"])]
            #expect(asked(remove, id: id, more: planned, in: customer).outcome == "403 forbidden")
            #expect(asked(remove, id: id, more: planned, in: shop).statusCode == 204)
            #expect(asked(remove, id: id, more: planned, in: shop).outcome == "404 not-found")
            #expect(asked("GET /api/v1/audiobooks/{id}/prices", id: id, in: shop)["items"] == "1")
            #expect(
                asked("GET /api/v1/audiobooks/{id}/prices", id: id, in: customer).outcome == "403 forbidden")
        }
    }

    @Test func `covers and samples are shown the way to, and those of drafts to editors alone`() throws {
        try withDatabase { database in
            let (shop, customer) = try world(database)
            let book = try database.prepared { transaction in
                let editor = try transaction.person("e", .editor)
                let book = try transaction.draft("Emma", by: editor)
                try transaction.record(book, by: editor)
                let track = try #require(try transaction.windowGaps(of: book)?.sample)
                func file(_ name: String) -> StoredFile {
                    StoredFile(
                        bucket: "media", objectKey: name,
                        sha256: Array(name.utf8) + repeatElement(0, count: 29),
                        bytes: 1)
                }
                try transaction.setSample(
                    track.sample, file("s/1"), from: track.track.asset.id, of: book, by: nil)
                let sizes = CoverSize.allCases.map { StoredPicture($0, file("c/1"), width: 9, height: 9) }
                try transaction.setCover(sizes, of: book, by: nil)
                return book
            }
            for path in ["GET /api/v1/audiobooks/{id}/cover", "GET /api/v1/audiobooks/{id}/sample"] {
                let seen = asked(path, id: "\(book)", in: shop)
                #expect(seen.statusCode == 307 && seen.headers["cache-control"] == "private, no-store")
                for reference in ["\(book)", "emma"] {
                    #expect(asked(path, id: reference, in: customer).outcome == "404 not-found")
                }
            }
            try database.prepared { transaction in
                let editor = try transaction.person("e", .editor)
                try transaction.setPrice(Money(minorUnits: 0, currency: .eur), of: book, by: editor)
                let now = try transaction.audiobook(.id(book), in: .eur, seenBy: .editor)?.version ?? 0
                try transaction.publish(book, ifVersion: now)
            }
            let page = asked("GET /api/v1/audiobooks/{id}", id: "emma", in: customer)
            #expect(page["cover"] == "4" && page["sample/durationMilliseconds"] == "45000")
            #expect(page["prices"] == nil, "all currencies are for editors")
            let cover = asked(
                "GET /api/v1/audiobooks/{id}/cover", id: "emma", query: ["size": "800"], in: customer)
            #expect(cover.statusCode == 307)
            #expect(cover.headers["location"]?.hasPrefix("https://store.test/media/c/1?") == true)
            #expect(cover.headers["cache-control"] == "public, max-age=2880")
            let odd = asked(
                "GET /api/v1/audiobooks/{id}/cover", id: "emma", query: ["size": "500"], in: customer)
            #expect(odd.outcome == "400 invalid-query" && odd["errors/0/parameter"] == "size")
            let sample = asked("GET /api/v1/audiobooks/{id}/sample", id: "emma", in: customer)
            #expect(sample.headers["location"]?.hasPrefix("https://store.test/media/s/1?") == true)
        }
    }

    @Test func `who owns a book that is archived reads its page, and nobody else does`() throws {
        try withDatabase { database in
            let (shop, customer) = try world(database)
            try database.prepared { transaction in
                let editor = try transaction.person("e", .editor), owner = try transaction.person("o")
                let book = try transaction.published("Emma", price: 0, by: editor)
                let order = try transaction.ordered([book], by: owner)
                let attempt = try transaction.attempt(toPay: order.id, until: Date(timeIntervalSinceNow: 60))
                _ = try transaction.record(.free(attempt, at: Date()))
                let now = try transaction.audiobook(.id(book), in: .eur, seenBy: .editor)?.version ?? 0
                try transaction.archive(book, ifVersion: now)
            }
            let owner = try database.prepared { try $0.person("o") }
            let owning = database.shop(of: "catalogue", for: .customer(owner))
            let page = asked("GET /api/v1/audiobooks/{id}", id: "emma", in: owning)
            #expect(page["state"] == "archived" && page["price"] == nil)
            #expect(asked("GET /api/v1/audiobooks/{id}", id: "emma", in: customer).outcome == "404 not-found")
            #expect(asked("GET /api/v1/audiobooks/{id}", id: "emma", in: shop)["price/minorUnits"] == "0")
        }
    }
}
