import Core
import Foundation
import TestSupport
import Testing

@testable import library

@Suite struct PositionTests {
    private static let device = #""device":{"id":"phone","name":"Ada's phone"}"#
    private let put = "PUT /api/v1/library/{id}/position"
    private let undo = "POST /api/v1/library/{id}/position/undo"

    /// A customer's shop, and the book of three minutes they own.
    private func owning(_ body: (Shop, Audiobook.ID, TestDatabase) throws -> Void) throws {
        try withDatabase { database in
            let (customer, book) = try database.prepared { transaction in
                let book = try transaction.published("Emma", by: try transaction.person("e", .editor))
                let customer = try transaction.person("c")
                _ = try transaction.record(
                    .test(of: try transaction.opened(try transaction.ordered([book], by: customer))))
                return (customer, book)
            }
            try body(database.shop(of: "library", for: .customer(customer)), book, database)
        }
    }

    private func sent(
        _ route: String, _ body: String = "", to book: Audiobook.ID, in shop: Shop, ifMatch: String? = nil,
        bookmark: String? = nil, key: String? = Request.key, query: Query = Query()
    ) -> Response {
        var request = Request.typed(
            route, body, id: "\(book)", headers: ifMatch.map { ["if-match": $0] } ?? [:], key: key)
        request.parameters["bookmarkId"] = bookmark
        request.query = query
        return Lambda.answer(request) { try library($0, in: shop) }
    }

    @Test func `a device tells its place, and another hears of it`() throws {
        try owning { shop, book, database in
            let first = sent("GET /api/v1/library/{id}/position", to: book, in: shop)
            #expect(first["version"] == "0" && first["positionMilliseconds"] == "0")
            #expect(first["device"] == nil && first.headers["etag"] == "\"0\"")
            let told = sent(
                put,
                #"{"move":"sync","positionMilliseconds":90000,"baseVersion":0,"playedFromMilliseconds":60000,"#
                    + #""utcOffsetMinutes":60,"at":"2026-07-29T12:00:00Z",\#(Self.device)}"#,
                to: book, in: shop)
            #expect(told.outcome == "200" && told["moved"] == "true" && told["version"] == "1")
            #expect(told.headers["etag"] == "\"1\"" && told.headers["cache-control"] == "private, no-store")
            let read = sent("GET /api/v1/library/{id}/position", to: book, in: shop)
            #expect(read["positionMilliseconds"] == "90000" && read["device/name"] == "Ada's phone")
            #expect(read["lastMove"] == "sync" && read["moved"] == nil)
            let page = sent("GET /api/v1/library/{id}", to: book, in: shop)
            #expect(page["position/version"] == "1" && page["book/progress/positionMilliseconds"] == "90000")
            #expect(page["settings/speed"] == "1")
            let kept = sent(
                put, #"{"move":"sync","positionMilliseconds":80000,"baseVersion":1,\#(Self.device)}"#,
                to: book,
                in: shop)
            #expect(kept["moved"] == "false" && kept["positionMilliseconds"] == "90000")
            let heard = try database.count("listening.heard WHERE milliseconds = 30000")
            #expect(heard == 1)
        }
    }

