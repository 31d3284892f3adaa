import Core
import TestSupport
import Testing

@testable import summarise

@Suite struct SummariseTests {
    private func sent(_ route: String, _ body: String = "", of book: Audiobook.ID? = nil, in shop: Shop)
        -> Response
    {
        var request = Request.typed(route, body)
        if let book { request.parameters = ["audiobookId": "\(book)"] }
        return Lambda.answer(request) { try summaries($0, in: shop) }
    }

    private struct World {
        var shop: Shop
        let book: Audiobook.ID
        let wanted: Summary.ID
        let queue = Told<String>()
        let tasks = Told<WritingTask>()
    }

    /// A book whose words are known, and a writer that says always the same.
    private func transcribed(_ database: TestDatabase, phrases: [String] = ["Emma Woodhouse, handsome."])
        throws -> World
    {
        let (editor, book, wanted) = try database.prepared { transaction in
            let editor = try transaction.person("e", .editor)
            let accepted = try transaction.record(try transaction.draft("Emma", by: editor), by: editor)
            let whole = Span(startMilliseconds: 0, endMilliseconds: 180_000)
            _ = try transaction.plan(accepted.transcript, chunks: [whole])
            let chunk = try #require(try transaction.claimChunk(1, of: accepted.transcript, leaseSeconds: 60))
            let segments = phrases.enumerated().map {
                SpokenSegment(text: $1, startMilliseconds: $0, endMilliseconds: $0 + 1)
            }
            let completion = try transaction.complete(
                chunk, with: SpokenText(model: "whisper-1", language: "en", segments: segments))
            guard completion == .assembled else { throw SummaryError.noTranscript }
            let wanted = try transaction.wantSummary(of: accepted.transcript, .book)
            return (editor, accepted.audiobook, wanted)
        }
        var world = World(
            shop: database.shop(of: "summarise", for: .editor(editor)), book: book, wanted: wanted)
        let tasks = world.tasks
        world.shop.summaries = .telling(world.queue)
        world.shop.writer.write = { task in
            tasks.append(task)
            return Writing(model: "gpt-4o-mini", text: "A young lady.")
        }
        return world
    }

    private func shownText(_ world: World, in database: TestDatabase) throws -> String? {
        try database.prepared { try $0.approvedSummary(of: world.book)?.text }
    }

    @Test func `a summary is written, and seen by nobody before it is approved`() throws {
        try withDatabase { database in
            let world = try transcribed(database)
            try write(QueueMessage(body: "\(world.wanted)"), in: world.shop)
            #expect(world.tasks.all.map(\.text) == ["Emma Woodhouse, handsome."])
            #expect(try shownText(world, in: database) == nil)
            let list = sent("GET /api/v1/ai/summary/{audiobookId}", of: world.book, in: world.shop)
            #expect(list["items/0/state"] == "draft" && list["items/0/model"] == "gpt-4o-mini")

            let approval = #"{"summaryId": "\#(world.wanted)"}"#,
                route = "POST /api/v1/ai/summary/{audiobookId}/approve"
            #expect(sent(route, approval, of: world.book, in: world.shop)["state"] == "approved")
            #expect(sent(route, approval, of: world.book, in: world.shop)["state"] == "approved", "again")
            #expect(try shownText(world, in: database) == "A young lady.")
            #expect(try database.count("plumbing.audit_log WHERE action = 'summary.approved'") == 1)
        }
    }

    @Test func `a message that comes twice is written once`() throws {
        try withDatabase { database in
            let world = try transcribed(database)
            for _ in 1...2 { try write(QueueMessage(body: "\(world.wanted)"), in: world.shop) }
            #expect(world.tasks.all.count == 1)
            try write(QueueMessage(body: "nonsense"), in: world.shop)
            try write(QueueMessage(body: "\(Summary.ID())"), in: world.shop)
            #expect(world.tasks.all.count == 1)
        }
    }

    @Test func `a text too long for one task is retold part by part`() throws {
        try withDatabase { database in
            let phrase = String(repeating: "word ", count: 1500)
            let world = try transcribed(database, phrases: Array(repeating: phrase, count: 12))
            try write(QueueMessage(body: "\(world.wanted)"), in: world.shop)
            let tasks = world.tasks.all
            #expect(tasks.count > 2 && tasks.allSatisfy { $0.text.count <= SummaryPrompt.maximumCharacters })
            #expect(
                tasks.last?.text
                    == Array(repeating: "A young lady.", count: tasks.count - 1).joined(separator: " "))
        }
    }

    @Test func `a writer that fails gives it back, and at last up`() throws {
        try withDatabase { database in
            var world = try transcribed(database)
            world.shop.writer.write = { _ in
                throw OutsideFailure("openai", .throttled(retryAfterSeconds: 1), reason: "x")
            }
            for attempt in 1...5 {
                try write(QueueMessage(body: "\(world.wanted)"), in: world.shop)
                let state = try database.prepared { try $0.summary(world.wanted)?.state }
                #expect(state == (attempt < 5 ? .wanted : .failed), "after attempt \(attempt)")
            }
            let body = #"{"audiobookId": "\#(world.book)"}"#
            let again = sent("POST /api/v1/ai/summary", body, in: world.shop)
            #expect(again.statusCode == 202 && again["state"] == "wanted" && again["id"] != "\(world.wanted)")
            #expect(world.queue.all == [again["id"]])
        }
    }

    @Test func `asked for again while one is wanted, it is that one`() throws {
        try withDatabase { database in
            let world = try transcribed(database)
            let body = #"{"audiobookId": "\#(world.book)"}"#
            for _ in 1...2 {
                #expect(sent("POST /api/v1/ai/summary", body, in: world.shop)["id"] == "\(world.wanted)")
            }
            try write(QueueMessage(body: "\(world.wanted)"), in: world.shop)
            #expect(sent("POST /api/v1/ai/summary", body, in: world.shop)["state"] == "draft")
            #expect(world.queue.all.count == 2, "a draft is not written again")
        }
    }

    @Test func `what cannot be summed up or approved is told as that`() throws {
        try withDatabase { database in
            let world = try transcribed(database)
            let (other, customer) = try database.prepared { transaction in
                let editor = try transaction.person("e", .editor)
                return (try transaction.draft("Sanditon", by: editor), try transaction.person("c"))
            }
            let approve = "POST /api/v1/ai/summary/{audiobookId}/approve"
            let approval = #"{"summaryId": "\#(world.wanted)"}"#
            #expect(sent(approve, approval, of: world.book, in: world.shop).outcome == "409 not-a-draft")
            #expect(
                sent(approve, approval, of: other, in: world.shop).outcome == "404 not-found",
                "another book's")
            let unknown = #"{"summaryId": "\#(Summary.ID())"}"#
            #expect(sent(approve, unknown, of: world.book, in: world.shop).outcome == "404 not-found")
            let body = #"{"audiobookId": "\#(other)"}"#
            #expect(sent("POST /api/v1/ai/summary", body, in: world.shop).outcome == "409 no-transcript")
            #expect(sent("POST /api/v1/ai/summary", "{", in: world.shop).outcome == "400 malformed-body")
            let customers = database.shop(of: "summarise", for: .customer(customer))
            #expect(sent(approve, approval, of: world.book, in: customers).outcome == "403 forbidden")
            #expect(
                sent("POST /api/v1/ai/summary", body, in: database.shop(of: "summarise")).outcome
                    == "401 unauthenticated")
        }
    }
}
