import Foundation
import Synchronization
import Template
import Testing

@testable import Platform

private func change(_ key: String, _ eventName: String = "ObjectCreated:Put") -> StorageChange {
    StorageChange(
        bucket: "media", key: key, eventName: eventName, bytes: 7, etag: "abc",
        sequencer: "0062E99A88DC407460",
        time: Date(timeIntervalSince1970: 1_800_000_000.125))
}

private func function(_ name: String, _ triggers: StorageTrigger...) -> Function {
    Function(logicalID: name, name: name, arn: "arn", storageTriggers: triggers)
}

@Suite struct StorageEventTests {
    @Test(
        arguments: [
            ("u/1/a.m4b", "ObjectCreated:Put", ["all", "books"]),
            ("u/1/a.m4b", "ObjectCreated:CompleteMultipartUpload", ["all", "books"]),
            ("u/1/a.mp3", "ObjectCreated:Put", ["all"]), ("x/a.m4b", "ObjectCreated:Copy", ["all"]),
            ("u/1/a.m4b", "ObjectRemoved:Delete", ["removed"]), ("u/1/a.m4b", "ObjectRestore:Post", []),
        ])
    func `a change goes to the functions whose filter it passes`(
        key: String, eventName: String, expected: [String]
    ) async throws {
        let told = Mutex<[String]>([])
        let template = Template(functions: [
            function("all", StorageTrigger(name: "A", bucket: "media", events: ["s3:ObjectCreated:*"])),
            function(
                "books",
                StorageTrigger(
                    name: "B", bucket: "media", events: ["s3:ObjectCreated:*"], prefix: "u/",
                    suffix: ".m4b")),
            function("other", StorageTrigger(name: "C", bucket: "other", events: ["s3:ObjectCreated:*"])),
            function(
                "removed", StorageTrigger(name: "D", bucket: "media", events: ["s3:ObjectRemoved:Delete"])),
        ])
        let source = StorageEventSource(template, place: Place()) { function, _ in
            told.withLock { $0.append(function) }
        }
        try await source.notify(change(key, eventName))
        #expect(told.withLock { $0.sorted() } == expected)
    }

    @Test func `the event is S3's, its key form-encoded once`() throws {
        let source = StorageEventSource(Template(), place: Place()) { _, _ in }
        let bytes = source.event(of: change("u/a b+c/é%2F*~.m4b"), configuration: "Stored")
        let event = try JSONDecoder().decode(JSONValue.self, from: Data(bytes))
        guard case .array(let records) = event["Records"], let record = records.first else {
            Issue.record("no record")
            return
        }
        #expect(record["eventVersion"] == "2.1")
        #expect(record["eventTime"] == "2027-01-15T08:00:00.125Z")
        #expect(record["eventName"] == "ObjectCreated:Put")
        #expect(record["s3"]?["configurationId"] == "Stored")
        #expect(record["s3"]?["bucket"]?["arn"] == "arn:aws:s3:::media")
        #expect(record["s3"]?["object"]?["key"] == "u/a+b%2Bc/%C3%A9%252F*%7E.m4b")
        #expect(record["s3"]?["object"]?["size"] == .integer(7))
        #expect(record["s3"]?["object"]?["sequencer"] == "0062E99A88DC407460")
    }
}

/// A queue that is a list: what was received is in hand until it is deleted or shown again.
private final class ListQueue: QueueSource {
    struct State {
        var waiting: [String]
        var deleted: [String] = []
        var shown: [String] = []
        var largest = 0
    }

    let state: Mutex<State>

    init(_ bodies: [String]) { state = Mutex(State(waiting: bodies)) }

    func receive(maximum: Int, waitSeconds: Int) async throws -> [QueueDelivery] {
        let bodies = state.withLock { state in
            let taken = Array(state.waiting.prefix(maximum))
            state.waiting.removeFirst(taken.count)
            return taken
        }
        if bodies.isEmpty { try await Task.sleep(for: .seconds(3600)) }
        return bodies.map {
            QueueDelivery(
                messageID: $0, receiptHandle: "handle-\($0)", body: $0, md5OfBody: "",
                attributes: ["AWSTraceHeader": "Root=1"],
                messageAttributes: ["kind": .init(dataType: "String", stringValue: "x")])
        }
    }

    func delete(_ receiptHandle: String) async throws {
        state.withLock { $0.deleted.append(receiptHandle) }
    }

    func changeVisibility(_ receiptHandle: String, seconds: Int) async throws {
        state.withLock { $0.shown.append(receiptHandle) }
    }
}

private func batch(_ call: RecordingInvoker.Call) -> [String] {
    let records = call.event["Records"] as? [[String: Any]] ?? []
    return records.compactMap { $0["messageId"] as? String }
}

@Suite struct QueueEventTests {
    static let all: Set<String> = ["a", "b", "c"]

