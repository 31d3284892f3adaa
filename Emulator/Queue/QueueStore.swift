import Cryptography
public import Foundation
import Groundwork

/// Queues on the disk. A message is durable when its sender is answered, and delivered at least once after
/// that.
public actor QueueStore {
    private let folder: String
    private let now: @Sendable () -> Date
    private let thread = SerialThread("queue")
    private var queues: [String: MessageQueue] = [:]
    private var waiting: [String: [Int: CheckedContinuation<Void, Never>]] = [:]
    private var nextWaiter = 0

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// What a queue's folder holds beside its log.
    private struct Description: Codable {
        let created: Date
        let settings: QueueSettings
    }

    public init(folder: String, now: @escaping @Sendable () -> Date = { Date() }) throws {
        (self.folder, self.now) = (folder, now)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for name in try Durable.names(in: folder) {
            let path = "\(folder)/\(name)"
            guard let content = FileManager.default.contents(atPath: path + "/queue.json") else {
                try FileManager.default.removeItem(atPath: path)
                continue
            }
            let description = try JSONDecoder().decode(Description.self, from: content)
            queues[name] = try MessageQueue(
                name: name, created: description.created, settings: description.settings,
                log: QueueLog(path: path + "/log"))
        }
        try Self.finishMoves(queues)
    }

    /// A crash between writing a message to the dead letters and deleting it from its queue leaves two of it.
    private static func finishMoves(_ queues: [String: MessageQueue]) throws {
        for queue in queues.values {
            guard let redrive = queue.settings.redrive, let target = queues[redrive.deadLetterQueue] else {
                continue
            }
            let moved = queue.messages.keys.filter { target.messages[$0]?.deadLetterSource == queue.name }
            try queue.record(moved.map { .deleted(id: $0) }, synced: true)
        }
    }
}

extension QueueStore {
    public var names: [String] { queues.keys.sorted() }

    /// Makes the queue, or gives one that is there these settings.
    public func declare(_ name: String, _ settings: QueueSettings = QueueSettings()) throws {
        guard Self.isName(name) else {
            throw QueueError.invalid(
                "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
        }
        let path = "\(folder)/\(name)"
        let created = queues[name]?.created ?? now()
        if queues[name] == nil { try Durable.makeFolder(path) }
        let description = try JSONEncoder().encode(Description(created: created, settings: settings))
        try Durable.write(description, to: path + "/queue.json")
        if let queue = queues[name] {
            queue.settings = settings
        } else {
            try Durable.syncFolder(of: path)
            queues[name] = try MessageQueue(
                name: name, created: created, settings: settings, log: QueueLog(path: path + "/log"))
        }
    }

    /// SQS's rule, which also makes the name safe as a folder's.
    static func isName(_ name: String) -> Bool {
        (1...80).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
                default: false
                }
            }
    }

    public func remove(_ name: String) throws {
        _ = try queue(name)
        try Durable.remove("\(folder)/\(name)/queue.json")
        queues[name] = nil
        wake(name)
        try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
    }

    public func settings(of name: String) throws -> QueueSettings { try queue(name).settings }

    public struct Counts: Hashable, Sendable {
        public var visible: Int
        public var inFlight: Int
        public var delayed: Int
        public var created: Date
    }

    public func counts(of name: String) throws -> Counts {
        let queue = try queue(name)
        try dropExpired(queue)
        let counts = queue.counts(at: now())
        return Counts(
            visible: counts.visible, inFlight: counts.inFlight, delayed: counts.delayed,
            created: queue.created)
    }

    public func purge(_ name: String) throws { try queue(name).record([.purged], synced: true) }

    /// Makes all that is in flight visible: for the consumer that knows nobody works on any of it, because it
    /// has just begun.
    public func release(_ name: String) throws {
        let (queue, now) = (try queue(name), now())
        let inFlight = queue.messages.values.filter { $0.receiveCount > 0 && $0.visibleAt > now }
        try queue.record(inFlight.map { .visible(id: $0.id, at: now) }, synced: false)
        wake(name)
    }

    private func queue(_ name: String) throws(QueueError) -> MessageQueue {
        guard let queue = queues[name] else { throw .noSuchQueue }
        return queue
    }

    private func dropExpired(_ queue: MessageQueue) throws {
        try queue.record(queue.expired(at: now()).map { .deleted(id: $0) }, synced: false)
    }
}

extension QueueStore {
    /// A message on its way into a queue.
    public struct Draft: Sendable {
        public var body: String
        public var attributes: [String: MessageAttribute]
        /// Nil leaves it to the queue.
        public var delaySeconds: Int?
        public var traceHeader: String?
        public var senderID: String

        public init(
            body: String, attributes: [String: MessageAttribute] = [:], delaySeconds: Int? = nil,
            traceHeader: String? = nil, senderID: String = "earshelf"
        ) {
            (self.body, self.attributes, self.delaySeconds) = (body, attributes, delaySeconds)
            (self.traceHeader, self.senderID) = (traceHeader, senderID)
        }
    }

    @discardableResult
    public func send(_ name: String, _ draft: Draft) throws -> SentMessage {
        try send(name, [draft])[0]
    }