    @Test func `a conflict tells where the listener is, and what was heard counts all the same`() throws {
        try owning { shop, book, database in
            func tell(_ members: String) -> Response {
                sent(put, "{\(members),\(Self.device)}", to: book, in: shop)
            }
            _ = tell(#""move":"sync","positionMilliseconds":120000,"baseVersion":0"#)
            let behind = tell(
                #""move":"sync","positionMilliseconds":30000,"baseVersion":1,"playedFromMilliseconds":0"#)
            #expect(behind.outcome == "409 position-behind")
            #expect(behind.headers["content-type"] == "application/problem+json")
            #expect(behind["position/positionMilliseconds"] == "120000" && behind["position/version"] == "1")
            #expect(behind["instance"] == "/api/v1/library/\(book)/position" && behind["requestId"] != nil)
            let heard = try database.count("listening.heard WHERE milliseconds = 30000")
            #expect(heard == 1)
            #expect(tell(#""move":"seek","positionMilliseconds":30000,"baseVersion":1"#)["version"] == "2")
            let moved = tell(#""move":"sync","positionMilliseconds":150000,"baseVersion":1"#)
            #expect(moved.outcome == "409 position-moved" && moved["position/version"] == "2")
            #expect(tell(#""move":"restart","baseVersion":1"#).outcome == "409 position-moved")
            #expect(tell(#""move":"restart""#)["positionMilliseconds"] == "0")
        }
    }

    @Test(arguments: [
        (#"{"move":"sync","positionMilliseconds":1,\#(device)}"#, "422 invalid-value"),
        (#"{"move":"sync","positionMilliseconds":-1,"baseVersion":0,\#(device)}"#, "422 invalid-value"),
        (#"{"move":"seek",\#(device)}"#, "422 invalid-value"),
        (#"{"move":"restart","positionMilliseconds":1,\#(device)}"#, "422 invalid-value"),
        (
            #"{"move":"seek","positionMilliseconds":1,"playedFromMilliseconds":0,\#(device)}"#,
            "422 invalid-value"
        ),
        (#"{"move":"seek","positionMilliseconds":1,"utcOffsetMinutes":841,\#(device)}"#, "422 invalid-value"),
        (#"{"move":"seek","positionMilliseconds":1,"device":{"id":""}}"#, "422 invalid-value"),
        (#"{"move":"seek","positionMilliseconds":1,"device":{"id":"a\u0000b"}}"#, "422 invalid-value"),
        (#"{"move":"seek","positionMilliseconds":1}"#, "400 malformed-body"),
        (#"{"move":"undo","positionMilliseconds":1,\#(device)}"#, "400 malformed-body"),
        (#"{"move":"seek","positionMilliseconds":1.5,\#(device)}"#, "400 malformed-body"),
        (#"{"move":"seek","positionMilliseconds":1,"at":"noon",\#(device)}"#, "400 malformed-body"),
    ])
    func `what a device cannot mean is refused`(body: String, outcome: String) throws {
        try owning { shop, book, database in
            #expect(sent(put, body, to: book, in: shop).outcome == outcome)
            let kept = try database.count("listening.positions")
            #expect(kept == 0)
        }
    }

    @Test func `a move is undone on its version`() throws {
        try owning { shop, book, _ in
            func undone(_ tag: String?) -> Response {
                sent(undo, "{\(Self.device)}", to: book, in: shop, ifMatch: tag)
            }
            #expect(undone(nil).outcome == "428 precondition-required")
            #expect(undone("\"0\"").outcome == "409 nothing-to-undo")
            _ = sent(
                put, #"{"move":"sync","positionMilliseconds":90000,"baseVersion":0,\#(Self.device)}"#,
                to: book,
                in: shop)
            _ = sent(put, #"{"move":"restart",\#(Self.device)}"#, to: book, in: shop)
            #expect(undone("\"1\"").outcome == "412 changed-meanwhile")
            let back = undone("\"2\"")
            #expect(back["positionMilliseconds"] == "90000" && back["lastMove"] == "undo")
            #expect(sent(undo, "{}", to: book, in: shop, ifMatch: "\"3\"").outcome == "400 malformed-body")
            let list = sent("GET /api/v1/library/{id}/history", to: book, in: shop, query: ["limit": "2"])
            #expect(list["items"] == "2" && list["items/1/move"] == "restart" && list["next"] != nil)
            #expect(list["items/1/isUndone"] == "true" && list["items/1/fromMilliseconds"] == "90000")
            for query: Query in [["limit": "0"], ["from": "1"], ["cursor": "x"]] {
                let answer = sent("GET /api/v1/library/{id}/history", to: book, in: shop, query: query)
                #expect(answer.outcome == "400 invalid-query")
            }
        }
    }

    @Test func `a speed is set for a book`() throws {
        try owning { shop, book, _ in
            func set(_ speed: String) -> Response {
                sent("PUT /api/v1/library/{id}/settings", #"{"speed":\#(speed)}"#, to: book, in: shop)
            }
            #expect(set("1.25").text == #"{"speed":1.25}"#)
            #expect(sent("GET /api/v1/library/{id}/settings", to: book, in: shop).text == #"{"speed":1.25}"#)
            #expect(set("3.5").outcome == "200" && set("0.5").outcome == "200")
            #expect(set("3.51").outcome == "422 invalid-value" && set("0.49").outcome == "422 invalid-value")
            #expect(set("\"fast\"").outcome == "400 malformed-body")
        }
    }

    @Test func `bookmarks are made, found, changed and deleted`() throws {
        try owning { shop, book, _ in
            let all = "/api/v1/library/{id}/bookmarks", one = all + "/{bookmarkId}"
            let wish = #"{"positionMilliseconds":5000,"note":"here"}"#
            #expect(sent("POST \(all)", wish, to: book, in: shop, key: nil).outcome == "400 idempotency-key")
            let made = sent("POST \(all)", wish, to: book, in: shop)
            let id = try #require(made["id"])
            #expect(made.outcome == "201" && made.headers["etag"] == "\"1\"")
            #expect(made.headers["location"] == "/api/v1/library/\(book)/bookmarks/\(id)")
            #expect(sent("POST \(all)", wish, to: book, in: shop)["id"] == id)
            let other = sent("POST \(all)", #"{"positionMilliseconds":1}"#, to: book, in: shop)
            #expect(other.outcome == "422 idempotency-key-reused")
            #expect(sent("POST \(all)", #"{"note":"x"}"#, to: book, in: shop).outcome == "400 malformed-body")
            let long = String(repeating: "x", count: 2001)
            let tooLong = sent(
                "POST \(all)", #"{"positionMilliseconds":1,"note":"\#(long)"}"#, to: book, in: shop)
            #expect(tooLong.outcome == "422 invalid-value")

            let own = "5f0c7c44-0000-4000-8000-00000000000a"
            func put(_ body: String, _ tag: String? = nil) -> Response {
                sent("PUT \(one)", body, to: book, in: shop, ifMatch: tag, bookmark: own, key: nil)
            }
            #expect(put(wish, "\"1\"").outcome == "404 not-found")
            #expect(put(wish).outcome == "201" && put(wish).outcome == "200")
            let changed = #"{"positionMilliseconds":6000}"#
            #expect(put(changed).outcome == "428 precondition-required")
            #expect(put(changed, "\"2\"").outcome == "412 changed-meanwhile")
            #expect(put(changed, "\"1\"")["version"] == "2" && put(wish, "\"2\"")["version"] == "3")

            func patch(_ body: String, _ tag: String?) -> Response {
                sent("PATCH \(one)", body, to: book, in: shop, ifMatch: tag, bookmark: own)
            }
            #expect(patch(#"{"note":"there"}"#, nil).outcome == "428 precondition-required")
            #expect(patch(#"{"note":"there"}"#, "\"1\"").outcome == "412 changed-meanwhile")
            let patched = patch(#"{"note":"there"}"#, "\"3\"")
            #expect(patched["note"] == "there" && patched["positionMilliseconds"] == "5000")
            let list = sent("GET \(all)", to: book, in: shop, query: ["limit": "1"])
            #expect(list["items"] == "1" && list["next"] != nil)
            #expect(sent("GET \(all)", to: book, in: shop, query: ["q": "1"]).outcome == "400 invalid-query")

            func delete(_ id: String) -> String {
                sent("DELETE \(one)", to: book, in: shop, bookmark: id).outcome
            }
            #expect(delete(own) == "204" && delete(own) == "204" && delete("x") == "404 not-found")
            #expect(delete("\(Bookmark.ID())") == "404 not-found")
            #expect(put(wish).outcome == "410 bookmark-deleted")
            #expect(patch("{}", "\"4\"").outcome == "404 not-found")
        }
    }

    @Test func `the hours of a month are told`() throws {
        try owning { shop, book, _ in
            func asked(_ query: Query) -> Response {
                sent("GET /api/v1/library/statistics", to: book, in: shop, query: query)
            }
            _ = sent(
                put,
                #"{"move":"sync","positionMilliseconds":180000,"baseVersion":0,"playedFromMilliseconds":130000,"#
                    + "\(Self.device)}",
                to: book, in: shop)
            let now = asked([:])
            #expect(now["totalMilliseconds"] == "50000" && now["days/0/milliseconds"] == "50000")
            #expect(now["books/0/title"] == "Emma" && now["streak/currentDays"] == "1")
            #expect(now["finished/0/audiobookId"] == "\(book)")
            let past = asked(["from": "2026-01-01", "to": "2026-01-31"])
            #expect(past["from"] == "2026-01-01" && past["days"] == "0" && past["finished"] == "0")
            #expect(asked(["from": "2026-01-01", "to": "2027-01-01"]).outcome == "200")
            #expect(asked(["from": "2026-01-01", "to": "2027-01-02"]).outcome == "400 invalid-query")
            #expect(asked(["from": "2026-01-02", "to": "2026-01-01"]).outcome == "400 invalid-query")
            #expect(asked(["from": "2026-02-30"]).outcome == "400 invalid-query")
            #expect(asked(["utcOffsetMinutes": "841"]).outcome == "400 invalid-query")
            #expect(asked(["year": "2026"]).outcome == "400 invalid-query")
        }
    }

    @Test func `nothing is told or kept for who may not hear the book`() throws {
        try owning { _, book, database in
            let stranger = try database.prepared { try $0.person("x") }
            let shop = database.shop(of: "library", for: .customer(stranger))
            let move = #"{"move":"restart",\#(Self.device)}"#
            #expect(sent(put, move, to: book, in: shop).outcome == "403 not-entitled")
            #expect(sent(put, move, to: Audiobook.ID(), in: shop).outcome == "404 not-found")
            #expect(
                sent(undo, "{\(Self.device)}", to: book, in: shop, ifMatch: "\"0\"").outcome
                    == "403 not-entitled")
            #expect(
                sent("PUT /api/v1/library/{id}/settings", #"{"speed":1}"#, to: book, in: shop).outcome
                    == "403 not-entitled")
            let mark = #"{"positionMilliseconds":1}"#, id = "\(Bookmark.ID())"
            let all = "/api/v1/library/{id}/bookmarks"
            for method in [
                "POST \(all)", "PUT \(all)/{bookmarkId}", "PATCH \(all)/{bookmarkId}",
                "DELETE \(all)/{bookmarkId}",
            ] {
                let answer = sent(method, mark, to: book, in: shop, ifMatch: "\"1\"", bookmark: id)
                #expect(answer.outcome == "403 not-entitled", "\(method)")
            }
            let kept = try database.count(
                "(SELECT 1 FROM listening.positions UNION ALL SELECT 1 FROM listening.bookmarks) AS kept")
            #expect(kept == 0)
        }
    }
}
