import Foundation
import Groundwork

/// Sending, receiving, deleting and hiding, one by one and in batches.
extension QueueCall {
    func send() async throws -> QueueDocument.Sent {
        let sent = try await store.send(queueName(), draft(decoded()))
        return QueueDocument.Sent(
            messageId: sent.id, mD5OfMessageBody: sent.bodyMD5, mD5OfMessageAttributes: sent.attributesMD5)
    }

    /// What is wrong with one entry is its own failure; a batch that is too large as a whole fails as one.
    func sendBatch() async throws -> QueueDocument.Outcome<QueueDocument.Sent> {
        let (name, entries) = (try queueName(), try entries(of: QueueDocument.Message.self, id: \.id))
        let limit = try await store.settings(of: name).maximumBytes
        let bytes = entries.reduce(0) { $0 + ($1.entry.messageBody?.utf8.count ?? 0) }
        guard bytes <= QueueSettings.maximumBytes.upperBound else {
            throw QueueError(
                "BatchRequestTooLong", code: "AWS.SimpleQueueService.BatchRequestTooLong",
                "Batch requests cannot be longer than 1048576 bytes. You have sent \(bytes) bytes.")
        }
        var drafts: [(id: String, draft: QueueStore.Draft)] = []
        var failed: [QueueDocument.Failed] = []
        for (id, entry) in entries {
            do throws(QueueError) {
                let draft = try draft(entry)
                guard draft.bytes <= limit else { throw .tooLong(limit) }
                drafts.append((id, draft))
            } catch {
                failed.append(failure(id, error))
            }
        }
        let sent = try await store.send(name, drafts.map(\.draft))
        let successful = zip(drafts, sent).map { draft, sent in
            QueueDocument.Sent(
                id: draft.id, messageId: sent.id, mD5OfMessageBody: sent.bodyMD5,
                mD5OfMessageAttributes: sent.attributesMD5)
        }
        return QueueDocument.Outcome(successful: successful, failed: failed)
    }

    private func draft(_ message: QueueDocument.Message) throws(QueueError) -> QueueStore.Draft {
        guard let body = message.messageBody, !body.isEmpty else { throw .missing("MessageBody") }
        guard Self.isAllowed(body) else {
            throw QueueError(
                "InvalidMessageContents",
                "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to "
                    + "#xD7FF | #xE000 to "
                    + "#xFFFD | #x10000 to #x10FFFF")
        }
        guard message.messageGroupId == nil, message.messageDeduplicationId == nil else {
            throw .invalid(
                "MessageGroupId and MessageDeduplicationId are of FIFO queues, which are not kept here.")
        }
        if let delay = message.delaySeconds, !QueueSettings.delaySeconds.contains(delay) {
            throw .invalid(
                "Value \(delay) for parameter DelaySeconds is invalid. Reason: Must be between 0 and 900.")
        }
        let system = message.messageSystemAttributes ?? [:]
        guard system.keys.allSatisfy({ $0 == "AWSTraceHeader" }) else {
            throw .invalid("The only system attribute a sender may give is AWSTraceHeader.")
        }
        var attributes: [String: MessageAttribute] = [:]
        for (name, value) in message.messageAttributes ?? [:] {
            attributes[name] = try MessageAttribute(name, value)
        }
        guard attributes.count <= 10 else {
            throw .invalid(
                "Number of message attributes [\(attributes.count)] exceeds the allowed maximum [10].")
        }
        return QueueStore.Draft(
            body: body, attributes: attributes, delaySeconds: message.delaySeconds,
            traceHeader: system["AWSTraceHeader"]?.stringValue, senderID: senderID)
    }

