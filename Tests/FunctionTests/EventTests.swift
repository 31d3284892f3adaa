import Core
import Foundation
import TestSupport
import Testing

@testable import relay
@testable import summarise

/// From the outbox to the bus, and from the bus to whoever acts on it.
@Suite struct EventTests {
    private func turned(_ shop: Shop) throws {
        try relay(ScheduleEvent(id: "1", time: Date(), ruleName: "relay"), in: shop)
    }

    private func relaying(_ database: TestDatabase, _ bus: EventBus) -> Shop {
        var shop = database.shop(of: "relay")
        shop.issuer.signingKeys = { [] }
        shop.events = bus
        return shop
    }

    private func emit(_ count: Int, in database: TestDatabase) throws {
        try database.prepared { transaction in
            for number in 1...count {
                try transaction.emit(
                    .uploadReady, about: "\(number)", once: "\(number)", ["upload": "\(number)"])
            }
        }
    }

    private func due(_ database: TestDatabase) throws {
        try database.prepared { try $0.run("UPDATE plumbing.outbox SET next_try_at = '-infinity'") }
    }

    @Test func `all that waits is told in one turn, each once, in its order`() throws {
        try withDatabase { database in
            try emit(120, in: database)
            let told = Told<OutboxEvent>()
            let shop = relaying(database, .telling(told))
            try turned(shop)
            #expect(told.all.map(\.key) == (1...120).map(String.init))
            try due(database)
            try turned(shop)
            #expect(told.all.count == 120)
            #expect(try database.count("plumbing.outbox WHERE published_at IS NULL") == 0)
        }
    }

    @Test func `what the bus puts off stays, what it never takes is put aside, and the others go`() throws {
        try withDatabase { database in
            try emit(4, in: database)
            let told = Told<String>()
            let shop = relaying(
                database,
                EventBus { events in
                    events.map { event in
                        told.append(event.key)
                        return switch event.key {
                        case "1": .refused(reason: "too-large")
                        case "2": told.all.count > 4 ? .taken : .putOff(reason: "InternalFailure")
                        default: .taken
                        }
                    }
                })
            try turned(shop)
            #expect(try database.count("plumbing.outbox WHERE published_at IS NOT NULL") == 2)
            #expect(try database.count("plumbing.alerts WHERE kind = 'unpublished-event'") == 1)
            try turned(shop)
            #expect(told.all.count == 4, "it waits for its time")
            try due(database)
            try turned(shop)
            #expect(told.all == ["1", "2", "3", "4", "2"])
            #expect(try database.count("plumbing.outbox WHERE published_at IS NULL") == 1)
        }
    }

