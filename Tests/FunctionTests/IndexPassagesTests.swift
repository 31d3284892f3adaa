import Core
import Foundation
import HTTP
import TestSupport
import Testing

@testable import index_passages

/// What the index is brought, and when.
@Suite struct IndexPassagesTests {
    private struct World {
        let shop: Shop
        let standIn: OpenSearchStandIn
        let emma: Transcript.ID
        let sanditon: Transcript.ID
    }

    private func world(_ database: TestDatabase) throws -> World {
        let (emma, sanditon) = try database.prepared { transaction in
            let editor = try transaction.person("e", .editor)
            let books = try ["Emma", "Sanditon"].map { title in
                try transaction.published(
                    title, saying: (0..<3).map { .said("\(title) says so", at: $0 * 1000) }, by: editor)
            }
            let texts = try books.map { try transaction.readableTranscript(of: $0).id }
            return (texts[0], texts[1])
        }
        let standIn = OpenSearchStandIn()
        var shop = database.shop(of: "index-passages")
        shop.index = standIn.proposals
        return World(shop: shop, standIn: standIn, emma: emma, sanditon: sanditon)
    }

    private func unindexed(_ database: TestDatabase) throws -> Int {
        try database.count("production.indexed_texts WHERE indexed_revision < revision")
    }

    private func due(_ database: TestDatabase) throws {
        try database.prepared { try $0.run("UPDATE production.indexed_texts SET next_try_at = '-infinity'") }
    }

    private func ids(_ text: Transcript.ID, _ positions: ClosedRange<Int>) -> [String] {
        positions.map { "\(text):\($0)" }
    }

    @Test func `who turns it on finds all texts in it, and nothing is written twice`() throws {
        try withDatabase { database in
            let world = try world(database)
            try fill(ScheduleEvent(time: Date()), in: world.shop)
            #expect(world.standIn.ids == (ids(world.emma, 1...3) + ids(world.sanditon, 1...3)).sorted())
            #expect(try unindexed(database) == 0)
            #expect(world.standIn.calls.prefix(2) == ["HEAD", "PUT"])
            let before = world.standIn.calls.count
            let event = try BusEvent(
                source: "earshelf", topic: "TranscriptionCompleted", time: Date(), detail: "{}")
            try fill(event, in: world.shop)
            #expect(world.standIn.calls.dropFirst(before) == ["HEAD"])
        }
    }

    @Test func `a shop without an index does nothing`() throws {
        try withDatabase { database in
            var shop = try world(database).shop
            shop.index = nil
            try fill(ScheduleEvent(time: Date()), in: shop)
            #expect(try unindexed(database) == 2)
        }
    }

    @Test func `of a text that was heard anew nothing old is left`() throws {
        try withDatabase { database in
            let world = try world(database)
            try world.shop.fillIndex()
            try database.prepared { transaction in
                try transaction.run(
                    """
                    DELETE FROM production.transcript_segments
                    WHERE transcript_id = \(world.emma) AND position = 3
                    """)
            }
            #expect(try unindexed(database) == 1)
            try world.shop.fillIndex()
            #expect(world.standIn.ids == (ids(world.emma, 1...2) + ids(world.sanditon, 1...3)).sorted())
        }
    }

    @Test func `what is read no more is taken out, whether replaced or erased`() throws {
        try withDatabase { database in
            let world = try world(database)
            try world.shop.fillIndex()
            try database.prepared { transaction in
                try transaction.run(
                    "UPDATE production.transcripts SET state = 'superseded' WHERE id = \(world.emma)")
                try transaction.run("DELETE FROM production.transcripts WHERE id = \(world.sanditon)")
            }
            try world.shop.fillIndex()
            #expect(world.standIn.ids.isEmpty)
            #expect(try database.count("production.indexed_texts") == 0)
        }
    }

    @Test func `another title moves a book, and new chapters or a summary do not touch it`() throws {
        try withDatabase { database in
            let world = try world(database)
            try world.shop.fillIndex()
            try database.prepared { transaction in
                try transaction.run("UPDATE production.transcript_segments SET chapter = 2")
                try transaction.run("UPDATE catalogue.audiobooks SET description = 'x'")
            }
            #expect(try unindexed(database) == 0)
            try database.prepared {
                try $0.run("UPDATE catalogue.audiobooks SET title = 'A' WHERE title = 'Emma'")
            }
            #expect(try unindexed(database) == 1)
        }
    }

