import Foundation
import Synchronization
import Testing

@testable import Queue

@Suite struct QueueStoreTests {
    typealias Dice = StorageKeyspaceTests.Dice

    /// A clock that stands until it is moved.
    final class Clock: Sendable {
        private let time = Mutex(Date(timeIntervalSince1970: 1_800_000_000))

        func advance(_ seconds: TimeInterval) { time.withLock { $0 += seconds } }
        var now: @Sendable () -> Date { { self.time.withLock { $0 } } }
    }

    /// Sends, receives, hides, deletes and waits at random, beside a model that says what must be visible;
    /// the store is left as `kill -9` would leave it and opened anew.
    @Test(arguments: UInt64(1)...12)
    func `no accepted message is lost and none deleted returns`(seed: UInt64) async throws {
        try await withTemporaryFolder { folder in
            var (dice, clock) = (Dice(state: seed), Clock())
            var store = try QueueStore(folder: folder, now: clock.now)
            try await store.declare("q", QueueSettings(visibilityTimeoutSeconds: 20))
            var visibleAt: [String: Date] = [:]
            var held: [String: String] = [:]
            for step in 0..<150 {
                switch Int.random(in: 0..<10, using: &dice) {
                case 0..<3:
                    let delay = [0, 0, 15].randomElement(using: &dice)!
                    try await store.send("q", .init(body: "\(step)", delaySeconds: delay))
                    visibleAt["\(step)"] = clock.now().addingTimeInterval(TimeInterval(delay))
                case 3..<6:
                    let count = Int.random(in: 1...10, using: &dice)
                    let got = try await store.receive("q", max: count, waitSeconds: 0)
                    let visible = visibleAt.filter { $0.value <= clock.now() }
                    #expect(got.count == min(count, visible.count) && Set(got.map(\.body)).count == got.count)
                    for message in got {
                        #expect(visible[message.body] != nil)
                        visibleAt[message.body] = clock.now().addingTimeInterval(20)
                        held[message.body] = message.receipt
                    }
                case 6, 7:
                    guard let (body, receipt) = held.randomElement(using: &dice) else { continue }
                    try await store.delete("q", receipt)
                    (held[body], visibleAt[body]) = (nil, nil)
                case 8: clock.advance(TimeInterval.random(in: 1...25, using: &dice))
                default: store = try QueueStore(folder: folder, now: clock.now)
                }
            }
            clock.advance(1000)
            store = try QueueStore(folder: folder, now: clock.now)
            var rest: Set<String> = []
            while case let got = try await store.receive("q", waitSeconds: 0), !got.isEmpty {
                rest.formUnion(got.map(\.body))
            }
            #expect(rest == Set(visibleAt.keys))
        }
    }

    @Test func `a line cut short is left out and those around it are kept`() async throws {
        try await withTemporaryFolder { folder in
            var store = try QueueStore(folder: folder)
            try await store.declare("q")
            try await store.send("q", .init(body: "before"))
            let log = try FileHandle(forWritingTo: URL(filePath: folder + "/q/log"))
            try log.seekToEnd()
            try log.write(contentsOf: Data("0badc0de {\"sent\":{\"_0\":{\"bo".utf8))
            store = try QueueStore(folder: folder)
            try await store.send("q", .init(body: "after"))
            store = try QueueStore(folder: folder)
            #expect(try await Set(store.receive("q").map(\.body)) == ["before", "after"])
        }
    }

    @Test func `a log does not grow with what is gone`() async throws {
        try await withTemporaryFolder { folder in
            var store = try QueueStore(folder: folder)
            try await store.declare("q")
            try await store.send("q", .init(body: "kept", delaySeconds: 900))
            for number in 0..<800 {
                try await store.send("q", .init(body: String(repeating: "x", count: 500) + "\(number)"))
                let got = try await store.receive("q", waitSeconds: 0)
                try await store.delete("q", got.map(\.receipt))
            }
            let path = URL(filePath: folder + "/q/log")
            #expect(try Data(contentsOf: path).count < 700_000)
            store = try QueueStore(folder: folder)
            #expect(try await store.counts(of: "q").delayed == 1)
            #expect(try await store.counts(of: "q").visible == 0)
        }
    }

