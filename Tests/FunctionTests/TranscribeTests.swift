import Core
import TestSupport
import Testing

@testable import transcribe

@Suite struct TranscribeTests {
    private func message(_ message: TranscriptionMessage) throws -> QueueMessage {
        QueueMessage(body: try message.text)
    }

    private func sent(_ route: String, _ body: String = "", parameters: [String: String] = [:], in shop: Shop)
        -> Response
    {
        var request = Request.typed(route, body)
        request.parameters = parameters
        return Lambda.answer(request) { try transcription($0, in: shop) }
    }

    @Test func `a recording becomes words, and the bus is told at once, once`() throws {
        try withDatabase { database in
            let world = try hearing(database, minutes: 15), id = world.accepted.transcript
            try work(try message(.plan(id)), in: world.shop)
            let chunks = world.chunks.all
            #expect(chunks.count == 2)
            try work(QueueMessage(body: chunks[1]), in: world.shop)
            #expect(world.told == 0)
            let half = sent(
                "GET /api/v1/transcription/{jobId}/status", parameters: ["jobId": "\(id)"], in: world.shop)
            #expect(half["percent"] == "50" && half["state"] == "running")
            try work(QueueMessage(body: chunks[0]), in: world.shop)
            #expect(world.told == 1)

            let book = ["audiobookId": "\(world.accepted.audiobook)"]
            let text = sent("GET /api/v1/transcription/{audiobookId}", parameters: book, in: world.shop)
            #expect(text["job/state"] == "ready" && text["segments"] == "4")
            // It is planned in halves, and cut in the pause that begins there.
            #expect(text["segments/0/text"] == "\(44 + 450_150 * 32)")
            #expect(text["segments/1/text"] == "chunk-1.wav")
            #expect(text["segments/2/text"] == "\(44 + 449_850 * 32)")
            #expect(text["segments/2/startMilliseconds"] == "450150")
            #expect(text["segments/3/text"] == "chunk-2.wav")

            let waveform = sent(
                "GET /api/v1/transcription/{audiobookId}/waveform", parameters: book, in: world.shop)
            #expect(waveform["toMilliseconds"] == "900000" && waveform["peaks"] == "1000")
            #expect(waveform["peaks/0"] == "18" && waveform["loudnessLUFS"]?.hasPrefix("-") == true)

            for chunk in chunks { try work(QueueMessage(body: chunk), in: world.shop) }
            #expect(world.told == 1, "what is done is passed over")
            #expect(try database.count("production.transcript_segments") == 4)
        }
    }

    @Test func `a waveform is drawn of what was heard, as near as it is wanted`() throws {
        try withDatabase { database in
            let world = try hearing(database, minutes: 15), id = world.accepted.transcript
            try work(try message(.plan(id)), in: world.shop)
            func peaks(_ query: Query) -> Response {
                var request = Request.typed("GET /api/v1/transcription/{audiobookId}/waveform")
                request.parameters = ["audiobookId": "\(world.accepted.audiobook)"]
                request.query = query
                return Lambda.answer(request) { try transcription($0, in: world.shop) }
            }
            let unheard = peaks(["count": "2"])
            #expect(unheard["peaks/0"] == "null" && unheard["loudnessLUFS"] == nil)
            try work(QueueMessage(body: world.chunks.all[0]), in: world.shop)
            let half = peaks(["count": "2", "from": "0", "to": "899000"])
            #expect(half["peaks/0"] == "18" && half["peaks/1"] == "18", "the cut lies behind the middle")
            #expect(peaks(["count": "4"])["peaks/3"] == "null")
            // The pause at thirty seconds.
            let near = peaks(["count": "4", "from": "29600", "to": "31200"])
            #expect((0..<4).map { near["peaks/\($0)"] } == ["18", "0", "18", "18"])
            for bad in [["count": "0"], ["count": "2001"], ["from": "900000"], ["from": "5", "to": "5"]]
                as [Query]
            {
                #expect(peaks(bad).statusCode == 400)
            }
        }
    }

