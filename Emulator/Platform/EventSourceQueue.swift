import Foundation
public import Logging
public import Template

/// A message in the hands of one receiver.
public struct QueueDelivery: Hashable, Sendable {
    public var messageID: String
    public var receiptHandle: String
    public var body: String
    public var md5OfBody: String
    /// `ApproximateReceiveCount`, `SentTimestamp`, `AWSTraceHeader` …
    public var attributes: [String: String]
    public var messageAttributes: [String: Attribute]

    public struct Attribute: Hashable, Sendable {
        public var dataType: String
        public var stringValue: String?
        public var binaryValue: [UInt8]?

        public init(dataType: String, stringValue: String? = nil, binaryValue: [UInt8]? = nil) {
            self.dataType = dataType
            self.stringValue = stringValue
            self.binaryValue = binaryValue
        }
    }

    public init(
        messageID: String, receiptHandle: String, body: String, md5OfBody: String,
        attributes: [String: String] = [:], messageAttributes: [String: Attribute] = [:]
    ) {
        self.messageID = messageID
        self.receiptHandle = receiptHandle
        self.body = body
        self.md5OfBody = md5OfBody
        self.attributes = attributes
        self.messageAttributes = messageAttributes
    }
}

/// What an event source mapping needs of one queue.
public protocol QueueSource: Sendable {
    /// Waits up to `waitSeconds` for the first message; ends early when the task is cancelled.
    func receive(maximum: Int, waitSeconds: Int) async throws -> [QueueDelivery]
    func delete(_ receiptHandle: String) async throws
    /// 0 shows the message to the next receiver at once.
    func changeVisibility(_ receiptHandle: String, seconds: Int) async throws
}

/// An event source mapping: hands the messages of one queue to one function, in batches.
///
/// What succeeded is deleted; what failed comes back when its visibility timeout is over.
/// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
public struct QueueEventSource: Sendable {
    private let trigger: QueueTrigger
    private let function: String
    private let region: String
    private let visibilitySeconds: Int
    private let queue: any QueueSource
    private let invoker: any FunctionInvoker
    private let logger: Logger

    /// How many batches may be under way where the trigger sets no limit. The platform begins with five.
    static let defaultConcurrency = 5
    static let longestWaitSeconds = 20
    static let firstBackoff = Duration.milliseconds(100)
    static let longestBackoff = Duration.seconds(5)

    /// `visibilitySeconds`: of the queue; a throttled batch is held no longer than that.
    public init(
        _ trigger: QueueTrigger, function: String, region: String, visibilitySeconds: Int,
        queue: any QueueSource, invoker: any FunctionInvoker, logger: Logger
    ) {
        self.trigger = trigger
        self.function = function
        self.region = region
        self.visibilitySeconds = visibilitySeconds
        self.queue = queue
        self.invoker = invoker
        self.logger = logger
    }

    /// Polls until cancelled. Each of the pollers has one batch at a time, so there are never more than those
    /// under way.
    public func run() async {
        guard trigger.enabled else { return }
        await withDiscardingTaskGroup { group in
            for _ in 0..<max(1, trigger.maximumConcurrency ?? Self.defaultConcurrency) {
                group.addTask { await poll() }
            }
        }
    }

    private func poll() async {
        var backoff = Self.firstBackoff
        while !Task.isCancelled {
            let succeeded: Bool
            do {
                let batch = try await nextBatch()
                guard !batch.isEmpty else { continue }
                succeeded = await handle(batch)
            } catch is CancellationError {
                return
            } catch {
                logger.error("the queue cannot be read", metadata: ["reason": "\(error)"])
                succeeded = false
            }
            if succeeded {
                backoff = Self.firstBackoff
            } else {
                try? await Task.sleep(for: backoff)
                backoff = min(backoff * 2, Self.longestBackoff)
            }
        }
    }

    /// One receive gives ten at most; with a window they are gathered until it is over or the batch is full.
    private func nextBatch() async throws -> [QueueDelivery] {
        var batch = try await queue.receive(
            maximum: min(10, trigger.batchSize), waitSeconds: Self.longestWaitSeconds)
        let windowEnds = ContinuousClock.now + .seconds(trigger.batchingWindowSeconds)
        while !batch.isEmpty, batch.count < trigger.batchSize, !Task.isCancelled {
            let left = (windowEnds - .now) / .seconds(1)
            guard left > 0 else { break }
            let more = try await queue.receive(
                maximum: min(10, trigger.batchSize - batch.count),
                waitSeconds: min(Self.longestWaitSeconds, Int(left.rounded(.up))))
            if more.isEmpty, left < 1 { break }
            batch += more
        }
        return batch
    }

    /// Whether the function took the batch, as a whole or in part.
    private func handle(_ batch: [QueueDelivery]) async -> Bool {
        let failed = await failures(of: batch)
        for message in batch {
            do {
                if !failed.contains(message.messageID) {
                    try await queue.delete(message.receiptHandle)
                } else if Task.isCancelled {
                    // The platform is going down: the next start need not wait for the timeout.
                    try await queue.changeVisibility(message.receiptHandle, seconds: 0)
                }
            } catch {
                let metadata: Logger.Metadata = ["message": "\(message.messageID)", "reason": "\(error)"]
                logger.error("the queue cannot be told of a message", metadata: metadata)
            }
        }
        if !failed.isEmpty {
            logger.warning(
                "messages failed", metadata: ["function": "\(function)", "failed": "\(failed.count)"])
        }
        return failed.count < batch.count
    }

    private func failures(of batch: [QueueDelivery]) async -> Set<String> {
        let all = Set(batch.map(\.messageID))
        let payload = QueueEvent.payload(of: batch, queueARN: trigger.queueARN, region: region)
        switch await outcome(of: payload, trace: batch.first?.attributes["AWSTraceHeader"]) {
        case .response(let answer, _):
            return trigger.reportsBatchItemFailures ? QueueEvent.failures(in: answer, of: all) : []
        case .tooLarge where batch.count > 1:
            let half = batch.count / 2
            let first = await failures(of: Array(batch[..<half]))
            return first.union(await failures(of: Array(batch[half...])))
        case .functionError, .throttled, .noSuchFunction, .tooLarge: return all
        }
    }

    /// Throttled, the batch is offered again, less and less often, for as long as nobody else can receive it.
    private func outcome(of payload: [UInt8], trace: String?) async -> InvocationOutcome {
        let end = ContinuousClock.now + .seconds(visibilitySeconds)
        var backoff = Self.firstBackoff
        while true {
            let outcome = await invoker.invoke(function, payload: payload, traceID: trace)
            guard case .throttled = outcome, .now + backoff < end else { return outcome }
            guard (try? await Task.sleep(for: backoff)) != nil else { return outcome }
            backoff = min(backoff * 2, Self.longestBackoff)
        }
    }
}
