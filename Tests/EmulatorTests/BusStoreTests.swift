import Foundation
import Synchronization
import Testing

@testable import Bus

/// What a bus keeps, delivers, tries again and buries.
@Suite struct BusStoreTests {
    /// Takes what it is told, fails so often first, and says when all that is waited for has come.
    private final class Target: Sendable {
        private let state: Mutex<(failures: Int, told: [String], letters: [DeadLetter])>
        private let news = AsyncStream<Void>.makeStream()

        init(failures: Int = 0) { state = Mutex((failures, [], [])) }

        var told: [String] { state.withLock { $0.told } }
        var letters: [DeadLetter] { state.withLock { $0.letters } }

        func start(_ store: BusStore, letterFailures: Int = 0) async {
            let refusals = Mutex(letterFailures)
            await store.start { function, payload, _ in
                let fails = self.state.withLock { state in
                    if state.failures > 0 { state.failures -= 1; return true }
                    state.told.append("\(function) \(payload)")
                    return false
                }
                self.news.continuation.yield()
                if fails { throw Refused() }
            } bury: { letter in
                let fails = refusals.withLock { refusals in
                    refusals -= 1
                    return refusals >= 0
                }
                if fails { throw Refused() }
                self.state.withLock { $0.letters.append(letter) }
                self.news.continuation.yield()
            }
        }

        func wait(until isSo: (Target) -> Bool) async {
            var news = news.stream.makeAsyncIterator()
            while !isSo(self) { await news.next() }
        }
    }

    private struct Refused: Error, CustomStringConvertible { let description = "refused" }

    private func rule(
        _ name: String, _ pattern: String = #"{"source":["s"]}"#, input: String? = nil,
        retries: BusRule.Retries = .init(), letters: String? = nil
    ) throws -> BusRule {
        BusRule(
            name: name, arn: "arn:\(name)", bus: "b", pattern: try EventPattern(pattern),
            target: .init(function: name.uppercased(), arn: "arn:function"), input: input, retries: retries,
            deadLetters: letters)
    }

    private func store(
        _ folder: String, _ rules: [BusRule], now: @escaping @Sendable () -> Date = { Date() }
    ) throws -> BusStore { try BusStore(folder: folder, buses: ["b"], rules: rules, now: now) { _ in } }

    private func event(_ topic: String, source: String = "s", bus: String = "b") throws -> AcceptedEvent {
        let document =
            #"{"Source":"\#(source)","DetailType":"\#(topic)","Detail":"{\"n\":1.50}","Time":1800000000}"#
        let entry = try JSONDecoder().decode(EntryDocument.self, from: Data(document.utf8))
        return try AcceptedEvent(entry, on: bus, of: "0", in: "eu-central-1", at: Date())
    }

    @Test func `an event goes to each rule that takes it, as the bus tells it on`() async throws {
        try await withTemporaryFolder { folder in
            let rules = try [
                rule("one"), rule("two", input: #"{"fixed":true}"#), rule("other", #"{"source":["t"]}"#),
            ]
            let (store, target) = (try store(folder, rules), Target())
            let first = try event("T")
            await target.start(store)
            try await store.accept([first, event("U", source: "x"), event("V", bus: "default")])
            await target.wait { $0.told.count == 2 }
            #expect(Set(target.told) == ["ONE \(first.text)", #"TWO {"fixed":true}"#])
            #expect(
                first.text == """
                    {"version":"0","id":"\(first.id)","detail-type":"T","source":"s","account":"0",\
                    "time":"2027-01-15T08:00:00Z","region":"eu-central-1","resources":[],"detail":{"n":1.50}}
                    """)
            await drained(store)
        }
    }

    /// Until the last delivery is noted.
    private func drained(_ store: BusStore) async {
        while await store.pendingCount > 0 { await Task.yield() }
    }

    @Test func `an event goes on with its trace, and is told again when that is wanted`() async throws {
        try await withTemporaryFolder { folder in
            let document =
                #"{"Source":"s","DetailType":"T","Detail":"{}","TraceHeader":"Root=1-2-3;Sampled=1"}"#
            let entry = try JSONDecoder().decode(EntryDocument.self, from: Data(document.utf8))
            let event = try AcceptedEvent(entry, on: "b", of: "0", in: "eu-central-1", at: Date())
            let store = try store(folder, [rule("one")])
            let (told, tell) = AsyncStream<String>.makeStream()
            await store.start { _, payload, trace in
                tell.yield("\(trace ?? "no trace") \(payload)")
            } bury: { _ in
            }
            try await store.accept([event])
            var deliveries = told.makeAsyncIterator()
            #expect(await deliveries.next() == "Root=1-2-3;Sampled=1 \(event.text)")
            #expect(await store.recent().map(\.id) == [event.id])
            #expect(try await store.replay("another") == false)
            #expect(try await store.replay(event.id))
            #expect(await deliveries.next() == "Root=1-2-3;Sampled=1 \(event.text)")
            await drained(store)
        }
    }

