import Core
import TestSupport
import Testing

@testable import library

/// The words of a book, for who owns it.
@Suite struct ReadAlongTests {
    private struct World {
        let shop: Shop
        let book: Audiobook.ID

        func read(_ query: Query = [:], headers: [String: String] = [:]) -> Response {
            var request = Request.typed(
                "GET /api/v1/library/{id}/transcript", id: "\(book)", headers: headers)
            request.query = query
            return Lambda.answer(request) { try library($0, in: shop) }
        }
    }

    private func owner(_ database: TestDatabase, of segments: [SpokenSegment]?) throws -> World {
        let (customer, book) = try database.prepared { transaction in
            let editor = try transaction.person("e", .editor), customer = try transaction.person("c")
            let book =
                try segments.map { try transaction.published("Emma", saying: $0, by: editor) }
                ?? transaction.published("Emma", by: editor)
            try transaction.buy([book], for: customer)
            return (customer, book)
        }
        return World(shop: database.shop(of: "library", for: .customer(customer)), book: book)
    }

    @Test func `who owns a book reads along, word by word and page by page`() throws {
        try withDatabase { database in
            let world = try owner(
                database,
                of: [.said("Emma Woodhouse,", at: 0), .said("handsome, clever", at: 9000, wordTimes: false)])
            let page = world.read(["limit": "1"])
            #expect(page["audiobookId"] == "\(world.book)" && page["language"] == "en")
            #expect(page["segments/0/words/1/startMilliseconds"] == "200")
            let rest = world.read(["cursor": try #require(page["next"])])
            #expect(rest["segments"] == "1" && rest["segments/0/words"] == nil)
            #expect(world.read(["from": "8999", "to": "9001"])["segments/0/position"] == "2")
            #expect(world.read(["from": "8999", "to": "9000"])["segments"] == "0")
            #expect(world.read(["chapter": "2"])["segments"] == "0")
        }
    }

    @Test func `what was read already is told by its tag, until it is corrected`() throws {
        try withDatabase { database in
            let world = try owner(database, of: [.said("would house", at: 0)])
            for query: Query in [[:], ["format": "vtt"], ["format": "srt"]] {
                let tag = try #require(world.read(query).headers["etag"])
                #expect(world.read(query).headers["cache-control"] == "private, no-cache")
                #expect(world.read(query, headers: ["if-none-match": tag]).statusCode == 304)
            }
            let tag = try #require(world.read().headers["etag"])
            try database.prepared { transaction in
                let transcript = try transaction.readableTranscript(of: world.book).id
                let editor = try transaction.person("e")
                _ = try transaction.correct(
                    1, of: transcript, to: try #require(SegmentText("Woodhouse")), by: editor, ifVersion: 1)
            }
            #expect(world.read(headers: ["if-none-match": tag])["segments/0/text"] == "Woodhouse")
        }
    }

    @Test func `players have it as a file`() throws {
        try withDatabase { database in
            let world = try owner(database, of: [.said("Emma Woodhouse,", at: 61_000)])
            let file = world.read(["format": "vtt"])
            #expect(file.headers["content-type"] == "text/vtt; charset=utf-8")
            #expect(
                file.text == """
                    WEBVTT

                    1
                    00:01:01.000 --> 00:01:01.400
                    Emma <00:01:01.200>Woodhouse,

                    """)
            for paged in ["limit", "cursor"] {
                let refused = world.read(["format": "vtt", paged: "1"])
                #expect(refused.outcome == "400 invalid-query" && refused["errors/0/parameter"] == "format")
            }
        }
    }

    @Test func `a text that nobody has finished is read by nobody`() throws {
        try withDatabase { database in
            let world = try owner(database, of: nil)
            #expect(world.read().outcome == "409 no-transcript")
        }
    }

    @Test func `a file that no answer carries is refused`() throws {
        try withDatabase { database in
            let world = try owner(database, of: [.said("Emma", at: 0)])
            try database.prepared { transaction throws in
                _ = try transaction.run(
                    """
                    INSERT INTO production.transcript_segments (transcript_id, position, start_ms, end_ms, chapter, text,
                        language)
                    SELECT transcript_id, number, start_ms, end_ms, chapter, text, language
                    FROM production.transcript_segments, generate_series(2, 20001) AS number
                    """)
            }
            #expect(world.read(["format": "srt"]).outcome == "422 window-too-large")
            #expect(world.read(["format": "srt", "chapter": "2"]).statusCode == 200)
            #expect(world.read()["segments"] == "200")
        }
    }

    @Test(arguments: ["from", "to", "chapter", "limit", "format", "cursor", "at"])
    func `parameters are held to what they are`(name: String) throws {
        try withDatabase { database in
            let world = try owner(database, of: [.said("Emma", at: 0)])
            #expect(world.read([name: "-1"]).outcome == "400 invalid-query")
        }
    }
}