    @Test func `planned twice it is one plan, and only what waits is sent again`() throws {
        try withDatabase { database in
            let world = try hearing(database, minutes: 15), id = world.accepted.transcript
            try work(try message(.plan(id)), in: world.shop)
            try work(try message(.plan(id)), in: world.shop)
            #expect(world.chunks.all.count == 4 && Set(world.chunks.all).count == 2)
            #expect(try database.count("production.transcript_chunks") == 2)
            try work(try message(.chunk(id, number: 1)), in: world.shop)
            try work(try message(.plan(id)), in: world.shop)
            #expect(world.chunks.all.count == 5)
        }
    }

    @Test func `a chunk in other hands is passed over`() throws {
        try withDatabase { database in
            var world = try hearing(database)
            let id = world.accepted.transcript
            try work(try message(.plan(id)), in: world.shop)
            _ = try database.prepared { try $0.claimChunk(1, of: id, leaseSeconds: 60) }
            world.shop.speech = .unset
            try work(try message(.chunk(id, number: 1)), in: world.shop)
            #expect(try database.prepared { try $0.transcript(id)?.state } == .running)
        }
    }

    @Test func `a piece that fails again and again gives the transcript up, where the service does others`()
        throws
    {
        try withDatabase { database in
            var world = try hearing(database)
            let id = world.accepted.transcript
            try work(try message(.plan(id)), in: world.shop)
            world.shop.speech.transcribe = { _ in
                throw OutsideFailure("openai", .unavailable, reason: "secret")
            }
            for attempt in 1...5 {
                try work(try message(.chunk(id, number: 1)), in: world.shop)
                let state = try database.prepared { transaction in
                    try transaction.answered(.speech)
                    return try transaction.transcript(id)?.state
                }
                #expect(state == (attempt < 5 ? .running : .failed), "after attempt \(attempt)")
            }
            let status = sent(
                "GET /api/v1/transcription/{jobId}/status", parameters: ["jobId": "\(id)"], in: world.shop)
            #expect(status["failure"] == "openai-unavailable")

            let body = #"{"audiobookId": "\#(world.accepted.audiobook)"}"#
            let again = sent("POST /api/v1/transcription/start", body, in: world.shop)
            #expect(again.statusCode == 202 && again["state"] == "running" && again["jobId"] == "\(id)")
            world.shop.speech.transcribe = { _ in heard("words") }
            try work(try message(.chunk(id, number: 1)), in: world.shop)
            #expect(try database.prepared { try $0.transcript(id)?.state } == .ready)
        }
    }

    @Test func `a recording in which nobody speaks is for a person to look at`() throws {
        try withDatabase { database in
            var world = try hearing(database)
            let id = world.accepted.transcript
            world.shop.speech.transcribe = { _ in heard() }
            try work(try message(.plan(id)), in: world.shop)
            try work(try message(.chunk(id, number: 1)), in: world.shop)
            #expect(try database.prepared { try $0.transcript(id)?.state } == .needsReview)
            #expect(world.told == 0)
        }
    }

    @Test func `two days of silence are paid to nobody`() throws {
        try withDatabase { database in
            var world = try hearing(database, minutes: 48 * 60)
            let id = world.accepted.transcript
            // A second of what is louder than any room by itself, and yet nobody.
            world.shop.audio.listen = { _, span in
                Sound(
                    startMilliseconds: span.startMilliseconds,
                    bytes: (0..<Sound.bytesPerSecond).map { $0 % 2 == 0 ? 127 : 0 })
            }
            world.shop.speech.transcribe = { _ in
                Issue.record("nothing is to be heard")
                return heard("Thank you for watching")
            }
            try work(try message(.plan(id)), in: world.shop)
            #expect(world.chunks.all.count >= 288)
            for chunk in world.chunks.all { try work(QueueMessage(body: chunk), in: world.shop) }
            let transcript = try #require(try database.prepared { try $0.transcript(id) })
            #expect(transcript.state == .needsReview && transcript.flags == [.noSpeech])
            #expect(transcript.cost.spentNanodollars == 0 && transcript.cost.reservedNanodollars == 0)
        }
    }