    /// All of them or none, with one wait for the disk.
    @discardableResult
    public func send(_ name: String, _ drafts: [Draft]) throws -> [SentMessage] {
        let (queue, now) = (try queue(name), now())
        let messages = try drafts.map { draft in
            let delay = draft.delaySeconds ?? queue.settings.delaySeconds
            let message = QueuedMessage(
                id: UUID().uuidString.lowercased(), body: draft.body, attributes: draft.attributes,
                traceHeader: draft.traceHeader, senderID: draft.senderID, sent: now,
                visibleAt: now.addingTimeInterval(TimeInterval(delay)))
            guard message.bytes <= queue.settings.maximumBytes else {
                throw QueueError.tooLong(queue.settings.maximumBytes)
            }
            return message
        }
        try queue.record(messages.map(QueueEvent.sent), synced: true)
        wake(name)
        return messages.map { message in
            SentMessage(
                id: message.id, bodyMD5: MessageDigest.body(message.body),
                attributesMD5: MessageDigest.attributes(message.attributes))
        }
    }

    /// Waits up to `waitSeconds` for a first message; answers nothing when the task is cancelled. Nil leaves
    /// either time to the queue.
    public func receive(
        _ name: String, max: Int = 10, visibilitySeconds: Int? = nil, waitSeconds: Int? = nil
    ) async throws -> [ReceivedMessage] {
        let wait = try waitSeconds ?? queue(name).settings.receiveWaitSeconds
        let end = ContinuousClock.now + .seconds(wait)
        while true {
            let taken = try take(name, max: max, visibilitySeconds: visibilitySeconds)
            let left = end - ContinuousClock.now
            guard taken.isEmpty, left > .zero, !Task.isCancelled else { return taken }
            let due = try queue(name).nextDue.map { Duration.seconds($0.timeIntervalSince(now())) }
            await waitForWork(name, atMost: min(left, Swift.max(due ?? left, .milliseconds(1))))
        }
    }

    private func take(_ name: String, max: Int, visibilitySeconds: Int?) throws -> [ReceivedMessage] {
        let (queue, now) = (try queue(name), now())
        try dropExpired(queue)
        var received: [QueuedMessage] = []
        do {
            while received.count < max {
                let taken = queue.visible(at: now, limit: max - received.count)
                if taken.isEmpty { break }
                received += try buryDead(taken, of: queue, now)
            }
            let seconds = visibilitySeconds ?? queue.settings.visibilityTimeoutSeconds
            let until = now.addingTimeInterval(TimeInterval(seconds))
            let events = received.map { message in
                QueueEvent.received(
                    id: message.id, count: message.receiveCount + 1, at: now, visibleAt: until)
            }
            try queue.record(events, synced: false)
        } catch {
            queue.restore(received)
            throw error
        }
        return received.compactMap { queue.messages[$0.id] }.map { ReceivedMessage($0, of: name, at: now) }
    }

    /// Those that were tried often enough go to the dead letters; the others are returned.
    private func buryDead(
        _ messages: [QueuedMessage], of queue: MessageQueue, _ now: Date
    ) throws -> [QueuedMessage] {
        guard let redrive = queue.settings.redrive, let target = queues[redrive.deadLetterQueue] else {
            return messages
        }
        let dead = messages.filter { $0.receiveCount >= redrive.maximumReceiveCount }
        guard !dead.isEmpty else { return messages }
        do {
            try target.record(dead.map { .sent($0.buried(from: queue.name, at: now)) }, synced: true)
            try queue.record(dead.map { .deleted(id: $0.id) }, synced: true)
        } catch {
            queue.restore(messages)
            throw error
        }
        wake(redrive.deadLetterQueue)
        return messages.filter { $0.receiveCount < redrive.maximumReceiveCount }
    }

    /// Deleting with the receipt of an earlier delivery does nothing: someone else has the message now.
    public func delete(_ name: String, _ receipt: String) throws { try delete(name, [receipt]) }

    /// With one wait for the disk.
    public func delete(_ name: String, _ receipts: [String]) throws {
        let queue = try queue(name)
        let receipts = try receipts.map { try Receipt($0, of: name) }
        let current = receipts.filter { queue.messages[$0.id]?.receiveCount == $0.count }
        try queue.record(current.map { .deleted(id: $0.id) }, synced: true)
    }

    public func changeVisibility(_ name: String, _ receipt: String, seconds: Int) throws {
        let (queue, now) = (try queue(name), now())
        let receipt = try Receipt(receipt, of: name)
        guard let message = queue.messages[receipt.id] else {
            throw QueueError.invalid(
                "Value \(receipt.text) for parameter ReceiptHandle is invalid. Reason: Message does "
                    + "not exist or is "
                    + "not available for visibility timeout change.")
        }
        guard message.receiveCount == receipt.count, message.visibleAt > now else {
            throw QueueError.notInFlight
        }
        let until = now.addingTimeInterval(TimeInterval(seconds))
        try queue.record([.visible(id: receipt.id, at: until)], synced: false)
        wake(name)
    }
}

extension QueueStore {
    /// How many wait for a message.
    var waiterCount: Int { waiting.values.reduce(0) { $0 + $1.count } }

    private func waitForWork(_ name: String, atMost duration: Duration) async {
        let waiter = nextWaiter
        nextWaiter += 1
        let timer = Task {
            try? await Task.sleep(for: duration)
            self.wake(name, waiter)
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { waiting[name, default: [:]][waiter] = $0 }
        } onCancel: {
            timer.cancel()
        }
        timer.cancel()
    }

    private func wake(_ name: String, _ waiter: Int) {
        waiting[name]?.removeValue(forKey: waiter)?.resume()
    }

    private func wake(_ name: String) {
        for continuation in waiting.removeValue(forKey: name)?.values ?? [:].values { continuation.resume() }
    }
}