    static func isAllowed(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            switch scalar.value {
            case 0x9, 0xA, 0xD, 0x20...0xD7FF, 0xE000...0xFFFD, 0x10000...0x10FFFF: true
            default: false
            }
        }
    }

    private struct Messages: Encodable { let messages: [QueueDocument.Received]? }

    func receive() async throws -> some Encodable {
        let (name, asked) = (try queueName(), try decoded(QueueDocument.Receive.self))
        let count = asked.maxNumberOfMessages ?? 1
        guard (1...10).contains(count) else {
            throw QueueError.invalid(
                "Value \(count) for parameter MaxNumberOfMessages is invalid. Reason: Must be "
                    + "between 1 and 10, if "
                    + "provided.")
        }
        if let wait = asked.waitTimeSeconds, !QueueSettings.waitSeconds.contains(wait) {
            throw QueueError.invalid(
                "Value \(wait) for parameter WaitTimeSeconds is invalid. Reason: Must be >= 0 and "
                    + "<= 20, if provided.")
        }
        try checkVisibility(asked.visibilityTimeout)
        let system = Set((asked.attributeNames ?? []) + (asked.messageSystemAttributeNames ?? []))
        let received = try await store.receive(
            name, max: count, visibilitySeconds: asked.visibilityTimeout, waitSeconds: asked.waitTimeSeconds)
        let messages = received.map { document($0, system: system, named: asked.messageAttributeNames ?? []) }
        return Messages(messages: messages.isEmpty ? nil : messages)
    }

    private func document(
        _ message: ReceivedMessage, system: Set<String>, named names: [String]
    ) -> QueueDocument.Received {
        var all = [
            "SenderId": message.senderID, "SentTimestamp": Self.milliseconds(message.sent),
            "ApproximateReceiveCount": String(message.receiveCount),
            "ApproximateFirstReceiveTimestamp": Self.milliseconds(message.firstReceived),
        ]
        all["AWSTraceHeader"] = message.traceHeader
        all["DeadLetterQueueSourceArn"] = message.deadLetterSource.map(arn)
        let told = system.contains("All") ? all : all.filter { system.contains($0.key) }
        let attributes = message.attributes.filter { name, _ in
            names.contains { asked in
                asked == "All" || asked == name
                    || (asked.hasSuffix(".*") && name.hasPrefix(asked.dropLast()))
            }
        }
        return QueueDocument.Received(
            messageId: message.id, receiptHandle: message.receipt, mD5OfBody: message.bodyMD5,
            body: message.body, attributes: told.isEmpty ? nil : told,
            mD5OfMessageAttributes: MessageDigest.attributes(attributes),
            messageAttributes: attributes.isEmpty ? nil : attributes.mapValues(\.document))
    }

    private static func milliseconds(_ date: Date) -> String {
        String(Int(date.timeIntervalSince1970 * 1000))
    }

    func delete() async throws {
        guard let receipt = try decoded(QueueDocument.Delivery.self).receiptHandle else {
            throw QueueError.missing("ReceiptHandle")
        }
        try await store.delete(queueName(), receipt)
    }

    func deleteBatch() async throws -> QueueDocument.Outcome<QueueDocument.Done> {
        try await each { name, entry in
            guard let receipt = entry.receiptHandle else { throw QueueError.missing("ReceiptHandle") }
            try await store.delete(name, receipt)
        }
    }

    func changeVisibility() async throws {
        let document = try decoded(QueueDocument.Delivery.self)
        try await changeVisibility(queueName(), document)
    }

    func changeVisibilityBatch() async throws -> QueueDocument.Outcome<QueueDocument.Done> {
        try await each(changeVisibility)
    }

    private func changeVisibility(_ name: String, _ document: QueueDocument.Delivery) async throws {
        guard let receipt = document.receiptHandle else { throw QueueError.missing("ReceiptHandle") }
        guard let seconds = document.visibilityTimeout else { throw QueueError.missing("VisibilityTimeout") }
        try checkVisibility(seconds)
        try await store.changeVisibility(name, receipt, seconds: seconds)
    }

    private func checkVisibility(_ seconds: Int?) throws(QueueError) {
        guard let seconds, !QueueSettings.visibilitySeconds.contains(seconds) else { return }
        throw .invalid(
            "Value \(seconds) for parameter VisibilityTimeout is invalid. Reason: Must be between 0 "
                + "and 43200.")
    }

    private func each(
        _ work: (String, QueueDocument.Delivery) async throws -> Void
    ) async throws -> QueueDocument.Outcome<QueueDocument.Done> {
        let name = try queueName()
        _ = try await store.settings(of: name)
        var (successful, failed): ([QueueDocument.Done], [QueueDocument.Failed]) = ([], [])
        for (id, entry) in try entries(of: QueueDocument.Delivery.self, id: \.id) {
            do {
                try await work(name, entry)
                successful.append(QueueDocument.Done(id: id))
            } catch let error as QueueError {
                failed.append(failure(id, error))
            }
        }
        return QueueDocument.Outcome(successful: successful, failed: failed)
    }

    private func failure(_ id: String, _ error: QueueError) -> QueueDocument.Failed {
        QueueDocument.Failed(id: id, senderFault: true, code: error.name, message: error.message)
    }

    /// One to ten, each under an id of its own.
    private func entries<Entry: Decodable>(
        of: Entry.Type, id: KeyPath<Entry, String?>
    ) throws -> [(id: String, entry: Entry)] {
        let entries = try decoded(QueueDocument.Batch<Entry>.self).entries ?? []
        guard !entries.isEmpty else {
            throw QueueError(
                "EmptyBatchRequest", code: "AWS.SimpleQueueService.EmptyBatchRequest",
                "There should be at least one entry in the request.")
        }
        guard entries.count <= 10 else {
            throw QueueError(
                "TooManyEntriesInBatchRequest", code: "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
                "Maximum number of entries per request are 10. You have sent \(entries.count).")
        }
        let ids = entries.compactMap { $0[keyPath: id] }
        guard ids.count == entries.count, ids.allSatisfy(QueueStore.isName) else {
            throw QueueError(
                "InvalidBatchEntryId", code: "AWS.SimpleQueueService.InvalidBatchEntryId",
                "A batch entry id can only contain alphanumeric characters, hyphens and "
                    + "underscores. It can be at most "
                    + "80 letters long.")
        }
        guard Set(ids).count == ids.count else {
            throw QueueError(
                "BatchEntryIdsNotDistinct", code: "AWS.SimpleQueueService.BatchEntryIdsNotDistinct",
                "Two or more batch entries in the request have the same Id.")
        }
        return Array(zip(ids, entries))
    }
}

