import Core
import Foundation
import TestSupport
import Testing

@testable import presign

@Suite struct PresignTests {
    private let digits = String(repeating: "ab", count: 32)

    private func wish(
        _ book: Audiobook.ID, name: String = "emma.m4b", type: String = "audio/mp4",
        bytes: String = "1000000",
        sha256: String? = nil
    ) -> String {
        """
        {"audiobookId": "\(book)", "fileName": "\(name)", "contentType": "\(type)", "bytes": \(bytes),
        "sha256": "\(sha256 ?? digits)"}
        """
    }

    private func asked(_ body: String, in shop: Shop, key: String? = Request.key) -> Response {
        Lambda.answer(.typed("POST /api/v1/uploads", body, key: key)) { try presign($0, in: shop) }
    }

    private func world(_ database: TestDatabase) throws -> (shop: Shop, book: Audiobook.ID) {
        let (editor, book) = try database.prepared { transaction in
            let editor = try transaction.person("e", .editor)
            return (editor, try transaction.draft("Emma", by: editor))
        }
        var shop = database.shop(of: "presign", for: .editor(editor))
        shop.links = .plain
        return (shop, book)
    }

    @Test func `an upload is permission for one file, and is found again under its key`() throws {
        try withDatabase { database in
            let (shop, book) = try world(database)
            let first = asked(wish(book), in: shop)
            #expect(first.statusCode == 201 && first["state"] == "created")
            let id = try #require(first["id"])
            #expect(first["put/url"] == "https://store.test/media/u/\(id)/original?bytes=1000000")
            #expect(first["put/headers/content-type"] == "audio/mp4")
            #expect(first.headers["cache-control"] == "no-store", "the address is a permission")

            #expect(asked(wish(book), in: shop)["id"] == id)
            #expect(asked(wish(book, bytes: "2"), in: shop).outcome == "422 idempotency-key-reused")
            #expect(asked(wish(book), in: shop, key: nil).outcome == "400 idempotency-key")
            #expect(asked(wish(book), in: shop, key: "short").outcome == "400 idempotency-key")
            #expect(try database.count("production.uploads") == 1)

            let shown = Lambda.answer(.typed("GET /api/v1/uploads/{id}", id: id)) {
                try presign($0, in: shop)
            }
            #expect(shown["state"] == "created" && shown["put"] == nil)
        }
    }

    @Test func `the file's name never becomes a place in the storage`() throws {
        try withDatabase { database in
            let (shop, book) = try world(database)
            let answer = asked(wish(book, name: "../../etc/passwd"), in: shop)
            let id = try #require(answer["id"])
            #expect(answer["put/url"] == "https://store.test/media/u/\(id)/original?bytes=1000000")
        }
    }

    @Test(arguments: [
        ("0", "audio/mp4", "/bytes"), ("-1", "audio/mp4", "/bytes"), ("5368709121", "audio/mp4", "/bytes"),
        ("1", "video/mp4", "/contentType"), ("1", "", "/contentType"),
    ])
    func `a file that may not be sent is refused by its place`(bytes: String, type: String, pointer: String)
        throws
    {
        try withDatabase { database in
            let (shop, book) = try world(database)
            let answer = asked(wish(book, type: type, bytes: bytes), in: shop)
            #expect(answer.outcome == "422 invalid-value" && answer["errors/0/pointer"] == pointer)
        }
    }

    @Test(arguments: ["", "ab", String(repeating: "zz", count: 32), String(repeating: "ab", count: 33)])
    func `a checksum that is none is refused`(sha256: String) throws {
        try withDatabase { database in
            let (shop, book) = try world(database)
            let answer = asked(wish(book, sha256: sha256), in: shop)
            #expect(answer.outcome == "422 invalid-value" && answer["errors/0/pointer"] == "/sha256")
        }
    }

    @Test func `a body of another shape is refused by its place`() throws {
        try withDatabase { database in
            let (shop, book) = try world(database)
            let answer = asked(wish(book, bytes: "\"many\""), in: shop)
            #expect(answer.outcome == "400 malformed-body" && answer["errors/0/pointer"] == "/bytes")
            #expect(asked("no JSON", in: shop).outcome == "400 malformed-body")
            #expect(asked(wish(Audiobook.ID()), in: shop).outcome == "404 not-found")
            #expect(try database.count("production.uploads") == 0)
        }
    }

    @Test func `an upload is its editor's alone`() throws {
        try withDatabase { database in
            let (shop, book) = try world(database)
            let id = try #require(asked(wish(book), in: shop)["id"])
            let (other, customer) = try database.prepared {
                (try $0.person("f", .editor), try $0.person("c"))
            }
            let show = Request.typed("GET /api/v1/uploads/{id}", id: id)
            let others = database.shop(of: "presign", for: .editor(other))
            #expect(Lambda.answer(show) { try presign($0, in: others) }.outcome == "404 not-found")
            let customers = database.shop(of: "presign", for: .customer(customer))
            #expect(Lambda.answer(show) { try presign($0, in: customers) }.outcome == "403 forbidden")
            #expect(asked(wish(book), in: customers).outcome == "403 forbidden")
            #expect(asked(wish(book), in: database.shop(of: "presign")).outcome == "401 unauthenticated")
            let nothing = Request.typed("GET /api/v1/uploads/{id}", id: "x")
            #expect(Lambda.answer(nothing) { try presign($0, in: shop) }.outcome == "404 not-found")
        }
    }
}
