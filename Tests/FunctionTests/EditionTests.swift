import Core
import Cryptography
import Foundation
import TestSupport
import Testing

@testable import upload_complete

@Suite struct EditionTests {
    private func made(
        _ book: Audiobook.ID, _ uploads: [Upload.ID], in shop: Shop, key: String? = Request.key
    ) -> Response {
        let ids = uploads.map { "\"\($0)\"" }.joined(separator: ",")
        let body = "{\"uploadIds\": [\(ids)]}"
        return Lambda.answer(.typed("POST /api/v1/audiobooks/{id}/editions", body, id: "\(book)", key: key)) {
            try uploadComplete($0, in: shop)
        }
    }

    /// A book whose files were asked for, each of a minute, and how to say that one has come.
    private func world(
        _ database: TestDatabase, _ names: [String]
    ) throws -> (shop: Shop, book: Audiobook.ID, uploads: [Upload], queue: Told<String>) {
        let (editor, book, uploads) = try database.prepared { transaction in
            let editor = try transaction.person("e", .editor)
            let book = try transaction.draft("Emma", by: editor)
            let uploads = try names.map { name in
                try transaction.requestUpload(
                    of: DeclaredFile(
                        name: name, mediaType: "audio/mpeg", bytes: 1000,
                        checksum: .whole(SHA256.hash(Array(name.utf8))), purpose: .track),
                    for: book, by: editor, under: .random, to: "media",
                    expiresAt: Date(timeIntervalSinceNow: 3600))
            }
            return (editor, book, uploads)
        }
        let queue = Told<String>()
        var shop = database.shop(of: "upload-complete", for: .editor(editor))
        shop.links = .plain
        shop.storage.head = { _, key in
            let upload = uploads.first { $0.objectKey == key }
            return StoredObject(
                bytes: 1000, mediaType: nil, entityTag: "x",
                sha256: upload.map { .whole($0.declared.checksum.digest) })
        }
        shop.storage.put = { _, _, _, _ in }
        shop.audio.probe = { _ in
            AudioProbe(mediaType: "audio/mpeg", codec: "mp3", durationMilliseconds: 60_000)
        }
        shop.audio.sample = { _, _ in
            Recording(bytes: [1], fileName: "s.mp3", mediaType: "audio/mpeg", language: nil)
        }
        shop.pictures.embedded = { _, _ in nil }
        shop.transcriptions = .telling(queue)
        return (shop, book, uploads, queue)
    }

    private func arrive(_ uploads: [Upload], in shop: Shop) throws {
        for upload in uploads {
            try objectStored(StorageRecord(bucket: "media", key: upload.objectKey), in: shop)
        }
    }

    @Test func `files that came one by one become the recording in the order they are named in`() throws {
        try withDatabase { database in
            let (shop, book, uploads, queue) = try world(database, ["01 One.mp3", "02 Two.mp3"])
            #expect(made(book, uploads.map(\.id), in: shop).outcome == "409 tracks-not-ready")
            try arrive(uploads, in: shop)
            #expect(try queue.all.isEmpty && database.count("catalogue.editions") == 0)
            let answer = made(book, uploads.map(\.id), in: shop)
            #expect(answer.statusCode == 201 && answer["tracks"] == "2")
            #expect(answer["durationMilliseconds"] == "120000")
            #expect(answer["chapters/0/title"] == "One" && answer["chapters/1/title"] == "Two")
            #expect(answer["chapters/1/startMilliseconds"] == "60000")
            #expect(queue.all.count == 1)
            #expect(try database.count("catalogue.audiobooks WHERE sample_asset_id IS NOT NULL") == 1)
        }
    }

    @Test func `asked again under its key it is the same edition, though the book has another by now`() throws
    {
        try withDatabase { database in
            let (shop, book, uploads, _) = try world(database, ["1.mp3", "2.mp3"])
            try arrive(uploads, in: shop)
            let first = made(book, uploads.map(\.id), in: shop)
            let turned = made(
                book, uploads.reversed().map(\.id), in: shop, key: "3f8a1c52-0000-4000-8000-000000000002")
            #expect(turned["editionId"] != first["editionId"])
            #expect(made(book, uploads.map(\.id), in: shop)["editionId"] == first["editionId"])
            #expect(try database.count("catalogue.editions") == 2)
            #expect(made(book, [uploads[0].id], in: shop).outcome == "422 idempotency-key-reused")
            #expect(made(book, [uploads[0].id], in: shop, key: nil).outcome == "400 idempotency-key")
        }
    }

    @Test func `a plan that could not be sent is sent by the relay`() throws {
        try withDatabase { database in
            var (shop, book, uploads, _) = try world(database, ["1.mp3"])
            try arrive(uploads, in: shop)
            shop.transcriptions = Queue { _, _ in throw OutsideFailure("queue", .unavailable, reason: "none")
            }
            #expect(made(book, uploads.map(\.id), in: shop).outcome == "503 outside-unavailable")
            #expect(made(book, uploads.map(\.id), in: shop).statusCode == 201)
            let lost = try database.prepared { try $0.lostTranscriptionWork(idleSeconds: 0, limit: 10) }
            #expect(lost.count == 1)
        }
    }

    @Test func `only the editor who sent them makes a recording of them`() throws {
        try withDatabase { database in
            let (shop, book, uploads, _) = try world(database, ["1.mp3"])
            try arrive(uploads, in: shop)
            let (other, customer) = try database.prepared {
                (try $0.person("f", .editor), try $0.person("c"))
            }
            func outcome(_ principal: Principal?) -> Response {
                made(book, uploads.map(\.id), in: database.shop(of: "upload-complete", for: principal))
            }
            #expect(outcome(.editor(other)).outcome == "422 invalid-value")
            #expect(outcome(.editor(other))["errors/0/pointer"] == "/uploadIds/0")
            #expect(outcome(.customer(customer)).outcome == "403 forbidden")
            #expect(outcome(nil).outcome == "401 unauthenticated")
            #expect(made(Audiobook.ID(), uploads.map(\.id), in: shop).outcome == "404 not-found")
        }
    }
}