    @Test func `an index that was lost is made again, and who wrote meanwhile wrote in vain`() throws {
        try withDatabase { database in
            let world = try world(database)
            try world.shop.fillIndex()
            let all = world.standIn.ids
            world.standIn.lose()
            try world.shop.fillIndex()
            #expect(world.standIn.ids == all)

            let writer = database.connect(as: "index-passages")
            try database.prepared {
                try $0.run("UPDATE production.indexed_texts SET revision = revision + 1")
            }
            let claimed = try #require(
                try writer.transaction(.readCommitted) { try $0.claimText(leaseSeconds: 600) })
            world.standIn.lose()
            try world.shop.fillIndex()
            #expect(try !writer.transaction(.readCommitted) { try $0.noteIndexed(claimed) })
            #expect(world.standIn.ids == all)
        }
    }

    @Test func `what is written late replaces nothing newer`() throws {
        try withDatabase { database in
            let world = try world(database)
            try world.shop.fillIndex()
            let index = try #require(world.shop.index)
            let old = IndexedText(
                transcript: world.emma, audiobook: Audiobook.ID(), sortedTitle: "a",
                language: LanguageTag(rawValue: "en")!, revision: 1)
            try database.prepared {
                try $0.run("UPDATE production.indexed_texts SET revision = revision + 1")
            }
            try world.shop.fillIndex()
            try index.write(old, [IndexedPhrase(position: 1, text: "stale", following: "")])
            try index.settle(world.emma, 1)
            let texts = SearchedTexts(transcripts: [world.emma], languages: [old.language])
            for (typed, count) in [("stale", 0), ("says", 3)] {
                let meaning = GuessedPassage(try #require(PassageQuery(typed)))
                #expect(
                    try index.propose(PassageInquiry(meaning, in: texts, after: nil, limit: 9)).count == count
                )
            }
        }
    }

    @Test func `a text that the index refuses waits, and the others are written`() throws {
        try withDatabase { database in
            let world = try world(database)
            world.standIn.fault = { call, request in
                guard call == "POST _bulk",
                    String(decoding: request.body, as: UTF8.self).contains("\(world.emma)")
                else { return nil }
                let item =
                    #"{"index":{"status":400,"error":{"type":"mapper_parsing_exception","reason":"r"}}}"#
                return Response(
                    status: 200, body: Array(#"{"errors":true,"items":[\#(item),\#(item),\#(item)]}"#.utf8))
            }
            try world.shop.fillIndex()
            #expect(world.standIn.ids == ids(world.sanditon, 1...3))
            #expect(
                try database.count("production.indexed_texts WHERE attempts = 1 AND next_try_at > now()") == 1
            )
            world.standIn.fault = { _, _ in nil }
            try due(database)
            try world.shop.fillIndex()
            #expect(try unindexed(database) == 0)
        }
    }

    @Test func `an index that is away or full is left alone, and all goes on where it was`() throws {
        try withDatabase { database in
            let world = try world(database)
            for fault in [
                { throw Failure(.connect, "nobody there") }, { Response(status: 503) },
                { Response(status: 429, headers: ["retry-after": "60"]) },
            ] as [() throws -> HTTP.Response] {
                world.standIn.fault = { call, _ in call == "POST _bulk" ? try fault() : nil }
                try world.shop.fillIndex()
                #expect(world.standIn.calls.last == "POST _bulk", "it stops at the first")
                #expect(
                    try database.count("production.indexed_texts WHERE attempts = 0 AND lease IS NULL") == 2)
            }
            world.standIn.fault = { _, _ in nil }
            let before = world.standIn.calls.count
            try world.shop.fillIndex()
            #expect(world.standIn.calls.count == before, "it said for how long")
            try database.prepared {
                try $0.run("UPDATE plumbing.outside_services SET rests_until = now() WHERE name = 'index'")
            }
            try world.shop.fillIndex()
            #expect(try unindexed(database) == 0)
        }
    }
}
