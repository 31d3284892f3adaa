import Cryptography
import Foundation
import Groundwork

/// Buckets and their objects on the disk. What a call has answered survives `kill -9`: records are files
/// written whole, found again at the start, and what a crash left half done is swept.
actor ObjectStore {
    struct Bucket: Sendable {
        var settings: BucketSettings
        var description: BucketDescription
        var keyspace = Keyspace()
        var records: [ObjectKey: ObjectRecord] = [:]
    }

    struct BucketSettings: Codable, Sendable {
        var created: Date
        /// Put by a client; nil leaves the description's in force.
        var cors: [CORSRule]?
    }

    let folder: String
    nonisolated let blobs: BlobFolder
    /// Every notification once, those that an earlier process left first.
    nonisolated let notifications: AsyncStream<StorageNotification>
    private nonisolated let publicPrefixes: [String: [String]]
    private let told: AsyncStream<StorageNotification>.Continuation
    private let thread = SerialThread("storage")
    let now: @Sendable () -> Date
    var buckets: [String: Bucket] = [:]
    var uploads: [String: Upload] = [:]
    private var sequencer: Sequencer
    private var spool: NotificationSpool

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(folder: String, descriptions: [BucketDescription], now: @escaping @Sendable () -> Date) throws {
        (self.folder, self.now) = (folder, now)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for name in ["buckets", "uploads"] { try Durable.makeFolder("\(folder)/\(name)") }
        blobs = try BlobFolder(folder + "/blobs")
        sequencer = try Sequencer(path: folder + "/sequence")
        let known = Dictionary(descriptions.map { ($0.name, $0) }) { first, _ in first }
        publicPrefixes = known.mapValues(\.publicPrefixes)
        var buckets: [String: Bucket] = [:]
        for name in try Durable.names(in: folder + "/buckets") {
            buckets[name] = try Self.load(
                "\(folder)/buckets/\(name)", known[name] ?? BucketDescription(name: name))
        }
        for description in descriptions where buckets[description.name] == nil {
            buckets[description.name] = try Self.make(description, in: folder, at: now())
        }
        spool = try NotificationSpool(folder: folder + "/spool") { notification in
            let record = buckets[notification.bucket]?.records[ObjectKey(notification.key.utf8)]
            guard notification.eventName.hasPrefix("ObjectRemoved") else {
                return record.map { Sequencer.text($0.sequencer) >= notification.sequencer } ?? false
            }
            return record.map { Sequencer.text($0.sequencer) > notification.sequencer } ?? true
        }
        uploads = try Upload.load(folder + "/uploads") { upload in
            let record = buckets[upload.bucket]?.records[ObjectKey(upload.key.utf8)]
            return buckets[upload.bucket] == nil || record?.uploadID == upload.id
        }
        self.buckets = buckets
        (notifications, told) = AsyncStream.makeStream()
        try blobs.sweep(keeping: Self.named(uploads, buckets))
        for notification in spool.pending.values.sorted(by: { $0.sequencer < $1.sequencer }) {
            told.yield(notification)
        }
    }

    private static func named(_ uploads: [String: Upload], _ buckets: [String: Bucket]) -> Set<String> {
        var kept = Set(uploads.values.flatMap { $0.parts.values.map(\.segment.blob) })
        for bucket in buckets.values {
            for record in bucket.records.values { kept.formUnion(record.segments.map(\.blob)) }
        }
        return kept
    }
}

extension ObjectStore {
    nonisolated func isPublic(_ bucket: String, _ key: ObjectKey) -> Bool {
        publicPrefixes[bucket]?.contains { key.bytes.starts(with: $0.utf8) } ?? false
    }

    func pendingNotifications() -> [StorageNotification] {
        spool.pending.values.sorted { $0.sequencer < $1.sequencer }
    }

    func acknowledge(_ notification: StorageNotification) { spool.acknowledge(notification.sequencer) }

