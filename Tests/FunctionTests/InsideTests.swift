import Core
import TestSupport
import Testing

@testable import search

/// `GET /search/passages`: inside all the books that somebody owns.
@Suite struct InsideTests {
    private func found(_ query: Query, in shop: Shop) -> Response {
        Lambda.answer(Request("GET /api/v1/search/passages", query: query)) { try search($0, in: shop) }
    }

    private func owner(_ database: TestDatabase) throws -> (
        shop: Shop, own: Audiobook.ID, other: Audiobook.ID
    ) {
        let (customer, own, other) = try database.prepared { transaction in
            let editor = try transaction.person("e", .editor), customer = try transaction.person("c")
            let said: [SpokenSegment] = [
                .said("Emma Woodhouse <b>was</b> rich", at: 0), .said("and clever", at: 5000),
            ]
            let own = try transaction.published("Emma", saying: said, by: editor)
            let other = try transaction.published("Sanditon", saying: said, by: editor)
            try transaction.buy([own], for: customer)
            return (customer, own, other)
        }
        var shop = database.shop(of: "search", for: .customer(customer))
        shop.passages = .records(shop.database)
        return (shop, own, other)
    }

    @Test func `a passage is told with its book, its chapter and its moment, and without marks`() throws {
        try withDatabase { database in
            let (shop, own, other) = try owner(database)
            let answer = found(["q": "\"was rich and\""], in: shop)
            #expect(answer["items"] == "1" && answer["items/0/audiobookId"] == "\(own)")
            #expect(answer["items/0/milliseconds"] == "400" && answer["items/0/startMilliseconds"] == "0")
            #expect(answer["items/0/chapter"] == "1" && answer["items/0/chapterTitle"] == "Emma")
            #expect(answer["items/0/snippet/0/text"] == "Emma Woodhouse ")
            #expect(answer["items/0/snippet/1/text"] == "<b>was</b> rich and")
            #expect(answer["items/0/snippet/1/isMatch"] == "true")
            #expect(answer.headers["cache-control"] == "private, no-store")
            #expect(found(["q": "clevr"], in: shop)["meant"] == "clever")
            #expect(found(["q": "emma", "audiobookId": "\(own)"], in: shop)["items"] == "1")
            #expect(found(["q": "emma", "audiobookId": "\(other)"], in: shop).outcome == "403 not-entitled")
            #expect(
                found(["q": "emma", "audiobookId": "\(Audiobook.ID())"], in: shop).outcome == "404 not-found")
        }
    }

    @Test func `a search is held to what it is, and to its turn`() throws {
        try withDatabase { database in
            var (shop, _, _) = try owner(database)
            for query: Query in [
                [:], ["q": ""], ["q": "?"], ["q": "a", "limit": "0"], ["q": "a", "cursor": "x"],
                ["q": "a", "x": "y"],
                ["q": "a", "audiobookId": "x"],
            ] {
                #expect(found(query, in: shop).outcome == "400 invalid-query")
            }
            #expect(found(["q": "a"], in: database.shop(of: "search")).outcome == "401 unauthenticated")
            shop.turnstile = Turnstile { route, _ in route == .passages ? 7 : nil }
            let refused = found(["q": "emma"], in: shop)
            #expect(refused.outcome == "429 too-many-requests" && refused.headers["retry-after"] == "7")
        }
    }
}
