import Foundation
import TestSupport
import Testing

@testable import Core
@testable import cleanup

@Suite struct CleanupTests {
    private func recording() -> String { Upload.objectKey(of: Upload.ID()) }
    private func cover(_ digit: Character) -> String { "c/\(String(repeating: digit, count: 64)).jpg" }

    private func requested(
        _ name: String, for book: Audiobook.ID, by editor: Editor.ID, _ transaction: borrowing Transaction
    ) throws -> Upload {
        try transaction.requestUpload(
            of: DeclaredFile(name: name, mediaType: "audio/mp4", bytes: 1, sha256: .hash), for: book,
            by: editor,
            under: .random, to: "media", expiresAt: Date(timeIntervalSinceNow: 3600))
    }

    @Test func `what nobody knows goes when it is old enough, and nothing else does`() throws {
        try withDatabase { database in
            let bucket = FakeBucket()
            let orphan = recording(), young = recording(), foreign = "u/notes.txt"
            bucket.put(orphan, hours: 48.1, bytes: 7)
            bucket.put(young, hours: 47.9)
            bucket.put(foreign)
            bucket.put("backups/all.tar")
            bucket.put(cover("a"), bytes: 5)
            try database.prepared { transaction in
                let editor = try transaction.person("e", .editor)
                let book = try transaction.draft("Emma", by: editor)
                let open = try requested("open", for: book, by: editor, transaction)
                let ended = try requested("ended", for: book, by: editor, transaction)
                let cleared = try requested("cleared", for: book, by: editor, transaction)
                for upload in [ended, cleared] { try transaction.reject(upload.id, as: .notAudio) }
                try transaction.noteCleared(cleared.id)
                for upload in [open, ended, cleared] { bucket.put(upload.objectKey) }
                try transaction.record(book, by: editor)
                let key: String? = try transaction.value("SELECT object_key FROM catalogue.assets")
                bucket.put(key ?? "", bytes: 1_000_000)
                bucket.parts[StoredName(key: open.objectKey, multipart: "old")] = 49
                bucket.parts[StoredName(key: open.objectKey, multipart: "new")] = 1
            }
            try bucket.shop(database).cleanUp()
            #expect(
                try database.cleanupTotals() == [
                    "kept current-edition 1 1000000", "kept ended-upload 1 10", "kept foreign-name 1 10",
                    "kept open-upload 1 10", "kept young 2 10", "removed late-upload 1 10",
                    "removed orphan 2 12", "removed parts-of-nobody 1 0",
                ])
            #expect(Set(bucket.removed).isSuperset(of: [orphan, cover("a")]) && bucket.removed.count == 3)
            #expect(bucket.objects[young] != nil && bucket.objects["backups/all.tar"] != nil)
            #expect(bucket.parts.keys.map(\.multipart) == ["new"])
            let asked = bucket.asked.count
            try bucket.shop(database).cleanUp()
            #expect(bucket.asked.count == asked, "one round a day")
            try database.nextDay()
            try bucket.shop(database).cleanUp()
            #expect(bucket.removed.count == 3 && bucket.asked.count > asked)
        }
    }

    @Test func `parts that an upload knows by their name stay`() throws {
        try withDatabase { database in
            let bucket = FakeBucket(), least = 5 << 20
            let parts = try DeclaredParts(fileBytes: least + 1, partBytes: least, sha256s: [.hash, .hash])
            try database.prepared { transaction in
                let editor = try transaction.person("e", .editor)
                let book = try transaction.draft("Emma", by: editor)
                let upload = try transaction.requestUpload(
                    of: DeclaredFile(name: "a", mediaType: "audio/mp4", parts: parts), in: parts, for: book,
                    by: editor, under: .random, to: "media", expiresAt: Date(timeIntervalSinceNow: 3600))
                _ = try transaction.beginUploading(upload.id, as: "known")
                for name in ["known", "lost"] {
                    bucket.parts[StoredName(key: upload.objectKey, multipart: name)] = 100
                }
            }
            try bucket.shop(database).cleanUp()
            #expect(bucket.parts.keys.map(\.multipart) == ["known"])
        }
    }

    @Test func `a round goes through 2,500 objects in pages, and on where it broke off`() throws {
        try withDatabase { database in
            let bucket = FakeBucket()
            for _ in 0..<2500 { bucket.put(recording(), bytes: 2) }
            let first = bucket.objects.keys.sorted()[999]
            // Killed amid the removals of the first page, and again before the answer of the second.
            bucket.meanwhile = { _ in if bucket.removed.count == 350 { throw Killed() } }
            #expect(throws: Killed.self) { try bucket.shop(database).cleanUp() }
            bucket.meanwhile = { if $0 == "list u/ behind \(first)" { throw Killed() } }
            #expect(throws: Killed.self) { try bucket.shop(database).cleanUp() }
            #expect(bucket.objects.count == 1500)
            bucket.meanwhile = { _ in }
            try bucket.shop(database).cleanUp()
            #expect(bucket.objects.isEmpty)
            #expect(try database.cleanupTotals() == ["removed orphan 2500 5000"], "each counts once")
            #expect(bucket.asked.filter { $0 == "list u/ behind -" }.count == 1, "nothing is looked at twice")
        }
    }

    @Test func `of what cannot be removed the others do not wait, and a storage that is away is left alone`()
        throws
    {
        try withDatabase { database in
            let bucket = FakeBucket()
            for _ in 0..<10 { bucket.put(recording()) }
            let stubborn = bucket.objects.keys.sorted()[0]
            let refusal = OutsideFailure("storage", .refused, code: "AccessDenied", reason: "403")
            bucket.meanwhile = { if $0 == "remove \(stubborn)" { throw refusal } }
            try bucket.shop(database).cleanUp()
            #expect(bucket.objects.keys.sorted() == [stubborn])
            #expect(
                try database.count("production.cleanup_objects WHERE verdict = 'leaving' AND attempts = 1")
                    == 1)

            for _ in 0..<10 { bucket.put(recording()) }
            try database.nextDay()
            bucket.meanwhile = { if $0.hasPrefix("remove") { throw refusal } }
            let before = bucket.asked.count
            #expect(throws: OutsideFailure.self) { try bucket.shop(database).cleanUp() }
            #expect(bucket.asked.dropFirst(before).filter { $0.hasPrefix("remove") }.count == 3)
            bucket.meanwhile = { if $0.hasPrefix("list") { throw refusal } }
            #expect(throws: OutsideFailure.self) { try bucket.shop(database).cleanUp() }
            bucket.meanwhile = { _ in }
            _ = try database.prepared {
                try $0.run("UPDATE production.cleanup_objects SET at = at - interval '1 hour'")
            }
            try bucket.shop(database).cleanUp()
            #expect(bucket.objects.isEmpty)
        }
    }

    @Test func `what must be there and is not is told, until it is there again`() throws {
        try withDatabase { database in
            let bucket = FakeBucket()
            let key: String? = try database.prepared { transaction in
                let editor = try transaction.person("e", .editor)
                try transaction.record(try transaction.draft("Emma", by: editor), by: editor)
                return try transaction.value("SELECT object_key FROM catalogue.assets")
            }
            try bucket.shop(database).cleanUp()
            #expect(try database.cleanupTotals().isEmpty, "it may have come after the storage was asked")
            _ = try database.prepared { transaction in
                try transaction.runScript("ALTER TABLE catalogue.assets DISABLE TRIGGER USER")
                return try transaction.run(
                    "UPDATE catalogue.assets SET created_at = now() - interval '3 days'")
            }
            try database.nextDay()
            try bucket.shop(database).cleanUp()
            #expect(try database.cleanupTotals() == ["missing current-edition 1 0"])
            let alerts: SQL = "plumbing.alerts WHERE kind = 'missing-object' AND resolved_at IS NULL"
            #expect(try database.count(alerts) == 1)
            #expect(try database.count("catalogue.assets WHERE removed_at IS NULL") == 1)
            bucket.put(key ?? "")
            try database.nextDay()
            try bucket.shop(database).cleanUp()
            #expect(try database.count(alerts) == 0)
        }
    }

    @Test func `books as files to keep are judged like all that is stored`() throws {
        try withDatabase { database in
            let bucket = FakeBucket()
            let keys: [String] = try database.prepared { transaction in
                let editor = try transaction.person("e", .editor)
                let emma = try transaction.draft("Emma", by: editor)
                let sanditon = try transaction.draft("Sanditon", by: editor)
                try transaction.run(
                    """
                    INSERT INTO production.exports (audiobook_id, format, bucket)
                    VALUES (\(emma), 'm4b', 'media'), (\(emma), 'epub', 'media'), (\(sanditon), 'm4b', 'media')
                    """)
                // One that is there, one that another replaced, and one that is on its way.
                for update: SQL in [
                    """
                    state = 'making', lease = gen_random_uuid(), leased_until = now(), storage_upload_id = 'known',
                        content = decode(repeat('00', 32), 'hex') WHERE format = 'm4b'
                    """,
                    """
                    state = 'ready', lease = NULL, leased_until = NULL, storage_upload_id = NULL, bytes = 10,
                        ready_at = now() - interval '3 days' WHERE format = 'm4b' AND audiobook_id = \(emma)
                    """,
                    "state = 'superseded', superseded_at = now() WHERE format = 'epub'",
                ] { try transaction.run("UPDATE production.exports SET \(update)") }
                return try transaction.values("SELECT object_key FROM production.exports ORDER BY state")
            }
            let lost = "e/\(UUID().uuidString.lowercased()).epub", other = "e/notes.txt"
            for key in keys + [lost, other] { bucket.put(key) }
            for name in ["known", "lost"] { bucket.parts[StoredName(key: keys[0], multipart: name)] = 100 }
            try bucket.shop(database).cleanUp()
            #expect(bucket.objects.keys.sorted() == (keys + [other]).sorted())
            #expect(bucket.parts.keys.map(\.multipart) == ["known"])
            #expect(
                try database.cleanupTotals() == [
                    "kept export 3 20", "kept foreign-name 1 10", "kept superseded-export 1 10",
                    "removed orphan 1 10", "removed parts-of-nobody 1 0",
                ])
            bucket.objects.removeAll()
            try database.nextDay()
            try bucket.shop(database).cleanUp()
            #expect(try database.count("production.cleanup_objects WHERE verdict = 'missing'") == 1)
        }
    }

    @Test func `a dry run tells what would go, and nothing goes`() throws {
        try withDatabase { database in
            let bucket = FakeBucket(), key = recording()
            bucket.put(key)
            try bucket.shop(database, dry: true).cleanUp()
            #expect(bucket.removed.isEmpty)
            #expect(try database.cleanupTotals() == ["removable orphan 1 10"])
            try bucket.shop(database).cleanUp()
            #expect(bucket.removed == [key], "the first that is none begins at once")
        }
    }
}