    @Test func `a bus that cannot be reached loses nothing, and the other sweeps have their turn`() throws {
        try withDatabase { database in
            try emit(60, in: database)
            let told = Told<Int>()
            let shop = relaying(
                database,
                EventBus { events in
                    told.append(events.count)
                    return events.map { _ in .putOff(reason: "unreachable") }
                })
            _ = try database.prepared { transaction in
                _ = try transaction.begin(.random, of: "x", requestHash: .hash, lockSeconds: 1)
                try transaction.run(
                    "UPDATE plumbing.idempotency_keys SET created_at = now() - interval '49 hours'")
            }
            try turned(shop)
            #expect(told.all == [50], "it is not asked again in this turn")
            #expect(try database.count("plumbing.idempotency_keys") == 0)
            #expect(
                try database.count("plumbing.outbox WHERE published_at IS NULL AND parked_at IS NULL") == 60)
        }
    }

    @Test func `whoever is killed between telling and marking tells it twice`() throws {
        try withDatabase { database in
            try emit(1, in: database)
            let told = Told<OutboxEvent>()
            var shop = relaying(
                database,
                EventBus { events in
                    told.append(events[0])
                    throw Unset("killed")
                })
            try turned(shop)
            try due(database)
            shop.events = .telling(told)
            try turned(shop)
            #expect(told.all.count == 2 && Set(told.all.map(\.id)).count == 1)
        }
    }

    @Test func `two who publish at once tell each event once`() throws {
        try withDatabase { database throws in
            try emit(40, in: database)
            let told = atOnce(4) { _, line in
                var shop = database.shop(of: "transcribe")
                let told = Told<OutboxEvent>()
                shop.events = .telling(told)
                try shop.database.warmUp()
                line.wait()
                shop.publishSoon()
                return told.all.map(\.id)
            }
            let all = try told.successes().flatMap { $0 }
            #expect(Set(all).count == all.count)
        }
    }

    @Test func `a function's work is done, whatever becomes of its events`() throws {
        try withDatabase { database in
            try emit(1, in: database)
            database.shop(of: "upload-complete").publishSoon()
            #expect(try database.count("plumbing.outbox WHERE published_at IS NULL") == 1)
        }
    }

    // MARK: What is told of a text

    private struct Transcribed {
        let shop: Shop
        let transcript: Transcript.ID
        let queue: Told<String>

        func event(id: Int = 7, topic: String = "TranscriptionCompleted", transcript: String? = nil) throws
            -> BusEvent
        {
            try BusEvent(
                source: OutboxEvent.source, topic: topic, time: Date(),
                detail:
                    #"{"id":\#(id),"key":"k","payload":{"transcript":"\#(transcript ?? "\(self.transcript)")"}}"#
            )
        }
    }

    private func transcribed(_ database: TestDatabase) throws -> Transcribed {
        let transcript = try database.prepared { transaction in
            let editor = try transaction.person("e", .editor)
            let id = try transaction.record(try transaction.draft("Emma", by: editor), by: editor).transcript
            _ = try transaction.plan(id, chunks: [Span(startMilliseconds: 0, endMilliseconds: 180_000)])
            let chunk = try #require(try transaction.claimChunk(1, of: id, leaseSeconds: 60))
            let phrase = SpokenSegment(text: "Emma.", startMilliseconds: 0, endMilliseconds: 1)
            _ = try transaction.complete(
                chunk, with: SpokenText(model: "whisper-1", language: "en", segments: [phrase]))
            return id
        }
        var shop = database.shop(of: "summarise")
        let queue = Told<String>()
        shop.summaries = .telling(queue)
        return Transcribed(shop: shop, transcript: transcript, queue: queue)
    }

    @Test func `a text that is told of twice asks for its summaries once`() throws {
        try withDatabase { database in
            let world = try transcribed(database)
            for _ in 1...2 { try begin(world.event(), in: world.shop) }
            #expect(world.queue.all.count == 1)
            #expect(try database.count("production.summaries WHERE state = 'wanted'") == 2)
        }
    }

    @Test func `a message that was lost after the commit is left to the relay`() throws {
        try withDatabase { database in
            let world = try transcribed(database)
            let event = try world.event()
            var shop = world.shop
            shop.summaries = .unset
            #expect(throws: Unset.self) { try begin(event, in: shop) }
            #expect(try database.count("production.summaries WHERE state = 'wanted'") == 2)
            // The message is the relay's to send again: acted on, the event is counted.
            try begin(event, in: world.shop)
            #expect(world.queue.all.isEmpty)
        }
    }

    @Test func `what is no text any more, or of another kind, is passed over`() throws {
        try withDatabase { database in
            let world = try transcribed(database)
            try begin(world.event(id: 1, transcript: "\(Transcript.ID())"), in: world.shop)
            try begin(world.event(id: 2, topic: "UploadReady"), in: world.shop)
            #expect(world.queue.all.isEmpty)
            #expect(throws: DecodingError.self) {
                try begin(world.event(id: 3, transcript: "x"), in: world.shop)
            }
            #expect(try database.count("plumbing.consumed") == 1)
        }
    }
}
