import Foundation
import TestSupport
import Testing

@testable import Core
@testable import cleanup

@Suite struct SupersededEditionTests {
    private struct World {
        let book: Audiobook.ID
        let editor: Editor.ID
        let customer: Customer.ID
        let first: AcceptedUpload
        let second: AcceptedUpload
        let bucket = FakeBucket()
    }

    /// A book that somebody listens to, recorded twice, each time with words.
    private func world(_ database: TestDatabase) throws -> World {
        let world = try database.prepared { transaction in
            let editor = try transaction.person("e", .editor), customer = try transaction.person("c")
            let book = try transaction.draft("Emma", by: editor)
            let first = try transaction.record(book, by: editor)
            try transaction.hear([.said("Emma Woodhouse", at: 0)], in: first.transcript)
            try transaction.run("UPDATE production.transcript_chunks SET cost_nanodollars = 18")
            try transaction.run(
                "INSERT INTO production.summaries (transcript_id) VALUES (\(first.transcript))")
            try transaction.run(
                """
                INSERT INTO listening.positions (user_id, audiobook_id, edition_id)
                VALUES (\(customer), \(book), \(first.edition))
                """)
            let second = try transaction.record(book, by: editor, durationMilliseconds: 170_000)
            try transaction.hear(
                [.said("handsome and clever", at: 0)], in: second.transcript, durationMilliseconds: 170_000)
            return World(book: book, editor: editor, customer: customer, first: first, second: second)
        }
        let keys: [String] = try database.prepared {
            try $0.values("SELECT object_key FROM catalogue.assets")
        }
        for key in keys { world.bucket.put(key, bytes: 1_000_000) }
        return world
    }

    private func age(_ days: Int, in database: TestDatabase) throws {
        try database.prepared { transaction in
            try transaction.run("ALTER TABLE catalogue.editions DISABLE TRIGGER USER")
            try transaction.run(
                "UPDATE catalogue.editions SET sealed_at = sealed_at - make_interval(days => \(days))")
            try transaction.run("ALTER TABLE catalogue.editions ENABLE TRIGGER USER")
        }
        try database.nextDay()
    }

    private func words(of transcript: Transcript.ID, in database: TestDatabase) throws -> Int {
        try database.count("production.transcript_segments WHERE transcript_id = \(transcript)")
    }

    @Test func `its files and words go after a grace; the current one, places and costs stay`() throws {
        try withDatabase { database in
            let world = try world(database)
            try age(29, in: database)
            try world.bucket.shop(database).cleanUp()
            #expect(world.bucket.objects.count == 2)
            #expect(
                try database.cleanupTotals() == [
                    "kept current-edition 1 1000000", "kept superseded-edition 1 1000000",
                ])
            #expect(try words(of: world.first.transcript, in: database) == 1)

            try age(2, in: database)
            try world.bucket.shop(database).cleanUp()
            #expect(
                try database.cleanupTotals() == [
                    "kept current-edition 1 1000000", "removed superseded-edition 1 1000000",
                ])
            #expect(world.bucket.objects.count == 1)
            #expect(try words(of: world.first.transcript, in: database) == 0)
            #expect(try words(of: world.second.transcript, in: database) == 1)
            #expect(try database.count("production.transcript_chunks WHERE cost_nanodollars = 18") == 1)
            for row: SQL in [
                "production.summaries WHERE state = 'superseded' AND text IS NULL",
                "listening.positions WHERE edition_id = \(world.first.edition)",
                "catalogue.recording_weights WHERE objects = 1 AND bytes = 1000000",
                "production.cleanups WHERE editions = 1 AND transcripts = 1",
            ] { #expect(try database.count(row) == 1, "\(row)") }
            let said: SQL = "production.transcript_chunks WHERE result::text LIKE '%Woodhouse%'"
            #expect(try database.count(said) == 0)
        }
    }

    @Test func `an edition whose text is still being made is not through`() throws {
        try withDatabase { database in
            let world = try world(database)
            _ = try database.prepared {
                try $0.run(
                    """
                    INSERT INTO production.transcripts (edition_id, language) VALUES (\(world.first.edition), 'en')
                    """)
            }
            try age(31, in: database)
            try world.bucket.shop(database).cleanUp()
            #expect(world.bucket.objects.count == 2)
        }
    }

    @Test func `a file that the current edition has too stays`() throws {
        try withDatabase { database in
            let world = try world(database)
            try database.prepared { transaction in
                // Corrected chapters: another edition of the same file.
                try transaction.run("ALTER TABLE catalogue.tracks DISABLE TRIGGER keep_sealed")
                try transaction.run(
                    """
                    UPDATE catalogue.tracks SET asset_id = (SELECT asset_id FROM catalogue.tracks
                        WHERE edition_id = \(world.second.edition)) WHERE edition_id = \(world.first.edition)
                    """)
            }
            try age(31, in: database)
            try world.bucket.shop(database).cleanUp()
            #expect(try database.count("catalogue.assets WHERE removed_at IS NOT NULL") == 0)
            #expect(try words(of: world.first.transcript, in: database) == 0)
        }
    }

    @Test func `the same bytes sent again are the same file at its new place`() throws {
        try withDatabase { database in
            let world = try world(database)
            try age(31, in: database)
            try world.bucket.shop(database).cleanUp()
            let sha256: [UInt8]? = try database.prepared {
                try $0.value("SELECT sha256 FROM catalogue.assets WHERE removed_at IS NOT NULL")
            }
            let again = try database.prepared { transaction in
                let upload = try transaction.requestUpload(
                    of: DeclaredFile(
                        name: "book.m4b", mediaType: "audio/mp4", bytes: 1_000_000, sha256: sha256 ?? []),
                    for: world.book, by: world.editor, under: .random, to: "media",
                    expiresAt: Date(timeIntervalSinceNow: 3600))
                _ = try transaction.beginVerifying(upload.id)
                _ = try transaction.accept(
                    upload.id,
                    as: AudioProbe(mediaType: "audio/mp4", codec: "aac", durationMilliseconds: 180_000))
                return upload
            }
            let stored: SQL = "catalogue.assets WHERE removed_at IS NULL AND object_key = \(again.objectKey)"
            #expect(try database.count(stored) == 1)
            #expect(try database.count("catalogue.assets") == 2)
        }
    }

    @Test func `no recording is made of a file that is gone`() throws {
        try withDatabase { database in
            let world = try world(database)
            try age(31, in: database)
            try world.bucket.shop(database).cleanUp()
            #expect(throws: (any Error).self) {
                try database.prepared { transaction in
                    _ = try transaction.run(
                        """
                        WITH made AS (INSERT INTO catalogue.editions (audiobook_id, number, duration_ms)
                            VALUES (\(world.book), 9, 180000) RETURNING id)
                        INSERT INTO catalogue.tracks (edition_id, position, asset_id, start_ms, duration_ms)
                        SELECT made.id, 1, asset.id, 0, 180000 FROM made, catalogue.assets AS asset
                        WHERE removed_at IS NOT NULL
                        """)
                }
            }
        }
    }
}