    @Test func `only the last events are remembered`() async throws {
        try await withTemporaryFolder { folder in
            let store = try store(folder, [])
            let all = try (0..<BusStore.mostRemembered + 5).map { _ in try event("T") }
            try await store.accept(all)
            #expect(await store.recent().map(\.id) == all.dropFirst(5).reversed().map(\.id))
            #expect(try await store.replay(all[0].id) == false)
            #expect(try await store.replay(all[5].id))
        }
    }

    @Test func `what was accepted is delivered after the process was killed, in its order`() async throws {
        try await withTemporaryFolder { folder in
            do {
                let killed = try store(folder, [rule("one")])
                for topic in ["A", "B", "C"] { try await killed.accept([event(topic)]) }
                #expect(await killed.pendingCount == 3, "nobody has begun to deliver")
            }
            // As a crash in the middle of a line leaves it.
            let log = try FileHandle(forWritingTo: URL(filePath: folder + "/log"))
            try log.seekToEnd()
            try log.write(contentsOf: Data(#"0badc0de {"accepted":{"_0":{"ev"#.utf8))

            let (second, target) = (try store(folder, [rule("one")]), Target())
            await target.start(second)
            await target.wait { $0.told.count == 3 }
            #expect(target.told.map { $0.contains(#""detail-type":"A""#) } == [true, false, false])
            #expect(target.told.map { $0.contains(#""detail-type":"C""#) } == [false, false, true])
            await drained(second)
            #expect(try await store(folder, [rule("one")]).pendingCount == 0)
        }
    }

    @Test func `a rule that is gone takes along what it was to have`() async throws {
        try await withTemporaryFolder { folder in
            try await store(folder, [rule("one"), rule("two")]).accept([event("A")])
            #expect(try await store(folder, [rule("two")]).pendingCount == 1)
            #expect(try await store(folder, [rule("one"), rule("two")]).pendingCount == 1)
        }
    }

    @Test func `a delivery that fails is tried again, and holds up no other`() async throws {
        try await withTemporaryFolder { folder in
            let (store, target) = (try store(folder, [rule("one")]), Target(failures: 3))
            await target.start(store)
            try await store.accept([event("A")])
            try await store.accept([event("B")])
            await target.wait { $0.told.count == 2 }
            await drained(store)
            #expect(target.letters.isEmpty)
        }
    }

    @Test func `what fails too often goes to the dead letters, with the reason`() async throws {
        try await withTemporaryFolder { folder in
            let rule = try rule("one", retries: .init(most: 2), letters: "arn:aws:sqs:eu-central-1:0:dead")
            let (store, target) = (try store(folder, [rule]), Target(failures: 100))
            let event = try event("A")
            // The queue of the dead letters may be out of reach too.
            await target.start(store, letterFailures: 1)
            try await store.accept([event])
            await target.wait { $0.letters.count == 1 }
            let letter = target.letters[0]
            #expect(letter.queue == "arn:aws:sqs:eu-central-1:0:dead" && letter.body == event.text)
            #expect(letter.attributes["RULE_ARN"] == "arn:one" && letter.attributes["RETRY_ATTEMPTS"] == "3")
            #expect(letter.attributes["TARGET_ARN"] == "arn:function")
            #expect(letter.attributes["EXHAUSTED_RETRY_CONDITION"] == "MaximumRetryAttempts")
            #expect(letter.attributes["ERROR_MESSAGE"] == "refused")
            await drained(store)
            #expect(target.told.isEmpty)
        }
    }

    @Test func `what is too old is tried no more, and its attempts outlive the process`() async throws {
        try await withTemporaryFolder { folder in
            let rules = try [rule("one", retries: .init(most: 5, maximumAgeSeconds: 60), letters: "arn:dead")]
            try await store(folder, rules).accept([event("A")])
            let later = try store(folder, rules) { Date(timeIntervalSinceNow: 61) }
            let target = Target(failures: 1)
            await target.start(later)
            await target.wait { $0.letters.count == 1 }
            #expect(target.letters[0].attributes["EXHAUSTED_RETRY_CONDITION"] == "MaximumEventAgeInSeconds")
            #expect(target.letters[0].attributes["RETRY_ATTEMPTS"] == "0")
        }
    }

    @Test func `the log does not grow with what is done`() async throws {
        try await withTemporaryFolder { folder in
            let (store, target) = (try store(folder, [rule("one")]), Target())
            await target.start(store)
            for _ in 0..<60 { try await store.accept((0..<20).map { _ in try event("A") }) }
            await target.wait { $0.told.count == 1200 }
            await drained(store)
            #expect(try Data(contentsOf: URL(filePath: folder + "/log")).count < 500_000)
        }
    }
}