    @Test func `what fails too often goes to the dead letters, once, whenever the process ends`() async throws
    {
        try await withTemporaryFolder { folder in
            let clock = Clock()
            var store = try QueueStore(folder: folder, now: clock.now)
            try await store.declare("dead")
            let redrive = QueueSettings.Redrive(deadLetterQueue: "dead", maximumReceiveCount: 2)
            try await store.declare("q", QueueSettings(redrive: redrive))
            try await store.send("q", .init(body: "poison"))
            let before = try Data(contentsOf: URL(filePath: folder + "/q/log"))
            for count in 1...2 {
                #expect(try await store.receive("q").map(\.receiveCount) == [count])
                clock.advance(31)
            }
            #expect(try await store.receive("q", waitSeconds: 0).isEmpty)
            // As if the process had ended between the two logs: the message is in both.
            try before.write(to: URL(filePath: folder + "/q/log"))
            store = try QueueStore(folder: folder, now: clock.now)
            #expect(try await store.receive("q", waitSeconds: 0).isEmpty)
            let dead = try await store.receive("dead")
            #expect(dead.map(\.body) == ["poison"] && dead.first?.deadLetterSource == "q")
        }
    }

    @Test func `a message nobody takes in time is dropped`() async throws {
        try await withTemporaryFolder { folder in
            let clock = Clock()
            let store = try QueueStore(folder: folder, now: clock.now)
            try await store.declare("q", QueueSettings(retentionSeconds: 60))
            try await store.send("q", .init(body: "old"))
            clock.advance(59)
            try await store.send("q", .init(body: "young"))
            clock.advance(2)
            #expect(try await store.receive("q").map(\.body) == ["young"])
        }
    }

    @Test func `one who waits is woken by a message, by its visibility, by its end and by cancellation`()
        async throws
    {
        try await withTemporaryFolder { folder in
            let store = try QueueStore(folder: folder)
            try await store.declare("q")
            async let first = store.receive("q", waitSeconds: 20)
            try await store.send("q", .init(body: "sent"))
            let got = try await first
            #expect(got.map(\.body) == ["sent"])
            async let second = store.receive("q", waitSeconds: 20)
            try await store.changeVisibility("q", got[0].receipt, seconds: 0)
            let again = try await second
            #expect(again.map(\.receiveCount) == [2])
            let third = Task { try await store.receive("q", waitSeconds: 20) }
            third.cancel()
            #expect(try await third.value.isEmpty)
            async let last = store.receive("q", waitSeconds: 20)
            try await store.release("q")
            let released = try await last
            #expect(released.map(\.receiveCount) == [3])
            let orphan = Task { try await store.receive("q", waitSeconds: 20) }
            while await store.waiterCount == 0 { await Task.yield() }
            try await store.remove("q")
            await #expect(throws: QueueError.noSuchQueue) { try await orphan.value }
        }
    }

    @Test(.enabled(if: Tmpfs.isPossible))
    func `a full disk refuses a message and keeps those accepted`() async throws {
        try await withTemporaryFolder { folder in
            let disk = try Tmpfs(folder, megabytes: 3)
            defer { disk.unmount() }
            var store = try QueueStore(folder: folder)
            try await store.declare("q")
            var accepted: Set<String> = []
            for number in 0..<6 {
                let body = "\(number) " + String(repeating: "x", count: 900_000)
                if (try? await store.send("q", .init(body: body))) != nil { accepted.insert(body) }
            }
            #expect((1..<6).contains(accepted.count))
            #expect(try await Set(store.receive("q").map(\.body)) == accepted)
            store = try QueueStore(folder: folder)
            try await store.release("q")
            #expect(try await Set(store.receive("q").map(\.body)) == accepted)
        }
    }
}