    @Test func `a recording that cannot be read ends its transcript, an outage does not`() throws {
        try withDatabase { database in
            var world = try hearing(database, minutes: 15)
            let id = world.accepted.transcript
            try work(try message(.plan(id)), in: world.shop)
            world.shop.audio.listen = { _, _ in
                throw OutsideFailure("ffmpeg", .unavailable, reason: "timeout")
            }
            try work(try message(.chunk(id, number: 1)), in: world.shop)
            #expect(try database.prepared { try $0.transcript(id)?.state } == .running)
            world.shop.audio.listen = { _, _ in
                throw OutsideFailure("ffmpeg", .refused, reason: "invalid data")
            }
            try work(try message(.chunk(id, number: 1)), in: world.shop)
            #expect(try database.prepared { try $0.transcript(id)?.failure } == "ffmpeg-refused")
        }
    }

    @Test func `where a recording has ended, no service is asked`() throws {
        try withDatabase { database in
            var world = try hearing(database)
            let id = world.accepted.transcript
            try work(try message(.plan(id)), in: world.shop)
            world.shop.audio.listen = { _, span in
                Sound(startMilliseconds: span.startMilliseconds, bytes: [UInt8](repeating: 9, count: 99 * 32))
            }
            world.shop.speech = .unset
            try work(try message(.chunk(id, number: 1)), in: world.shop)
            #expect(try database.prepared { try $0.transcript(id)?.failure } == "ffmpeg-truncated")
        }
    }

    @Test func `messages of no kind come back, and those of nothing are passed over`() throws {
        try withDatabase { database in
            let world = try hearing(database)
            for body in ["", "{}", "[]", #"{"plan": 7}"#] {
                #expect(throws: DecodingError.self) { try work(QueueMessage(body: body), in: world.shop) }
            }
            try work(try message(.plan(Transcript.ID())), in: world.shop)
            try work(try message(.chunk(world.accepted.transcript, number: 99)), in: world.shop)
            #expect(world.chunks.all.isEmpty)
        }
    }

    @Test func `started again it is the one that is there`() throws {
        try withDatabase { database in
            let world = try hearing(database)
            let body = #"{"audiobookId": "\#(world.accepted.audiobook)"}"#
            let first = sent("POST /api/v1/transcription/start", body, in: world.shop)
            #expect(first.statusCode == 202 && first["jobId"] == "\(world.accepted.transcript)")
            #expect(sent("POST /api/v1/transcription/start", body, in: world.shop).body == first.body)
            #expect(try database.count("production.transcripts") == 1)
        }
    }

    @Test func `what cannot be transcribed is told as that`() throws {
        try withDatabase { database in
            let world = try hearing(database)
            let (draft, customer) = try database.prepared { transaction in
                let editor = try transaction.person("e", .editor)
                return (try transaction.draft("Sanditon", by: editor), try transaction.person("c"))
            }
            func started(_ body: String, in shop: Shop) -> String {
                sent("POST /api/v1/transcription/start", body, in: shop).outcome
            }
            #expect(started(#"{"audiobookId": "\#(draft)"}"#, in: world.shop) == "409 no-recording")
            #expect(started(#"{"audiobookId": "\#(Audiobook.ID())"}"#, in: world.shop) == "404 not-found")
            #expect(started("{}", in: world.shop) == "400 malformed-body")
            let customers = database.shop(of: "transcribe", for: .customer(customer))
            #expect(started("{}", in: customers) == "403 forbidden")
            #expect(started("{}", in: database.shop(of: "transcribe")) == "401 unauthenticated")
            let status = "GET /api/v1/transcription/{jobId}/status"
            #expect(sent(status, parameters: ["jobId": "x"], in: world.shop).outcome == "404 not-found")
            #expect(
                sent(status, parameters: ["jobId": "\(draft)"], in: world.shop).outcome == "404 not-found")
            var asked = Request("GET /api/v1/transcription/{audiobookId}", query: ["from": "-1"])
            asked.parameters = ["audiobookId": "\(world.accepted.audiobook)"]
            #expect(
                Lambda.answer(asked) { try transcription($0, in: world.shop) }.outcome == "400 invalid-query")
        }
    }
}
