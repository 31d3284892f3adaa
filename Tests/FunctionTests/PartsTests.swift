import Core
import Cryptography
import Foundation
import TestSupport
import Testing

@testable import presign

@Suite struct PartsTests {
    private static let least = 5 << 20

    private func wish(_ book: Audiobook.ID, count: Int = 3, last: Int = 7, more: String = "") -> String {
        let digests = (1...count).map { "\"\(hexadecimal(digest($0)))\"" }.joined(separator: ",")
        return """
            {"audiobookId": "\(book)", "fileName": "emma.m4b", "contentType": "audio/mp4",
            "bytes": \((count - 1) * Self.least + last), "parts": {"bytes": \(Self.least),
            "sha256": [\(digests)]}\(more)}
            """
    }

    private func digest(_ number: Int) -> [UInt8] { SHA256.hash(Array("\(number)".utf8)) }

    private func held(_ number: Int, bytes: Int = PartsTests.least, _ sha256: [UInt8]? = nil) -> HeldPart {
        HeldPart(number: number, bytes: bytes, entityTag: "e", sha256: sha256 ?? digest(number))
    }

    private func ask(
        _ route: String, _ body: String = "", id: String? = nil, in shop: Shop, key: String? = Request.key
    ) -> Response {
        Lambda.answer(.typed(route, body, id: id, key: key)) { try presign($0, in: shop) }
    }

    private func world(
        _ database: TestDatabase
    ) throws -> (shop: Shop, book: Audiobook.ID, storage: FakeParts) {
        let (editor, book) = try database.prepared { transaction in
            let editor = try transaction.person("e", .editor)
            return (editor, try transaction.draft("Emma", by: editor))
        }
        let storage = FakeParts()
        var shop = database.shop(of: "presign", for: .editor(editor))
        shop.links = .plain
        shop.multipart = storage.port
        return (shop, book, storage)
    }

    @Test func `a file in parts is begun once, and found again under its key`() throws {
        try withDatabase { database in
            let (shop, book, storage) = try world(database)
            let first = ask("POST /api/v1/uploads", wish(book), in: shop)
            #expect(first.statusCode == 201 && first["state"] == "uploading" && first["put"] == nil)
            #expect(first["parts/bytes"] == "\(Self.least)" && first["parts/count"] == "3")
            #expect(first["parts/stored"] == nil && first["purpose"] == "recording")
            let again = ask("POST /api/v1/uploads", wish(book), in: shop)
            #expect(again["id"] == first["id"] && storage.begun.count == 1)
            for other in [
                wish(book, last: 8), wish(book, count: 4), wish(book, more: #","purpose":"track""#),
            ] {
                #expect(
                    ask("POST /api/v1/uploads", other, in: shop).outcome == "422 idempotency-key-reused")
            }
            #expect(storage.begun == ["media/u/\(try #require(first["id"]))/original audio/mp4"])
        }
    }

