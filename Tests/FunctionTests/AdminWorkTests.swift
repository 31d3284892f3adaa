import Core
import Foundation
import TestSupport
import Testing

@testable import admin

/// Work that is not done, and what the shop stores, as editors see it.
@Suite struct AdminWorkTests {
    /// As if it had come so far by itself.
    private func set(_ transcript: Transcript.ID, _ assignments: SQL, _ database: TestDatabase) throws {
        try database.prepared { transaction in
            try transaction.run("SET LOCAL session_replication_role = replica")
            try transaction.run("UPDATE production.transcripts SET \(assignments) WHERE id = \(transcript)")
        }
    }

    private func recorded(_ titles: [String], _ database: TestDatabase) throws -> [AcceptedUpload] {
        try titles.map { title in
            try database.prepared { transaction in
                let editor = try transaction.person("e", .editor)
                return try transaction.record(try transaction.draft(title, by: editor), by: editor)
            }
        }
    }

    @Test func `editors find every book, whatever its state`() throws {
        try withDatabase { database in
            let office = try BackOffice(database)
            _ = try recorded(["Emma", "Persuasion", "100 % of it"], database)
            try database.prepared { transaction in
                _ = try transaction.draft("Sanditon", by: try transaction.person("e", .editor))
            }
            func titles(_ query: Query) -> [String?] {
                let answer = office.get("audiobooks", query: query, as: [.editor])
                return (0..<(Int(answer["items"] ?? "") ?? 0)).map { answer["items/\($0)/title"] }
            }
            #expect(titles([:]) == ["Sanditon", "100 % of it", "Persuasion", "Emma"])
            #expect(titles(["q": "EMM"]) == ["Emma"])
            #expect(titles(["q": "%"]) == ["100 % of it"] && titles(["q": "_"]).isEmpty)
            #expect(titles(["state": "draft"]).count == 4 && titles(["state": "published"]).isEmpty)
            let first = office.get("audiobooks", query: ["limit": "3"])
            #expect(first["items/0/hasRecording"] == "false" && first["items/1/hasRecording"] == "true")
            #expect(titles(["limit": "3", "cursor": try #require(first["next"])]) == ["Emma"])
            #expect(
                office.get("audiobooks", query: ["state": "draft", "cursor": first["next"] ?? ""]).statusCode
                    == 400)
            #expect(office.admitted { office.get("audiobooks", as: $0) } == ["admin", "editor"])
        }
    }

    @Test func `work is told with why it failed and how often it was tried, by its state`() throws {
        try withDatabase { database in
            let office = try BackOffice(database)
            let books = try recorded(["Emma", "Persuasion", "Middlemarch", "Done"], database)
            try set(
                books[0].transcript, "state = 'running', created_at = now() - interval '2 hours'", database
            )
            try set(
                books[1].transcript,
                "state = 'failed', failure = 'speech-refused', created_at = now() - interval '3 hours'",
                database)
            try set(books[3].transcript, "state = 'ready', ready_at = now()", database)
            try database.prepared { transaction in
                try transaction.run("SET LOCAL session_replication_role = replica")
                try transaction.run(
                    """
                    INSERT INTO production.transcript_chunks
                        (transcript_id, number, track_position, start_ms, end_ms, state, attempts, failure, result, model)
                    VALUES (\(books[0].transcript), 1, 1, 0, 1000, 'done', 1, NULL, '{}', 'm'),
                        (\(books[0].transcript), 2, 1, 1000, 2000, 'pending', 3, 'speech-throttled', NULL, NULL)
                    """)
                try transaction.run(
                    """
                    INSERT INTO production.summaries (transcript_id, chapter, state, attempts, text, model, prompt_version)
                    VALUES (\(books[3].transcript), 0, 'draft', 2, 'A text.', 'm', '1')
                    """)
            }
            func jobs(_ query: Query = [:]) -> Response { office.get("jobs", query: query, as: [.editor]) }
            let all = jobs()
            #expect(all["items"] == "4" && all["next"] == nil)
            let running = jobs(["state": "running"])
            #expect(running["items"] == "1" && running["items/0/title"] == "Emma")
            #expect(running["items/0/failure"] == "speech-throttled" && running["items/0/attempts"] == "3")
            #expect(running["items/0/pieces"] == "2" && running["items/0/donePieces"] == "1")
            #expect(running["items/0/isStuck"] == "true" && running["items/0/kind"] == "transcription")
            #expect(running["items/0/id"] == "\(books[0].transcript)")
            let failed = jobs(["state": "failed"])
            #expect(failed["items"] == "1" && failed["items/0/failure"] == "speech-refused")
            #expect(failed["items/0/isStuck"] == "false")
            let waiting = jobs(["state": "waiting"])
            #expect(waiting["items/0/title"] == "Middlemarch" && waiting["items/0/attempts"] == "0")
            let review = jobs(["state": "review"])
            #expect(review["items/0/kind"] == "summary" && review["items/0/chapter"] == "0")
            #expect(review["items/0/attempts"] == "2" && review["items/0/title"] == "Done")

            var seen: [String?] = [], cursor: String?
            repeat {
                let page = jobs(cursor.map { ["limit": "1", "cursor": $0] } ?? ["limit": "1"])
                seen.append(page["items/0/title"])
                cursor = page["next"]
            } while cursor != nil
            #expect(seen.count == 4 && Set(seen).count == 4 && seen.last == "Persuasion")
        }
    }

    @Test func `what is stored is weighed by kind, and what was replaced apart`() throws {
        try withDatabase { database in
            let office = try BackOffice(database)
            let books = try recorded(["Emma", "Persuasion"], database)
            try database.prepared { transaction in
                let editor = try transaction.person("e", .editor)
                try transaction.record(books[0].audiobook, by: editor)
                try transaction.run(
                    """
                    INSERT INTO catalogue.assets (sha256, bytes, media_type, codec, duration_ms, bucket, object_key,
                        visibility)
                    VALUES (sha256('1'), 70, 'image/jpeg', NULL, NULL, 'm', 'c/1', 'public'),
                        (sha256('2'), 50, 'audio/mp4', 'aac', 1000, 'm', 's/1', 'public'),
                        (sha256('3'), 3, 'text/vtt', NULL, NULL, 'm', 't/1', 'private')
                    """)
                _ = try transaction.requestUpload(
                    of: DeclaredFile(name: "b.m4b", mediaType: "audio/mp4", bytes: 4321, sha256: .hash),
                    for: books[1].audiobook, by: editor, under: .random, to: "media",
                    expiresAt: Date(timeIntervalSinceNow: 3600))
            }
            let storage = office.get("storage", as: [.editor])
            func kind(_ place: Int) -> [String?] {
                ["kind", "objects", "bytes"].map { storage["kinds/\(place)/\($0)"] }
            }
            #expect(kind(0) == ["recording", "3", "3000000"] && kind(1) == ["cover", "1", "70"])
            #expect(kind(2) == ["sample", "1", "50"] && kind(3) == ["other", "1", "3"])
            #expect(storage["objects"] == "6" && storage["bytes"] == "3000123")
            #expect(storage["superseded/editions"] == "1" && storage["superseded/objects"] == "1")
            #expect(storage["superseded/bytes"] == "1000000")
            #expect(storage["unfinishedUploads"] == "1" && storage["unfinishedUploads/0/state"] == "created")
            #expect(storage["unfinishedUploads/0/declaredBytes"] == "4321")
            #expect(storage["largest"] == "2" && storage["largest/0/title"] == "Emma")
            #expect(storage["largest/0/bytes"] == "2000000" && storage["largest/0/objects"] == "2")
            #expect(office.get("storage", query: ["limit": "1"])["largest"] == "1")
        }
    }

    @Test func `a shop that stores nothing says so`() throws {
        try withDatabase { database in
            let storage = try BackOffice(database).get("storage")
            #expect(storage["bytes"] == "0" && storage["kinds"] == "4" && storage["kinds/0/objects"] == "0")
            #expect(storage["superseded/editions"] == "0" && storage["largest"] == "0")
        }
    }

    @Test func `both are for editors, and what is asked otherwise is refused`() throws {
        try withDatabase { database in
            let office = try BackOffice(database)
            for path in ["jobs", "storage"] {
                #expect(office.admitted { office.get(path, as: $0) } == ["admin", "editor"])
                #expect(office.get(path, as: [.finance]).outcome == "403 forbidden")
                #expect(office.get(path, query: ["q": "x"]).outcome == "400 invalid-query")
                #expect(office.get(path, query: ["limit": "101"]).outcome == "400 invalid-query")
            }
            #expect(office.get("jobs", query: ["state": "planned"])["errors/0/parameter"] == "state")
            #expect(office.get("jobs", query: ["cursor": "x"])["errors/0/parameter"] == "cursor")
        }
    }
}
