public import Foundation
public import Template

/// A change of an object, as storage tells it.
public struct StorageChange: Hashable, Sendable {
    public var bucket: String
    /// As it is, not encoded.
    public var key: String
    /// Without `s3:`, e.g. `ObjectCreated:Put`.
    public var eventName: String
    public var bytes: Int
    /// Without quotes.
    public var etag: String
    /// Hexadecimal digits that grow with every change of the key.
    public var sequencer: String
    public var time: Date

    public init(
        bucket: String, key: String, eventName: String, bytes: Int, etag: String, sequencer: String,
        time: Date
    ) {
        self.bucket = bucket
        self.key = key
        self.eventName = eventName
        self.bytes = bytes
        self.etag = etag
        self.sequencer = sequencer
        self.time = time
    }
}

/// From changes of objects to events of functions and messages of queues, by the triggers of a template.
public struct StorageEventSource: Sendable {
    /// Returns when the event is taken by somebody who keeps it; until then storage does.
    public typealias Deliver = @Sendable (_ function: String, _ payload: [UInt8]) async throws -> Void
    public typealias Enqueue = @Sendable (_ queueARN: String, _ body: String) async throws -> Void

    private let functions: [Function]
    private let buckets: [Bucket]
    private let region: String
    private let account: String
    private let deliver: Deliver
    private let enqueue: Enqueue

    public init(
        _ template: Template, place: Place, deliver: @escaping Deliver,
        enqueue: @escaping Enqueue = { _, _ in }
    ) {
        functions = template.functions
        buckets = template.buckets
        region = place.region
        account = place.account
        self.deliver = deliver
        self.enqueue = enqueue
    }

    /// All targets at once. Throws when one of them did not take it; then all are to be told again.
    public func notify(_ change: StorageChange) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            for function in functions {
                for trigger in function.storageTriggers where matches(trigger, change) {
                    let payload = event(of: change, configuration: trigger.name)
                    group.addTask { try await deliver(function.name, payload) }
                }
            }
            for target in buckets.flatMap(\.queueNotifications) where matches(target.trigger, change) {
                let body = String(
                    decoding: event(of: change, configuration: target.trigger.name), as: UTF8.self)
                group.addTask { try await enqueue(target.queueARN, body) }
            }
        }
    }

    private static let timeFormat = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    private func matches(_ trigger: StorageTrigger, _ change: StorageChange) -> Bool {
        trigger.bucket == change.bucket && trigger.matches(eventName: change.eventName, key: change.key)
    }

    /// Event message structure 2.1. The key is form-encoded, its slashes stay.
    /// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
    func event(of change: StorageChange, configuration: String) -> [UInt8] {
        var object: [String: JSONValue] = [
            "key": .string(PercentEncoding.formEncoded(change.key, keepingSlash: true)),
            "sequencer": .string(change.sequencer),
        ]
        if change.eventName.hasPrefix("ObjectCreated") {
            object["size"] = .integer(Int64(change.bytes))
            object["eTag"] = .string(change.etag)
        }
        let bucket: [String: JSONValue] = [
            "name": .string(change.bucket), "arn": .string("arn:aws:s3:::\(change.bucket)"),
            "ownerIdentity": ["principalId": account],
        ]
        let record: [String: JSONValue] = [
            "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": .string(region),
            "eventTime": .string(change.time.formatted(Self.timeFormat)),
            "eventName": .string(change.eventName),
            "userIdentity": ["principalId": "AWS:\(account)"],
            "requestParameters": ["sourceIPAddress": "127.0.0.1"],
            "responseElements": [
                "x-amz-request-id": UUID().uuidString, "x-amz-id-2": UUID().uuidString,
            ],
            "s3": .object([
                "s3SchemaVersion": "1.0", "configurationId": .string(configuration),
                "bucket": .object(bucket),
                "object": .object(object),
            ]),
        ]
        return JSONValue.object(["Records": .array([.object(record)])]).bytes
    }
}
