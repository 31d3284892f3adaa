import Core
import TestSupport
import Testing

@testable import transcribe

/// What a text costs: as much as the calls that were answered, and no more than it may.
@Suite struct HearingCostTests {
    private func deliver(_ message: TranscriptionMessage, in world: Hearing) throws {
        try work(QueueMessage(body: try message.text), in: world.shop)
    }

    private func sent(_ route: String, _ body: String = "", in world: Hearing) -> Response {
        var request = Request.typed(route, body)
        request.parameters = ["jobId": "\(world.accepted.transcript)"]
        return Lambda.answer(request) { try transcription($0, in: world.shop) }
    }

    private func status(_ world: Hearing) -> Response {
        sent("GET /api/v1/transcription/{jobId}/status", in: world)
    }

    private func spent(_ world: Hearing) -> String? { status(world)["cost/spentMicrodollars"] }

    @Test func `it costs what was heard, and what failed is not paid for`() throws {
        try withDatabase { database in
            var world = try hearing(database)
            let id = world.accepted.transcript
            try deliver(.plan(id), in: world)
            for kind in [OutsideFailure.Kind.unavailable, .throttled(retryAfterSeconds: 1)] {
                world.shop.speech.transcribe = { _ in throw OutsideFailure("openai", kind, reason: "no") }
                try deliver(.chunk(id, number: 1), in: world)
                #expect(spent(world) == "0" && status(world)["cost/reservedMicrodollars"] == "0")
                try database.prepared {
                    try $0.run(
                        "UPDATE plumbing.outside_services SET rests_until = now() WHERE rests_until IS NOT NULL"
                    )
                }
            }
            world.shop.speech.transcribe = { _ in heard("words") }
            try deliver(.chunk(id, number: 1), in: world)
            // Three minutes at 0.6 cents.
            #expect(spent(world) == "18000" && status(world)["state"] == "ready")
            #expect(status(world)["cost/budgetMicrodollars"] == "20000000")
        }
    }

    @Test func `what may have been done counts as paid for, and so does what a worker died at`() throws {
        try withDatabase { database in
            var world = try hearing(database)
            let id = world.accepted.transcript
            try deliver(.plan(id), in: world)
            world.shop.speech.transcribe = { _ in
                throw OutsideFailure("openai", .undecided, code: "empty", reason: "the answer is empty")
            }
            try deliver(.chunk(id, number: 1), in: world)
            #expect(spent(world) == "18000")
            try database.prepared { transaction in
                _ = try transaction.claimChunk(1, of: id, leaseSeconds: 60)
                #expect(try transaction.transcript(id)?.cost.reservedNanodollars == 18_000_000)
                try transaction.run("UPDATE production.transcript_chunks SET leased_until = now()")
            }
            world.shop.speech.transcribe = { _ in heard("words") }
            try deliver(.chunk(id, number: 1), in: world)
            #expect(spent(world) == "54000" && status(world)["cost/reservedMicrodollars"] == "0")
        }
    }