    @Test(
        arguments: [
            ("", []), ("null", []), ("{}", []), (#""""#, []), ("[]", []), (#"{"batchItemFailures":[]}"#, []),
            (#"{"batchItemFailures":null}"#, []), (#"{"other":1}"#, []),
            (#"{"batchItemFailures":[{"itemIdentifier":"b"}]}"#, ["b"]),
            (#"{"batchItemFailures":[{"itemIdentifier":"b"},{"itemIdentifier":"b"}]}"#, ["b"]),
            (#"{"batchItemFailures":[{"itemIdentifier":""}]}"#, all),
            (#"{"batchItemFailures":[{"itemIdentifier":null}]}"#, all),
            (#"{"batchItemFailures":[{"item":"a"}]}"#, all), (#"{"batchItemFailures":["a"]}"#, all),
            (#"{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"z"}]}"#, all),
            (#"{"batchItemFailures":"a"}"#, all), ("no json", all), ("7", all),
        ] as [(String, Set<String>)])
    func `an answer says which messages failed`(answer: String, expected: Set<String>) {
        #expect(QueueEvent.failures(in: Array(answer.utf8), of: Self.all) == expected)
    }

    /// Runs the mapping until the condition holds.
    private func run(
        _ trigger: QueueTrigger, _ queue: ListQueue, _ invoker: RecordingInvoker, until: () -> Bool
    ) async {
        let source = QueueEventSource(
            trigger, function: "f", region: "eu-central-1", visibilitySeconds: 30, queue: queue,
            invoker: invoker, logger: quiet)
        let running = Task { await source.run() }
        while !until() { await Task.yield() }
        running.cancel()
        await running.value
    }

    @Test func `what succeeded is deleted, what failed is left to its timeout`() async {
        let queue = ListQueue(["a", "b", "c"])
        let invoker = RecordingInvoker(answering: #"{"batchItemFailures":[{"itemIdentifier":"b"}]}"#)
        let trigger = QueueTrigger(
            name: "Q", queueARN: "arn:aws:sqs:eu-central-1:0:q", maximumConcurrency: 1,
            reportsBatchItemFailures: true)
        await run(trigger, queue, invoker) { queue.state.withLock { $0.deleted.count } == 2 }
        #expect(queue.state.withLock { $0.deleted } == ["handle-a", "handle-c"])
        #expect(invoker.calls.count == 1)
        #expect(invoker.calls.first?.traceID == "Root=1")
        let record = (invoker.event["Records"] as? [[String: Any]])?.first
        #expect(record?["eventSourceARN"] as? String == "arn:aws:sqs:eu-central-1:0:q")
        let attributes = record?["messageAttributes"] as? [String: [String: Any]]
        #expect(attributes?["kind"]?["stringValue"] as? String == "x")
    }

    @Test func `without reports every answer is a success and every error a failure of all`() async {
        let queue = ListQueue(["a", "b", "c", "d"])
        let invoker = RecordingInvoker { call in
            batch(call) == ["a", "b"]
                ? .functionError(type: "Runtime.ExitError", payload: [], log: [])
                : .response(Array(#"{"batchItemFailures":[{"itemIdentifier":"c"}]}"#.utf8), log: [])
        }
        let trigger = QueueTrigger(name: "Q", queueARN: "arn", batchSize: 2, maximumConcurrency: 1)
        await run(trigger, queue, invoker) { queue.state.withLock { $0.deleted.count } == 2 }
        #expect(queue.state.withLock { $0.deleted } == ["handle-c", "handle-d"])
        #expect(invoker.calls.map(batch) == [["a", "b"], ["c", "d"]])
    }

    @Test func `no more batches are under way than the cap`() async {
        let queue = ListQueue((0..<20).map { "\($0)" })
        let underWay = Mutex((now: 0, most: 0))
        let invoker = RecordingInvoker { _ in
            underWay.withLock {
                $0.now += 1
                $0.most = max($0.most, $0.now)
            }
            for _ in 0..<50 { await Task.yield() }
            underWay.withLock { $0.now -= 1 }
            return .response([], log: [])
        }
        let trigger = QueueTrigger(name: "Q", queueARN: "arn", batchSize: 1, maximumConcurrency: 2)
        await run(trigger, queue, invoker) { queue.state.withLock { $0.deleted.count } == 20 }
        #expect(underWay.withLock { $0.most } <= 2)
    }

    @Test func `a throttled batch is offered again, one too large in halves`() async {
        let queue = ListQueue(["a", "b", "c"])
        let refusals = Mutex(2)
        let invoker = RecordingInvoker { call in
            if batch(call).count > 1 { return .tooLarge }
            let isRefused = refusals.withLock { left in
                left -= 1
                return left >= 0
            }
            return isRefused ? .throttled : .response([], log: [])
        }
        let trigger = QueueTrigger(name: "Q", queueARN: "arn", maximumConcurrency: 1)
        await run(trigger, queue, invoker) { queue.state.withLock { $0.deleted.count } == 3 }
        #expect(
            invoker.calls.map(batch) == [["a", "b", "c"], ["a"], ["a"], ["a"], ["b", "c"], ["b"], ["c"]])
    }

    @Test func `a window gathers a batch larger than one receive`() async {
        let queue = ListQueue((0..<15).map { "\($0)" })
        let trigger = QueueTrigger(
            name: "Q", queueARN: "arn", batchSize: 15, batchingWindowSeconds: 300, maximumConcurrency: 1)
        let invoker = RecordingInvoker(answering: "null")
        await run(trigger, queue, invoker) { queue.state.withLock { $0.deleted.count } == 15 }
        #expect(invoker.calls.map { batch($0).count } == [15])
    }

    @Test func `what was in hand when the platform stops is shown again`() async {
        let queue = ListQueue(["a"])
        let (started, starting) = AsyncStream<Void>.makeStream()
        let invoker = RecordingInvoker { _ in
            starting.yield()
            try? await Task.sleep(for: .seconds(3600))
            return .functionError(type: "Sandbox.Timedout", payload: [], log: [])
        }
        let source = QueueEventSource(
            QueueTrigger(name: "Q", queueARN: "arn"), function: "f", region: "r", visibilitySeconds: 30,
            queue: queue, invoker: invoker, logger: quiet)
        let running = Task { await source.run() }
        for await _ in started { break }
        running.cancel()
        await running.value
        #expect(queue.state.withLock { $0.shown } == ["handle-a"])
        #expect(queue.state.withLock { $0.deleted } == [])
    }
}
