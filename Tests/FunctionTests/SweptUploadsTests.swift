import Core
import Foundation
import TestSupport
import Testing

@testable import relay

@Suite struct SweptUploadsTests {
    private func swept(_ shop: Shop) throws { try Sweep.uploads.run(in: shop) }

    /// As if so much time had passed.
    private func age(_ change: SQL, in database: TestDatabase) throws {
        _ = try database.prepared { try $0.run("UPDATE production.uploads SET \(change)") }
    }

    @Test func `an abandoned upload ends, and when no link to it is good any more, its object goes`() throws {
        try withDatabase { database in
            let uploads = try database.prepared { transaction in
                let editor = try transaction.person("e", .editor)
                let book = try transaction.draft("Emma", by: editor)
                return try [-7200.0, -7201, -60].map { seconds in
                    let file = try DeclaredFile(name: "a", mediaType: "audio/mp4", bytes: 1, sha256: .hash)
                    return try transaction.requestUpload(
                        of: file, for: book, by: editor, under: .random, to: "media",
                        expiresAt: Date(timeIntervalSinceNow: seconds + 9000))
                }
            }
            try age(
                """
                created_at = created_at - interval '9000 seconds',
                expires_at = expires_at - interval '9000 seconds'
                """, in: database)
            var shop = database.shop(of: "relay")
            let removed = Told<String>()
            shop.storage.remove = { bucket, key in
                removed.append("\(bucket)/\(key)")
                if removed.all.count == 1 { throw OutsideFailure("storage", .unavailable, reason: "none") }
            }
            try swept(shop)
            #expect(removed.all.isEmpty, "a link may have been signed a moment ago")
            #expect(
                try database.prepared { try $0.upload(uploads[2].id)?.state } == .created,
                "it has an hour of grace")
            #expect(try database.count("production.uploads WHERE state = 'expired'") == 2)
            try age("ended_at = ended_at - interval '1 hour'", in: database)
            try swept(shop)
            #expect(Set(removed.all) == Set(uploads.prefix(2).map { "media/\($0.objectKey)" }))
            try swept(shop)
            #expect(removed.all.count == 3, "what failed is tried again, and what was done is not")
            try swept(shop)
            #expect(removed.all.count == 3)
        }
    }

    @Test func `the parts of what came to nothing go as well`() throws {
        try withDatabase { database in
            let least = 5 << 20
            let parts = try DeclaredParts(fileBytes: least + 1, partBytes: least, sha256s: [.hash, .hash])
            let uploads = try database.prepared { transaction in
                let editor = try transaction.person("e", .editor)
                let book = try transaction.draft("Emma", by: editor)
                return try ["abandoned", "aborted", "rejected", "open"].map { name in
                    let upload = try transaction.requestUpload(
                        of: DeclaredFile(name: name, mediaType: "audio/mp4", parts: parts), in: parts,
                        for: book, by: editor, under: .random, to: "media",
                        expiresAt: Date(timeIntervalSinceNow: 86_400))
                    return try transaction.beginUploading(upload.id, as: name)
                }
            }
            try database.prepared { transaction in
                _ = try transaction.abort(uploads[1].id)
                try transaction.reject(uploads[2].id, as: .notAudio)
                try transaction.run(
                    """
                    UPDATE production.uploads SET created_at = now() - interval '9 days',
                        expires_at = now() - interval '2 hours' WHERE id = \(uploads[0].id)
                    """)
            }
            let storage = FakeParts(), removed = Told<String>()
            var shop = database.shop(of: "relay")
            shop.multipart = storage.port
            shop.storage.remove = { _, key in removed.append(key) }
            try swept(shop)
            #expect(storage.aborted.isEmpty, "a link may have been signed a moment ago")
            try age("ended_at = ended_at - interval '1 hour'", in: database)
            storage.failure = OutsideFailure("storage", .unavailable, reason: "none")
            try swept(shop)
            storage.failure = nil
            try swept(shop)
            try swept(shop)
            #expect(storage.aborted.sorted() == ["abandoned", "aborted", "rejected"])
            #expect(Set(removed.all) == Set(uploads.prefix(3).map(\.objectKey)))
            #expect(try database.count("production.uploads WHERE cleared_at IS NOT NULL") == 3)
        }
    }
}
