/// One object that was stored, removed or restored.
/// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
///
/// It is told at least once and in any order, and what it says of the object may be out of date: ask the
/// storage.
public struct StorageRecord: Hashable, Sendable {
    public var bucket: String
    /// As it was given to the storage; the encoding of the event is undone.
    public var key: String
    /// `ObjectCreated:Put`, `ObjectCreated:CompleteMultipartUpload`, `ObjectRemoved:Delete` …
    public var eventName: String
    /// Of the object; not told of a removal.
    public var bytes: Int?
    public var etag: String?
    /// Tells which of two events of one key came later; not every storage sends it.
    public var sequencer: String?

    public init(
        bucket: String, key: String, eventName: String = "ObjectCreated:Put", bytes: Int? = nil,
        etag: String? = nil, sequencer: String? = nil
    ) {
        (self.bucket, self.key, self.eventName) = (bucket, key, eventName)
        (self.bytes, self.etag, self.sequencer) = (bytes, etag, sequencer)
    }

    /// Whether the event with the sequencer `one` happened before that with the sequencer `other`, both of
    /// one key: they are hexadecimal numbers, of which the shorter is filled up with zeros at its end.
    public static func sequencer(_ one: String, precedes other: String) -> Bool {
        let width = max(one.utf8.count, other.utf8.count)
        let padded = [one, other].map { text in
            [UInt8](text.lowercased().utf8) + repeatElement(UInt8(ascii: "0"), count: width - text.utf8.count)
        }
        return padded[0].lexicographicallyPrecedes(padded[1])
    }
}

extension StorageRecord {
    /// From one entry of `Records`. Only the major version counts: the minor one has moved from 2.1 to 2.6.
    init(_ record: JSON) throws(MalformedEvent) {
        guard record["eventVersion"]?.text?.hasPrefix("2.") == true else {
            throw MalformedEvent("a storage notification of version 2")
        }
        guard let storage = record["s3"], let object = storage["object"],
            let bucket = storage["bucket"]?["name"]?.text,
            let key = object["key"]?.text, let name = record["eventName"]?.text
        else { throw MalformedEvent("a bucket, a key and the name of what happened") }
        guard let decoded = percentDecoded(key[...], plusIsSpace: true) else {
            throw MalformedEvent("a key that is form-encoded")
        }
        self.init(
            bucket: bucket, key: decoded, eventName: name,
            bytes: try? object["size"]?.decoded(as: Int.self), etag: object["eTag"]?.text,
            sequencer: object["sequencer"]?.text)
    }
}