    @Test func `a text that would cost more than it may is not begun, until an editor allows it`() throws {
        try withDatabase { database in
            var world = try hearing(database, minutes: 15)
            let id = world.accepted.transcript
            world.shop.hearingTerms = HearingTerms(
                nanodollarsPerMinute: 6_000_000, budgetNanodollars: 89_000_000)
            try deliver(.plan(id), in: world)
            #expect(status(world)["state"] == "failed" && status(world)["failure"] == "over-budget")
            #expect(world.chunks.all.isEmpty)
            #expect(
                try database.prepared { try $0.alerts(for: [.editor]).items.first?.kind }
                    == "failed-transcription")

            let book = world.accepted.audiobook
            func start(_ budget: String) -> Response {
                sent(
                    "POST /api/v1/transcription/start",
                    #"{"audiobookId": "\#(book)", "budgetMicrodollars": \#(budget)}"#, in: world)
            }
            for wrong in ["-1", "1000000000001"] { #expect(start(wrong).outcome == "422 invalid-value") }
            let allowed = start("95000")
            #expect(allowed["state"] == "planned" && allowed["cost/budgetMicrodollars"] == "95000")
            try deliver(.plan(id), in: world)
            for number in [1, 2] { try deliver(.chunk(id, number: number), in: world) }
            #expect(status(world)["state"] == "ready" && spent(world) == "90100")
        }
    }

    @Test func `what fails again and again comes to the end of its budget`() throws {
        try withDatabase { database in
            var world = try hearing(database)
            let id = world.accepted.transcript
            world.shop.hearingTerms = HearingTerms(
                nanodollarsPerMinute: 6_000_000, budgetNanodollars: 40_000_000)
            try deliver(.plan(id), in: world)
            let calls = Told<Int>()
            world.shop.speech.transcribe = { _ in
                calls.append(1)
                throw OutsideFailure("openai", .undecided, code: "no-json", reason: "the answer is no JSON")
            }
            for _ in 1...3 { try deliver(.chunk(id, number: 1), in: world) }
            #expect(calls.all.count == 2 && status(world)["failure"] == "over-budget")
            #expect(spent(world) == "36000")
        }
    }

    @Test func `a model that repeats itself is asked once more, and then a person`() throws {
        try withDatabase { database in
            var world = try hearing(database)
            let id = world.accepted.transcript
            let temperatures = Told<Double>()
            world.shop.speech.transcribe = { recording in
                temperatures.append(recording.temperature)
                return heard(String(repeating: "you ", count: 40))
            }
            try deliver(.plan(id), in: world)
            try deliver(.chunk(id, number: 1), in: world)
            #expect(temperatures.all == [0, 0.4])
            let doubtful = status(world)
            #expect(doubtful["state"] == "needs_review" && doubtful["flags/0"] == "loop")
            #expect(spent(world) == "36000" && world.told == 0)
            #expect(sent("POST /api/v1/transcription/{jobId}/approve", in: world)["state"] == "ready")
            #expect(world.told == 1)
        }
    }

    @Test func `what is heard in another language is for a person to look at, and asked for once`() throws {
        try withDatabase { database in
            var world = try hearing(database)
            let id = world.accepted.transcript
            let calls = Told<Int>()
            world.shop.speech.transcribe = { _ in
                calls.append(1)
                return heard("Все счастливые семьи", "похожи друг на друга")
            }
            try deliver(.plan(id), in: world)
            try deliver(.chunk(id, number: 1), in: world)
            let doubtful = status(world)
            #expect(doubtful["state"] == "needs_review" && doubtful["flags"] == "1")
            #expect(doubtful["flags/0"] == "other-language")
            #expect(calls.all.count == 1 && spent(world) == "18000" && world.told == 0)
        }
    }

    @Test func `one that finds out of it is believed`() throws {
        try withDatabase { database in
            var world = try hearing(database)
            world.shop.speech.transcribe = {
                $0.temperature > 0 ? heard("words") : heard(String(repeating: "you ", count: 40))
            }
            try deliver(.plan(world.accepted.transcript), in: world)
            try deliver(.chunk(world.accepted.transcript, number: 1), in: world)
            #expect(status(world)["state"] == "ready" && spent(world) == "36000")
        }
    }

    @Test func `those who work at once do not spend the last of it twice`() throws {
        try withDatabase { database in
            let id = try database.prepared { transaction in
                let editor = try transaction.person("e", .editor)
                let book = try transaction.draft("Emma", by: editor)
                let minutes = 8 * 60_000
                let id = try transaction.record(book, by: editor, durationMilliseconds: minutes).transcript
                _ = try transaction.plan(
                    id,
                    chunks: (0..<8).map {
                        Span(startMilliseconds: $0 * 60_000, endMilliseconds: ($0 + 1) * 60_000)
                    })
                return id
            }
            let terms = HearingTerms(nanodollarsPerMinute: 6_000_000, budgetNanodollars: 30_000_000)
            let claims = atOnce(8) { index, line in
                let worker = database.connect(as: "transcribe")
                line.wait()
                return try worker.transaction(.readCommitted) {
                    try $0.claimChunk(index + 1, of: id, leaseSeconds: 60, on: terms)
                }
            }
            let reserved = try database.prepared { try $0.transcript(id)?.cost.reservedNanodollars ?? 0 }
            #expect(reserved <= 30_000_000 && reserved >= 24_000_000, "\(reserved)")
            #expect(claims.count { (try? $0.get()) != nil } < 8)
        }
    }
}
