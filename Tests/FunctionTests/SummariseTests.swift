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
        /// Of the only chapter, and of the whole.
        let wanted: Summary.ID
        let whole: Summary.ID
        let queue = Told<String>()
        let tasks = Told<WritingTask>()
    }

    /// A book whose words are known, and a writer that says always the same.
    private func transcribed(_ database: TestDatabase, phrases: [String] = ["Emma Woodhouse, handsome."])
        throws -> World
    {
        let (editor, book, wanted, whole) = try database.prepared { transaction in
            let editor = try transaction.person("e", .editor)
            let accepted = try transaction.record(try transaction.draft("Emma", by: editor), by: editor)
            let segments = phrases.enumerated().map {
                SpokenSegment(text: $1, startMilliseconds: $0, endMilliseconds: $0 + 1)
            }
            try transaction.hear(segments, in: accepted.transcript)
            return (
                editor, accepted.audiobook, try transaction.wantSummary(of: accepted.transcript, .chapter(1)),
                try transaction.wantSummary(of: accepted.transcript, .book)
            )
        }
        var world = World(
            shop: database.shop(of: "summarise", for: .editor(editor)), book: book, wanted: wanted,
            whole: whole)
        let tasks = world.tasks
        world.shop.summaries = .telling(world.queue)
        world.shop.writer.write = { task in
            tasks.append(task)
            return Writing(
                model: "gpt-4o-mini", text: "A young lady.",
                cost: WritingPrice.standard.cost(tokensRead: 100, tokensWritten: 10))
        }
        return world
    }

    private func listed(_ query: Query = [:], of world: World) -> Response {
        var request = Request.typed("GET /api/v1/ai/summary/{audiobookId}")
        (request.parameters, request.query) = (["audiobookId": "\(world.book)"], query)
        return Lambda.answer(request) { try summaries($0, in: world.shop) }
    }

    private func shownText(_ world: World, in database: TestDatabase) throws -> String? {
        try database.prepared { try $0.approvedSummary(of: world.book)?.text }
    }

    @Test func `a summary is written, and seen by nobody before it is approved`() throws {
        try withDatabase { database in
            let world = try transcribed(database)
            try write(QueueMessage(body: "\(world.wanted)"), in: world.shop)
            #expect(world.queue.all == ["\(world.whole)"], "the whole is told of its chapters")
            try write(QueueMessage(body: "\(world.whole)"), in: world.shop)
            #expect(world.tasks.all.map(\.text) == ["Emma Woodhouse, handsome.", "A young lady."])
            #expect(try shownText(world, in: database) == nil)
            let list = listed(["state": "draft"], of: world)
            #expect(list["items"] == "2" && list["items/0/model"] == "gpt-4o-mini")
            #expect(list["items/0/promptVersion"] == "3" && list["items/0/cost/calls"] == "1")
            #expect(list["items/0/cost/tokensRead"] == "100" && list["items/0/cost/microdollars"] == "21")

            let approval = #"{"summaryId": "\#(world.whole)"}"#,
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
            let phrase = (1...800).map { "word\($0)" }.joined(separator: " ")
            let world = try transcribed(database, phrases: Array(repeating: phrase, count: 12))
            try write(QueueMessage(body: "\(world.wanted)"), in: world.shop)
            let tasks = world.tasks.all
            #expect(tasks.count > 2 && tasks.allSatisfy { $0.text.count <= SummaryPrompt.maximumCharacters })
            #expect(
                tasks.last?.text
                    == Array(repeating: "A young lady.", count: tasks.count - 1).joined(separator: " "))
        }
    }

    @Test func `written anew, a draft is rejected, and asked again it is the same`() throws {
        try withDatabase { database in
            let world = try transcribed(database)
            let route = "POST /api/v1/ai/summary/{audiobookId}/regenerate"
            let body = #"{"summaryId": "\#(world.wanted)"}"#
            try write(QueueMessage(body: "\(world.wanted)"), in: world.shop)
            let first = sent(route, body, of: world.book, in: world.shop)
            #expect(first.statusCode == 202 && first["state"] == "wanted" && first["chapter"] == "1")
            #expect(first["id"] != "\(world.wanted)")
            #expect(sent(route, body, of: world.book, in: world.shop)["id"] == first["id"])
            #expect(world.queue.all.last == first["id"])
            #expect(listed(["state": "rejected"], of: world)["items/0/id"] == "\(world.wanted)")
            let other = try database.prepared { try $0.draft("Sanditon", by: try $0.person("e")) }
            #expect(sent(route, body, of: other, in: world.shop).outcome == "404 not-found", "another book's")
        }
    }

    @Test func `a chapter is asked for by its number`() throws {
        try withDatabase { database in
            let world = try transcribed(database)
            func ask(_ chapter: Int) -> Response {
                let body = #"{"audiobookId": "\#(world.book)", "chapter": \#(chapter)}"#
                return sent("POST /api/v1/ai/summary", body, in: world.shop)
            }
            #expect(ask(1)["id"] == "\(world.wanted)")
            #expect(ask(2).outcome == "404 not-found")
            #expect(ask(0).outcome == "422 invalid-value" && ask(2001).outcome == "422 invalid-value")
            for query: Query in [["state": "x"], ["limit": "0"], ["cursor": "x"], ["at": "1"]] {
                #expect(listed(query, of: world).outcome == "400 invalid-query")
            }
        }
    }

    @Test func `a writer that asks for time has it, and nothing is counted`() throws {
        try withDatabase { database in
            var world = try transcribed(database)
            world.shop.writer.write = { _ in
                throw OutsideFailure("openai", .throttled(retryAfterSeconds: 40), reason: "x")
            }
            let sent = Told<DelayedMessage>()
            world.shop.summaries = .telling(sent)
            for _ in 1...6 { try write(QueueMessage(body: "\(world.wanted)"), in: world.shop) }
            #expect(sent.all.count == 6 && sent.all.allSatisfy { (35...40).contains($0.delaySeconds) })
            #expect(try database.prepared { try $0.summary(world.wanted)?.state } == .wanted)
            #expect(try database.count("production.summaries WHERE attempts > 0") == 0)
        }
    }

    @Test func `a writer that fails gives it back, and at last up`() throws {
        try withDatabase { database in
            var world = try transcribed(database)
            world.shop.writer.write = { _ in throw OutsideFailure("openai", .unavailable, reason: "x") }
            for attempt in 1...5 {
                try write(QueueMessage(body: "\(world.wanted)"), in: world.shop)
                let state = try database.prepared { transaction in
                    try transaction.answered(.writing)
                    return try transaction.summary(world.wanted)?.state
                }
                #expect(state == (attempt < 5 ? .wanted : .failed), "after attempt \(attempt)")
            }
            let failed = listed(["state": "failed"], of: world)
            #expect(failed["items/0/failure"] == "openai-unavailable" && failed["items/0/cost/calls"] == "0")
            #expect(world.queue.all == ["\(world.whole)"], "the whole waits for it no longer")
            let body = #"{"audiobookId": "\#(world.book)", "chapter": 1}"#
            let again = sent("POST /api/v1/ai/summary", body, in: world.shop)
            #expect(again.statusCode == 202 && again["state"] == "wanted" && again["id"] != "\(world.wanted)")
            #expect(world.queue.all.last == again["id"])
        }
    }

    @Test func `asked for again while one is wanted, it is that one`() throws {
        try withDatabase { database in
            let world = try transcribed(database)
            let body = #"{"audiobookId": "\#(world.book)"}"#
            for _ in 1...2 {
                #expect(sent("POST /api/v1/ai/summary", body, in: world.shop)["id"] == "\(world.whole)")
            }
            #expect(world.queue.all == ["\(world.wanted)", "\(world.wanted)"], "its chapter comes first")
            for id in [world.wanted, world.whole] { try write(QueueMessage(body: "\(id)"), in: world.shop) }
            #expect(sent("POST /api/v1/ai/summary", body, in: world.shop)["state"] == "draft")
            #expect(world.queue.all.count == 3, "a draft is not written again")
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
