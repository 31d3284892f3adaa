import Foundation
import TestSupport
import Testing

@testable import Core
@testable import catalogue
@testable import cleanup

@Suite struct ErasedBookTests {
    private func erase(
        _ book: Audiobook.ID, _ version: Int?, as principal: Principal, in database: TestDatabase
    ) -> Response {
        let headers = version.map { ["if-match": "\"\($0)\""] } ?? [:]
        let request = Request.typed(
            "DELETE /api/v1/audiobooks/{id}", id: book.description, headers: headers, key: nil)
        let shop = database.shop(of: "catalogue", for: principal)
        return Lambda.answer(request) { try catalogue($0, in: shop) }
    }

    private func version(of book: Audiobook.ID, in database: TestDatabase) throws -> Int {
        try database.prepared {
            try $0.value("SELECT version FROM catalogue.audiobooks WHERE id = \(book)") ?? 0
        }
    }

    @Test func `a draft is erased with all that was made of it, and its files go`() throws {
        try withDatabase { database in
            let (editor, book): (Editor.ID, Audiobook.ID) = try database.prepared { transaction throws in
                let editor = try transaction.person("e", .editor)
                let book = try transaction.draft("Emma", by: editor)
                let accepted = try transaction.record(book, by: editor)
                try transaction.hear([.said("Emma Woodhouse", at: 0)], in: accepted.transcript)
                try transaction.run(
                    "INSERT INTO production.summaries (transcript_id) VALUES (\(accepted.transcript))")
                try transaction.setPrice(Money(minorUnits: 999, currency: .eur), of: book, by: editor)
                try transaction.run(
                    """
                    INSERT INTO production.exports (audiobook_id, format, bucket) VALUES (\(book), 'epub', 'media')
                    """)
                try transaction.run("ALTER TABLE sales.prices DISABLE TRIGGER kept")
                try transaction.run(
                    """
                    UPDATE sales.prices SET valid = tstzrange(now() - interval '1 day', NULL),
                        since = now() - interval '1 day'
                    """)
                try transaction.run("ALTER TABLE sales.prices ENABLE TRIGGER kept")
                return (editor, book)
            }
            let bucket = FakeBucket()
            let keys: [String] = try database.prepared {
                try $0.values(
                    "SELECT object_key FROM catalogue.assets UNION ALL SELECT object_key FROM production.exports"
                )
            }
            for key in keys { bucket.put(key) }
            let other = erase(book, 1, as: .customer(editor), in: database)
            #expect(other.outcome == "403 forbidden")
            let blind = erase(book, nil, as: .editor(editor), in: database)
            #expect(blind.outcome == "428 precondition-required")
            #expect(erase(book, 999, as: .editor(editor), in: database).outcome == "412 changed-meanwhile")
            let now = try version(of: book, in: database)
            #expect(erase(book, now, as: .editor(editor), in: database).statusCode == 204)
            #expect(erase(book, now, as: .editor(editor), in: database).outcome == "404 not-found")
            for table: SQL in [
                "catalogue.audiobooks", "catalogue.editions", "catalogue.tracks", "catalogue.chapters",
                "production.uploads", "production.transcripts", "production.transcript_segments",
                "production.transcript_chunks", "production.summaries", "production.exports", "sales.prices",
                "catalogue.assets WHERE removed_at IS NULL",
            ] { #expect(try database.count(table) == 0, "\(table)") }
            #expect(try database.count("plumbing.audit_log WHERE action = 'audiobook.erased'") == 1)
            try bucket.shop(database).cleanUp()
            #expect(bucket.objects.isEmpty)
            #expect(try database.cleanupTotals() == ["removed erased-draft 1 10", "removed orphan 1 10"])
        }
    }

    @Test func `what was ever on sale is not erased, nor what is somebody's`() throws {
        try withDatabase { database in
            let (editor, sold, given): (Editor.ID, Audiobook.ID, Audiobook.ID) = try database.prepared {
                transaction throws in
                let editor = try transaction.person("e", .editor)
                let given = try transaction.draft("Persuasion", by: editor)
                try transaction.run(
                    """
                    INSERT INTO listening.entitlements (user_id, audiobook_id, source, granted_by)
                    VALUES (\(editor), \(given), 'grant', \(editor))
                    """)
                return (editor, try transaction.published("Emma", by: editor), given)
            }
            try database.prepared { transaction in
                let page = try transaction.audiobook(.id(sold), in: .eur, seenBy: .editor)
                try transaction.archive(sold, ifVersion: page?.version ?? 0)
            }
            for book in [sold, given] {
                let answer = erase(
                    book, try version(of: book, in: database), as: .editor(editor), in: database)
                #expect(answer.outcome == "409 not-erasable")
            }
            #expect(try database.count("catalogue.audiobooks") == 2)
        }
    }

    @Test func `a file that another book has too stays for that one`() throws {
        try withDatabase { database in
            let (editor, book): (Editor.ID, Audiobook.ID) = try database.prepared { transaction throws in
                let editor = try transaction.person("e", .editor)
                let kept = try transaction.draft("Emma", by: editor)
                try transaction.record(kept, by: editor)
                let book = try transaction.draft("Emma again", by: editor)
                try transaction.run(
                    """
                    WITH made AS (INSERT INTO catalogue.editions (audiobook_id, number, duration_ms)
                        SELECT \(book), 1, duration_ms FROM catalogue.editions RETURNING id)
                    INSERT INTO catalogue.tracks (edition_id, position, asset_id, start_ms, duration_ms)
                    SELECT made.id, 1, asset_id, start_ms, duration_ms FROM made, catalogue.tracks
                    """)
                return (editor, book)
            }
            let answer = erase(book, try version(of: book, in: database), as: .editor(editor), in: database)
            #expect(answer.statusCode == 204)
            #expect(try database.count("catalogue.tracks") == 1)
            #expect(try database.count("catalogue.assets WHERE removed_at IS NULL") == 1)
        }
    }
}
