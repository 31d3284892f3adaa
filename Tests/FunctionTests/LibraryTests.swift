import Core
import TestSupport
import Testing

@testable import library

@Suite struct LibraryTests {
    private func sent(_ route: String, _ book: Audiobook.ID, in shop: Shop) -> Response {
        Lambda.answer(.typed(route, id: "\(book)")) { try library($0, in: shop) }
    }

    /// A customer who owns a book.
    private func owner(_ database: TestDatabase) throws -> (
        shop: Shop, book: Audiobook.ID, customer: Customer.ID
    ) {
        let (customer, book) = try database.prepared { transaction in
            let editor = try transaction.person("e", .editor), customer = try transaction.person("c")
            let book = try transaction.published("Emma", by: editor)
            let attempt = try transaction.opened(try transaction.ordered([book], by: customer))
            _ = try transaction.record(.test(of: attempt))
            return (customer, book)
        }
        var shop = database.shop(of: "library", for: .customer(customer))
        shop.links = .plain
        return (shop, book, customer)
    }

    @Test func `the owner lists, opens, streams and downloads`() throws {
        try withDatabase { database in
            let (shop, book, _) = try owner(database)
            let list = Lambda.answer(.typed("GET /api/v1/library")) { try library($0, in: shop) }
            #expect(list["items"] == "1" && list["items/0/slug"] == "emma")
            #expect(list.headers["cache-control"] == "private, no-store")
            #expect(sent("GET /api/v1/library/{id}", book, in: shop)["book/durationMilliseconds"] == "180000")

            let stream = sent("POST /api/v1/library/{id}/stream", book, in: shop)
            #expect(stream["tracks"] == "1" && stream["tracks/0/endMilliseconds"] == "180000")
            #expect(stream["tracks/0/url"]?.hasSuffix("?name=&seconds=900") == true)
            let download = sent("POST /api/v1/library/{id}/download", book, in: shop)
            #expect(download["tracks/0/url"]?.hasSuffix("?name=Emma 1.m4b&seconds=900") == true)
            #expect(download["tracks/0/sha256"]?.count == 64)
            // Three minutes before the end of a quarter of an hour.
            #expect(download["tracks/0/expiresAt"] == "2027-01-15T08:00:00Z")
            #expect(download["tracks/0/renewAt"] == "2027-01-15T07:57:00Z")
            #expect(try database.count("listening.access_log WHERE action = 'stream'") == 1)
            #expect(try database.count("listening.access_log WHERE action = 'download'") == 1)
        }
    }

    @Test(arguments: [
        "GET /api/v1/library/{id}", "POST /api/v1/library/{id}/stream", "POST /api/v1/library/{id}/download",
        "GET /api/v1/library/{id}/position", "GET /api/v1/library/{id}/history",
        "GET /api/v1/library/{id}/settings", "GET /api/v1/library/{id}/bookmarks",
        "GET /api/v1/library/{id}/transcript", "GET /api/v1/library/{id}/recap",
    ])
    func `nobody hears what is not theirs`(route: String) throws {
        try withDatabase { database in
            let (owners, book, customer) = try owner(database)
            let (other, draft) = try database.prepared { transaction in
                let editor = try transaction.person("e", .editor)
                return (try transaction.person("d"), try transaction.draft("Sanditon", by: editor))
            }
            let shop = database.shop(of: "library", for: .customer(other))
            #expect(sent(route, book, in: shop).outcome == "403 not-entitled")
            #expect(sent(route, draft, in: shop).outcome == "404 not-found")
            #expect(sent(route, Audiobook.ID(), in: shop).outcome == "404 not-found")
            #expect(sent(route, book, in: database.shop(of: "library")).outcome == "401 unauthenticated")

            func move(to state: String) throws {
                try database.prepared { transaction in
                    _ = try transaction.run(
                        """
                        UPDATE listening.entitlements SET state = \(state), state_reason = 'test',
                            revoked_at = CASE WHEN \(state == "revoked") THEN now() END
                        WHERE user_id = \(customer)
                        """)
                }
            }
            try move(to: "suspended")
            #expect(sent(route, book, in: owners).outcome == "403 suspended")
            try move(to: "revoked")
            #expect(sent(route, book, in: owners).outcome == "403 revoked")
            #expect(try database.count("listening.access_log") == 0)
        }
    }

    @Test func `an address that cannot be signed is our fault and told as that`() throws {
        try withDatabase { database in
            var (shop, book, _) = try owner(database)
            shop.links = .unset
            let answer = sent("POST /api/v1/library/{id}/stream", book, in: shop)
            #expect(answer.outcome == "500 internal")
            #expect(!answer.text.contains("Links"), "nothing of our insides is told")
        }
    }

    @Test func `pages and parameters are held to what they are`() throws {
        try withDatabase { database in
            let (shop, book, _) = try owner(database)
            func listed(_ query: Query) -> String {
                Lambda.answer(Request("GET /api/v1/library", query: query)) { try library($0, in: shop) }
                    .outcome
            }
            #expect(listed(["limit": "1"]) == "200")
            #expect(listed(["limit": "many"]) == "400 invalid-query")
            for good in ["newest", "recent", "title"] { #expect(listed(["sort": good]) == "200") }
            #expect(listed(["progress": "finished"]) == "200")
            #expect(listed(["sort": "price"]) == "400 invalid-query")
            #expect(listed(["progress": "half"]) == "400 invalid-query")
            #expect(listed(["order": "title"]) == "400 invalid-query")
            let foreign = Cursor(list: "catalogue.newest.EUR", key: "2026-01-01", id: book.rawValue)
            #expect(listed(["cursor": foreign.rawValue]) == "400 invalid-query")
            #expect(listed(["cursor": "x"]) == "400 invalid-query")
        }
    }
}