    @Test func `whoever was cut short before the storage answered begins again`() throws {
        try withDatabase { database in
            let (shop, book, storage) = try world(database)
            storage.failure = OutsideFailure("storage", .unavailable, reason: "none")
            #expect(ask("POST /api/v1/uploads", wish(book), in: shop).outcome == "503 outside-unavailable")
            storage.failure = nil
            let id = try database.prepared {
                try $0.value("SELECT id FROM production.uploads") ?? Upload.ID()
            }
            #expect(ask("GET /api/v1/uploads/{id}", id: "\(id)", in: shop)["state"] == "created")
            let signed = ask("POST /api/v1/uploads/{id}/parts", #"{"numbers":[1]}"#, id: "\(id)", in: shop)
            #expect(signed.statusCode == 200, "asked for a part, it is begun as well")
            #expect(ask("POST /api/v1/uploads", wish(book), in: shop)["state"] == "uploading")
            #expect(storage.begun.count == 1)
        }
    }

    @Test func `of two who begin at once, the second gives up what it began`() throws {
        try withDatabase { database in
            let (shop, book, storage) = try world(database)
            storage.meanwhile = {
                storage.meanwhile = {}
                #expect(ask("POST /api/v1/uploads", wish(book), in: shop)["state"] == "uploading")
            }
            #expect(ask("POST /api/v1/uploads", wish(book), in: shop)["state"] == "uploading")
            #expect(storage.begun.count == 2 && storage.aborted == ["m-1"])
            #expect(try database.count("production.uploads WHERE storage_upload_id = 'm-2'") == 1)
        }
    }

    @Test func `parts are signed when they are asked for, as they were declared`() throws {
        try withDatabase { database in
            let (shop, book, _) = try world(database)
            let id = try #require(ask("POST /api/v1/uploads", wish(book), in: shop)["id"])
            let signed = ask("POST /api/v1/uploads/{id}/parts", #"{"numbers":[3,1]}"#, id: id, in: shop)
            #expect(signed.statusCode == 200 && signed["parts"] == "2")
            #expect(signed.headers["cache-control"] == "no-store")
            #expect(signed["parts/0/number"] == "3" && signed["parts/0/offset"] == "\(2 * Self.least)")
            #expect(signed["parts/0/bytes"] == "7" && signed["parts/0/headers/content-length"] == "7")
            #expect(
                signed["parts/1/url"] == "https://store.test/media/u/\(id)/original?part=1&of=m-1")
            for (body, pointer) in [
                (#"{"numbers":[]}"#, "/numbers"), (#"{"numbers":[4]}"#, "/numbers/0"),
                (#"{"numbers":[1,0]}"#, "/numbers/1"), (#"{"numbers":[2,2]}"#, "/numbers/1"),
            ] {
                let answer = ask("POST /api/v1/uploads/{id}/parts", body, id: id, in: shop)
                #expect(answer.outcome == "422 invalid-value" && answer["errors/0/pointer"] == pointer)
            }
        }
    }

    @Test func `what the storage holds as declared need not be sent again`() throws {
        try withDatabase { database in
            let (shop, book, storage) = try world(database)
            let id = try #require(ask("POST /api/v1/uploads", wish(book), in: shop)["id"])
            storage.held = [held(3, bytes: 7), held(1), held(2, [UInt8](repeating: 0, count: 32))]
            let shown = ask("GET /api/v1/uploads/{id}", id: id, in: shop)
            #expect(shown["parts/stored"] == "2")
            #expect(shown["parts/stored/0"] == "1" && shown["parts/stored/1"] == "3")
            storage.held = nil
            #expect(ask("GET /api/v1/uploads/{id}", id: id, in: shop)["parts/stored"] == nil)
        }
    }

    @Test func `an upload is given up once and for all, and the storage told each time`() throws {
        try withDatabase { database in
            let (shop, book, storage) = try world(database)
            let id = try #require(ask("POST /api/v1/uploads", wish(book), in: shop)["id"])
            storage.failure = OutsideFailure("storage", .unavailable, reason: "none")
            #expect(
                ask("DELETE /api/v1/uploads/{id}", id: id, in: shop).outcome == "503 outside-unavailable")
            storage.failure = nil
            #expect(ask("DELETE /api/v1/uploads/{id}", id: id, in: shop).statusCode == 204)
            #expect(ask("DELETE /api/v1/uploads/{id}", id: id, in: shop).statusCode == 204)
            #expect(storage.aborted == ["m-1", "m-1"])
            #expect(ask("GET /api/v1/uploads/{id}", id: id, in: shop)["state"] == "aborted")
            let signed = ask("POST /api/v1/uploads/{id}/parts", #"{"numbers":[1]}"#, id: id, in: shop)
            #expect(signed.outcome == "409 upload-ended")
        }
    }

    @Test func `a whole file has no parts, and is given up without the storage`() throws {
        try withDatabase { database in
            var (shop, book, _) = try world(database)
            shop.multipart = .unset
            let whole = """
                {"audiobookId": "\(book)", "fileName": "a", "contentType": "audio/mp4", "bytes": 9,
                "sha256": "\(hexadecimal(digest(1)))", "purpose": "track"}
                """
            let asked = ask("POST /api/v1/uploads", whole, in: shop)
            #expect(asked["purpose"] == "track" && asked["parts"] == nil && asked["put/method"] == "PUT")
            let id = try #require(asked["id"])
            let signed = ask("POST /api/v1/uploads/{id}/parts", #"{"numbers":[1]}"#, id: id, in: shop)
            #expect(signed.outcome == "409 not-in-parts")
            #expect(ask("DELETE /api/v1/uploads/{id}", id: id, in: shop).statusCode == 204)
            #expect(ask("POST /api/v1/uploads", whole, in: shop)["put"] == nil)
        }
    }

    @Test(arguments: [
        ("\"sha256\": \"ab\", \"parts\": {\"bytes\": 5242880, \"sha256\": []}", "/sha256"),
        ("\"purpose\": \"track\"", "/sha256"),
        ("\"parts\": {\"bytes\": 5242879, \"sha256\": []}", "/parts/bytes"),
        ("\"parts\": {\"bytes\": 5242880, \"sha256\": []}", "/parts/sha256"),
        ("\"parts\": {\"bytes\": 5242880, \"sha256\": [\"ab\"]}", "/parts/sha256/0"),
    ])
    func `parts that cannot be are refused by their place`(members: String, pointer: String) throws {
        try withDatabase { database in
            let (shop, book, storage) = try world(database)
            let body = """
                {"audiobookId": "\(book)", "fileName": "a", "contentType": "audio/mp4", "bytes": 9, \(members)}
                """
            let answer = ask("POST /api/v1/uploads", body, in: shop)
            #expect(answer.outcome == "422 invalid-value" && answer["errors/0/pointer"] == pointer)
            #expect(storage.begun.isEmpty)
        }
    }

    @Test func `parts are their editor's alone`() throws {
        try withDatabase { database in
            let (shop, book, _) = try world(database)
            let id = try #require(ask("POST /api/v1/uploads", wish(book), in: shop)["id"])
            let other = try database.prepared { try $0.person("f", .editor) }
            let others = database.shop(of: "presign", for: .editor(other))
            for route in ["POST /api/v1/uploads/{id}/parts", "DELETE /api/v1/uploads/{id}"] {
                #expect(ask(route, #"{"numbers":[1]}"#, id: id, in: others).outcome == "404 not-found")
            }
        }
    }
}
