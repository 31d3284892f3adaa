import Cryptography
public import Foundation

/// What a sender says beside the body.
public struct MessageAttribute: Codable, Hashable, Sendable {
    public enum Value: Codable, Hashable, Sendable {
        case text(String)
        case binary([UInt8])

        var bytes: [UInt8] {
            switch self {
            case .text(let text): Array(text.utf8)
            case .binary(let bytes): bytes
            }
        }
    }

    /// `String`, `Number` or `Binary`, perhaps with a label of the sender's own: `Number.float`.
    public let type: String
    public let value: Value

    public init(type: String, value: Value) { (self.type, self.value) = (type, value) }
}

/// A message as it lies in its queue.
struct QueuedMessage: Codable, Hashable, Sendable {
    let id: String
    let body: String
    let attributes: [String: MessageAttribute]
    /// `AWSTraceHeader`, if the sender gave one.
    let traceHeader: String?
    let senderID: String
    let sent: Date
    var visibleAt: Date
    var receiveCount = 0
    var firstReceived: Date?
    /// The queue whose deliveries of it failed.
    var deadLetterSource: String?

    var bytes: Int {
        attributes.reduce(body.utf8.count) { sum, attribute in
            sum + attribute.key.utf8.count + attribute.value.type.utf8.count
                + attribute.value.value.bytes.count
        }
    }
}

extension QueuedMessage {
    /// As it begins anew in the queue of dead letters. It keeps its id, so that moving it twice makes one of
    /// it.
    func buried(from queue: String, at now: Date) -> QueuedMessage {
        var message = self
        (message.visibleAt, message.receiveCount, message.firstReceived) = (now, 0, nil)
        message.deadLetterSource = queue
        return message
    }
}

/// The answer to a send.
public struct SentMessage: Sendable {
    public let id: String
    public let bodyMD5: String
    /// Nil without attributes.
    public let attributesMD5: String?
}

/// A message in flight: whoever holds its receipt may delete it, until it becomes visible again.
public struct ReceivedMessage: Sendable {
    public let id: String
    public let receipt: String
    public let body: String
    public let attributes: [String: MessageAttribute]
    public let traceHeader: String?
    public let senderID: String
    public let sent: Date
    public let firstReceived: Date
    /// This delivery included.
    public let receiveCount: Int
    /// The name of the queue it was moved from, in a dead-letter queue.
    public let deadLetterSource: String?

    init(_ message: QueuedMessage, of queue: String, at now: Date) {
        id = message.id
        receipt = Receipt(message.id, count: message.receiveCount, of: queue).text
        (body, attributes, traceHeader) = (message.body, message.attributes, message.traceHeader)
        (senderID, sent, firstReceived) = (message.senderID, message.sent, message.firstReceived ?? now)
        (receiveCount, deadLetterSource) = (message.receiveCount, message.deadLetterSource)
    }

    public var bodyMD5: String { MessageDigest.body(body) }
    public var attributesMD5: String? { MessageDigest.attributes(attributes) }
}

/// MD5 as SQS computes it, so that a client sees that what arrived is what it sent.
enum MessageDigest {
    static func body(_ body: String) -> String { Hex.encoded(MD5.hash(Array(body.utf8))) }

    /// Over names in order, each part with its length (SQS developer guide, "Calculating the MD5 message
    /// digest for message attributes").
    static func attributes(_ attributes: [String: MessageAttribute]) -> String? {
        guard !attributes.isEmpty else { return nil }
        var hash = MD5()
        func add(_ bytes: [UInt8]) {
            withUnsafeBytes(of: UInt32(bytes.count).bigEndian) { hash.update($0) }
            hash.update(bytes)
        }
        for (name, attribute) in attributes.sorted(by: { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) })
        {
            add(Array(name.utf8))
            add(Array(attribute.type.utf8))
            let isBinary = if case .binary = attribute.value { true } else { false }
            hash.update([isBinary ? 2 : 1])
            add(attribute.value.bytes)
        }
        return Hex.encoded(hash.digest())
    }
}