extension QueueStore.Draft {
    var bytes: Int {
        attributes.reduce(body.utf8.count) { sum, attribute in
            sum + attribute.key.utf8.count + attribute.value.type.utf8.count
                + attribute.value.value.bytes.count
        }
    }
}

extension MessageAttribute {
    fileprivate init(_ name: String, _ document: QueueDocument.Attribute) throws(QueueError) {
        let isName =
            !name.isEmpty && name.utf8.count <= 256
            && name.utf8.allSatisfy { QueueStore.isName(String(UnicodeScalar($0))) || $0 == 0x2E }
        guard isName, !name.lowercased().hasPrefix("aws."), !name.lowercased().hasPrefix("amazon.") else {
            throw .invalid("The message attribute name '\(name)' is invalid.")
        }
        let type = document.dataType ?? ""
        switch (type.split(separator: ".").first.map(String.init), document.stringValue, document.binaryValue)
        {
        case ("String", let text?, nil) where !text.isEmpty && QueueCall.isAllowed(text):
            self.init(type: type, value: .text(text))
        case ("Number", let text?, nil) where Double(text) != nil:
            self.init(type: type, value: .text(text))
        case ("Binary", nil, let bytes?) where !bytes.isEmpty:
            self.init(type: type, value: .binary(Array(bytes)))
        default:
            throw .invalid(
                "The message attribute '\(name)' must have a type and the one value that the type names.")
        }
    }

    fileprivate var document: QueueDocument.Attribute {
        switch value {
        case .text(let text): QueueDocument.Attribute(dataType: type, stringValue: text, binaryValue: nil)
        case .binary(let bytes):
            QueueDocument.Attribute(dataType: type, stringValue: nil, binaryValue: Data(bytes))
        }
    }
}
