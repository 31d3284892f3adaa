import Foundation
import Platform
import Queue

/// One queue of the store, as an event source mapping sees it.
struct StoreQueue: QueueSource {
    let store: QueueStore
    let name: String

    func receive(maximum: Int, waitSeconds: Int) async throws -> [QueueDelivery] {
        let received = try await store.receive(name, max: maximum, waitSeconds: waitSeconds)
        return received.map { message in
            QueueDelivery(
                messageID: message.id, receiptHandle: message.receipt, body: message.body,
                md5OfBody: message.bodyMD5, attributes: Self.system(message),
                messageAttributes: message.attributes.mapValues(Self.attribute))
        }
    }

    func delete(_ receiptHandle: String) async throws {
        try await store.delete(name, receiptHandle)
    }

    func changeVisibility(_ receiptHandle: String, seconds: Int) async throws {
        try await store.changeVisibility(name, receiptHandle, seconds: seconds)
    }

    private static func system(_ message: ReceivedMessage) -> [String: String] {
        func milliseconds(_ date: Date) -> String { "\(Int64(date.timeIntervalSince1970 * 1000))" }
        var attributes = [
            "ApproximateReceiveCount": "\(message.receiveCount)", "SenderId": message.senderID,
            "SentTimestamp": milliseconds(message.sent),
            "ApproximateFirstReceiveTimestamp": milliseconds(message.firstReceived),
        ]
        attributes["AWSTraceHeader"] = message.traceHeader
        return attributes
    }

    private static func attribute(_ attribute: MessageAttribute) -> QueueDelivery.Attribute {
        switch attribute.value {
        case .text(let text): .init(dataType: attribute.type, stringValue: text)
        case .binary(let bytes): .init(dataType: attribute.type, binaryValue: bytes)
        }
    }
}
