import Core
import FoundationEssentials
import TestSupport
import Testing

@testable import transcribe

/// What a speech service that cannot or will not is spared, and what its failures cost nobody.
@Suite struct RestingServiceTests {
    private func deliver(_ number: Int, of world: Hearing) throws {
        try work(
            QueueMessage(
                body: try TranscriptionMessage.chunk(world.accepted.transcript, number: number).text),
            in: world.shop)
    }

    /// A planned recording, with what is sent from now on and how long it is held back.
    private func planned(_ database: TestDatabase) throws -> (Hearing, Told<DelayedMessage>) {
        var world = try hearing(database, minutes: 15)
        try work(
            QueueMessage(body: try TranscriptionMessage.plan(world.accepted.transcript).text), in: world.shop)
        let sent = Told<DelayedMessage>()
        world.shop.transcriptions = .telling(sent)
        return (world, sent)
    }

    private func status(_ world: Hearing) -> Response {
        var request = Request.typed("GET /api/v1/transcription/{jobId}/status")
        request.parameters = ["jobId": "\(world.accepted.transcript)"]
        return Lambda.answer(request) { try transcription($0, in: world.shop) }
    }

    private func attempts(_ number: Int, _ database: TestDatabase) throws -> Int {
        try database.prepared {
            try $0.value("SELECT attempts FROM production.transcript_chunks WHERE number = \(number)") ?? -1
        }
    }

    @Test func `who is asked too much is left alone for as long as it says, by everybody`() throws {
        try withDatabase { database in
            var (world, sent) = try planned(database)
            world.shop.speech.transcribe = { _ in
                throw OutsideFailure("openai", .throttled(retryAfterSeconds: 40), reason: "status 429")
            }
            try deliver(1, of: world)
            world.shop.speech = .unset
            try deliver(2, of: world)
            #expect(sent.all.count == 2)
            #expect(sent.all.allSatisfy { (35...40).contains($0.delaySeconds) }, "\(sent.all)")
            #expect(try [attempts(1, database), attempts(2, database)] == [0, 0])
            let told = status(world)
            #expect(
                told["state"] == "running" && told["waitsFor"] == "throttled" && told["waitsUntil"] != nil)

            try database.prepared {
                try $0.run("UPDATE plumbing.outside_services SET rests_until = now() WHERE name = 'speech'")
            }
            world.shop.speech.transcribe = { _ in heard("words") }
            try deliver(1, of: world)
            try deliver(2, of: world)
            #expect(status(world)["state"] == "ready" && status(world)["waitsFor"] == nil)
            #expect(try [attempts(1, database), attempts(2, database)] == [1, 1])
        }
    }

    @Test func `a service that is not there is looked at by one at a time, and said to be away`() throws {
        try withDatabase { database in
            var (world, sent) = try planned(database)
            let calls = Told<Int>()
            world.shop.speech.transcribe = { _ in
                calls.append(1)
                throw OutsideFailure("openai", .unavailable, reason: "no answer")
            }
            for number in [1, 2, 1, 2] { try deliver(number, of: world) }
            #expect(sent.all.isEmpty, "the relay sends them again")
            try deliver(1, of: world)
            #expect(sent.all.map(\.delaySeconds) == [30])
            #expect(status(world)["waitsFor"] == "unavailable")
            for _ in 1...3 { try deliver(2, of: world) }
            #expect(calls.all.count == 5, "nobody calls it")
            #expect(try [attempts(1, database), attempts(2, database)] == [2, 2])

            func rested() throws {
                try database.prepared {
                    try $0.run(
                        "UPDATE plumbing.outside_services SET rests_until = now() WHERE name = 'speech'")
                }
            }
            try rested()
            try deliver(1, of: world)
            #expect(calls.all.count == 6)
            #expect(sent.all.last?.delaySeconds == 60, "twice as long")
            let alert = try database.prepared { try #require(try $0.alerts(for: [.admin]).items.first) }
            #expect(alert.kind == "service-unavailable" && alert.subject == "speech" && alert.isOpen)

            try rested()
            world.shop.speech.transcribe = { _ in heard("words") }
            for number in [1, 2] { try deliver(number, of: world) }
            #expect(status(world)["state"] == "ready")
            #expect(try database.prepared { try $0.alerts(for: [.admin]).items.first?.resolvedAt } != nil)
        }
    }

    @Test func `what the sound is at fault for is not the service's`() throws {
        try withDatabase { database in
            var (world, sent) = try planned(database)
            world.shop.audio.listen = { _, _ in
                throw OutsideFailure("ffmpeg", .unavailable, reason: "timeout")
            }
            for _ in 1...3 { for number in [1, 2] { try deliver(number, of: world) } }
            #expect(sent.all.isEmpty && status(world)["waitsFor"] == nil)
        }
    }
}