    /// Makes a change of one object and sees to it that it is told, once it is durable.
    func change<Outcome>(
        _ bucket: String, _ key: ObjectKey, _ eventName: String, bytes: Int, etag: String,
        _ make: (UInt64, Date) throws -> Outcome
    ) throws -> Outcome {
        let (number, time) = (try sequencer.next(), now())
        let rules = buckets[bucket]?.description.notifications ?? []
        guard rules.contains(where: { $0.covers(eventName, of: key) }) else { return try make(number, time) }
        let notification = StorageNotification(
            bucket: bucket, key: key.text, eventName: eventName, bytes: bytes, etag: etag,
            sequencer: Sequencer.text(number), time: time)
        try spool.prepare(notification)
        do {
            let outcome = try make(number, time)
            spool.commit(notification)
            told.yield(notification)
            return outcome
        } catch {
            spool.cancel(notification)
            throw error
        }
    }
}

extension ObjectStore {
    private static func load(_ folder: String, _ description: BucketDescription) throws -> Bucket {
        let decoder = JSONDecoder()
        let settings = try Data(contentsOf: URL(filePath: folder + "/bucket.json"))
        var bucket = Bucket(
            settings: try decoder.decode(BucketSettings.self, from: settings), description: description)
        for name in try Durable.names(in: folder + "/objects") {
            for file in try Durable.names(in: "\(folder)/objects/\(name)") where file.hasSuffix(".json") {
                let content = try Data(contentsOf: URL(filePath: "\(folder)/objects/\(name)/\(file)"))
                let record = try decoder.decode(ObjectRecord.self, from: content)
                bucket.records[record.objectKey] = record
            }
        }
        bucket.keyspace = Keyspace(bucket.records.keys)
        return bucket
    }

    /// The settings come last: a folder without them is a bucket that was not made.
    private static func make(
        _ description: BucketDescription, in folder: String, at now: Date
    ) throws(SystemFault) -> Bucket {
        let path = "\(folder)/buckets/\(description.name)"
        let settings = BucketSettings(created: now, cors: nil)
        try Durable.makeFolder(path)
        try Durable.makeFolder(path + "/objects")
        try write(settings, to: path + "/bucket.json")
        return Bucket(settings: settings, description: description)
    }

    static func write(_ value: some Encodable, to path: String) throws(SystemFault) {
        guard let content = try? JSONEncoder().encode(value) else {
            preconditionFailure("What the store keeps is plain text and numbers.")
        }
        try Durable.write(content, to: path)
    }

    func recordPath(_ bucket: String, _ key: ObjectKey) throws(SystemFault) -> String {
        let name = Hex.encoded(SHA256.hash(key.bytes))
        let shelf = "\(folder)/buckets/\(bucket)/objects/\(name.prefix(2))"
        try Durable.makeFolder(shelf)
        return "\(shelf)/\(name).json"
    }

    func bucket(_ name: String) throws(S3Error) -> Bucket {
        guard let bucket = buckets[name] else { throw .noSuchBucket(name) }
        return bucket
    }

    func create(_ name: String) throws -> Bool {
        guard buckets[name] == nil else { return false }
        buckets[name] = try Self.make(BucketDescription(name: name), in: folder, at: now())
        return true
    }

    func remove(_ name: String) throws {
        let bucket = try bucket(name)
        guard bucket.keyspace.keys.isEmpty, !uploads.values.contains(where: { $0.bucket == name }) else {
            throw S3Error.bucketNotEmpty(name)
        }
        try Durable.remove("\(folder)/buckets/\(name)/bucket.json")
        try FileManager.default.removeItem(atPath: "\(folder)/buckets/\(name)")
        buckets[name] = nil
    }

    func setCORS(_ rules: [CORSRule]?, of name: String) throws {
        var settings = try bucket(name).settings
        settings.cors = rules
        try Self.write(settings, to: "\(folder)/buckets/\(name)/bucket.json")
        buckets[name]?.settings = settings
    }

    func corsRules(of name: String) throws(S3Error) -> [CORSRule] {
        let bucket = try bucket(name)
        return bucket.settings.cors ?? bucket.description.cors
    }
}
