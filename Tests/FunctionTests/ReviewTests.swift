import Core
import TestSupport
import Testing

@testable import transcribe

/// What editors do to a text that was heard, by HTTP.
@Suite struct ReviewTests {
    private struct World {
        var shop: Shop
        let book: Audiobook.ID
        let transcript: Transcript.ID
        let chunks = Told<String>()
        let events = Told<OutboxEvent>()

        func sent(
            _ route: String, _ body: String = "", at parameters: [String: String] = [:], query: Query = [:],
            headers: [String: String] = [:]
        ) -> Response {
            var request = Request.typed(route, body, headers: headers)
            request.parameters = ["audiobookId": "\(book)", "jobId": "\(transcript)"].merging(parameters) {
                $1
            }
            request.query = query
            return Lambda.answer(request) { try transcription($0, in: shop) }
        }
    }

    private func heard(_ database: TestDatabase, _ segments: [SpokenSegment]) throws -> World {
        let (editor, accepted) = try database.prepared { transaction in
            let editor = try transaction.person("e", .editor)
            let accepted = try transaction.record(try transaction.draft("Emma", by: editor), by: editor)
            try transaction.hear(segments, in: accepted.transcript)
            return (editor, accepted)
        }
        var world = World(
            shop: database.shop(of: "transcribe", for: .editor(editor)), book: accepted.audiobook,
            transcript: accepted.transcript)
        world.shop.transcriptions = .telling(world.chunks)
        world.shop.events = .telling(world.events)
        return world
    }

    private let text = "GET /api/v1/transcription/{audiobookId}"
    private let status = "GET /api/v1/transcription/{jobId}/status"
    private let segment = "PATCH /api/v1/transcription/{audiobookId}/segments/{position}"
    private let approval = "POST /api/v1/transcription/{jobId}/approve"
    private let redoing = "POST /api/v1/transcription/{jobId}/chunks/{number}/redo"

    @Test func `an editor corrects a segment on the version they saw`() throws {
        try withDatabase { database in
            let world = try heard(database, [.said("would house", at: 0)])
            func correct(_ body: String, at position: String = "1", version: String? = "\"1\"") -> Response {
                world.sent(
                    segment, body, at: ["position": position],
                    headers: version.map { ["if-match": $0] } ?? [:])
            }
            let body = #"{"text": "Woodhouse"}"#
            #expect(correct(body, version: nil).outcome == "428 precondition-required")
            #expect(correct(body, version: "\"9\"").outcome == "412 changed-meanwhile")
            let corrected = correct(body)
            #expect(corrected["text"] == "Woodhouse" && corrected["words/0/startMilliseconds"] == "0")
            #expect(corrected.headers["etag"] == "\"2\"" && corrected["version"] == "2")
            #expect(correct(body).outcome == "412 changed-meanwhile")
            #expect(correct(#"{"text": " "}"#, version: "\"2\"").outcome == "422 invalid-value")
            #expect(correct(#"{}"#, version: "\"2\"").outcome == "400 malformed-body")
            for nowhere in ["2", "0", "-1", "x", "99999999999"] {
                #expect(correct(body, at: nowhere).outcome == "404 not-found", "\(nowhere)")
            }
            #expect(world.sent(text)["segments/0/version"] == "2")
        }
    }

    @Test func `a job that did not move is told by its tag alone`() throws {
        try withDatabase { database in
            let world = try heard(database, [.said("Emma", at: 0)])
            let first = world.sent(status)
            let tag = try #require(first.headers["etag"])
            #expect(first["flags"] == "0" && first["estimatedEndAt"] == nil)
            for known in [tag, "W/\(tag)", "\"x\", \(tag)", "*"] {
                let again = world.sent(status, headers: ["if-none-match": known])
                #expect(again.statusCode == 304 && again.body.isEmpty && again.headers["etag"] == tag)
            }
            #expect(world.sent(redoing, at: ["number": "1"]).statusCode == 202)
            let moved = world.sent(status, headers: ["if-none-match": tag])
            #expect(moved.statusCode == 200 && moved["percent"] == "0")
        }
    }

    @Test func `a doubtful text is approved, or a chunk of it heard again`() throws {
        try withDatabase { database in
            let world = try heard(database, [])
            #expect(world.sent(status)["flags/0"] == "no-speech")
            #expect(world.sent(redoing, at: ["number": "1"])["state"] == "running")
            #expect(world.sent(redoing, at: ["number": "1"]).statusCode == 202)
            #expect(world.chunks.all.count == 2, "one that waits is sent again and done once")
            #expect(world.sent(redoing, at: ["number": "2"]).outcome == "404 not-found")
            #expect(world.sent(approval).outcome == "409 not-in-review")
            try database.prepared { transaction in
                let chunk = try #require(
                    try transaction.claimChunk(1, of: world.transcript, leaseSeconds: 60))
                _ = try transaction.complete(chunk, with: .heard([]))
            }
            #expect(world.sent(approval)["state"] == "ready")
            #expect(world.sent(approval)["state"] == "ready")
            #expect(
                world.events.all.count { $0.topic == .transcriptionCompleted } == 1, "the bus is told once")
            #expect(world.sent(approval, at: ["jobId": "\(world.book)"]).outcome == "404 not-found")
        }
    }

    @Test func `every chunk tells how it stands`() throws {
        try withDatabase { database in
            let world = try heard(database, [])
            let chunks = "GET /api/v1/transcription/{jobId}/chunks"
            #expect(world.sent(chunks)["chunks/0/state"] == "done" && world.sent(chunks)["chunks"] == "1")
            _ = world.sent(redoing, at: ["number": "1"])
            #expect(world.sent(chunks)["chunks/0/state"] == "pending")
            #expect(world.sent(chunks, query: ["state": "done"]).outcome == "400 invalid-query")
            #expect(world.sent(chunks, at: ["jobId": "\(world.book)"]).outcome == "404 not-found")
        }
    }

    @Test func `the recording of a book that is no text yet is heard by its editors`() throws {
        try withDatabase { database in
            var world = try heard(database, [])
            world.shop.links = .plain
            let tracks = world.sent("GET /api/v1/transcription/{audiobookId}/audio")
            #expect(tracks["tracks"] == "1" && tracks["tracks/0/startMilliseconds"] == "0")
            #expect(tracks["tracks/0/url"]?.hasPrefix("http") == true)
            #expect(tracks.headers["cache-control"] == "no-store")
        }
    }

    @Test func `editors read windows and files, and nobody else does`() throws {
        try withDatabase { database in
            let world = try heard(database, [.said("Emma Woodhouse,", at: 0), .said("handsome", at: 9000)])
            let page = world.sent(text, query: ["limit": "1"])
            #expect(page["job/state"] == "ready" && page["segments"] == "1")
            let rest = world.sent(text, query: ["cursor": try #require(page["next"])])
            #expect(rest["segments/0/text"] == "handsome" && rest["next"] == nil)
            let file = world.sent(text, query: ["format": "srt", "from": "9000"])
            #expect(file.headers["content-type"] == "application/x-subrip; charset=utf-8")
            #expect(file.text == "1\n00:00:09,000 --> 00:00:09,200\nhandsome\n")
            let customer = try database.prepared { try $0.person("c") }
            var others = world
            others.shop = database.shop(of: "transcribe", for: .customer(customer))
            for route in [text, status, segment, approval, redoing] {
                #expect(others.sent(route).outcome == "403 forbidden")
            }
        }
    }
}
