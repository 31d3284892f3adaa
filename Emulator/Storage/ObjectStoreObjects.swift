import Cryptography
import Foundation
import Groundwork

/// What is to be true of the object that is there, for a write to happen.
struct WriteCondition: Sendable {
    var mustBeNew = false
    /// One of these, without quotes; `*` is any.
    var etags: [String] = []
}

/// An object about to be: all but the instant and number that its commit gives it.
struct ObjectDraft: Sendable {
    var segments: [Segment]
    var etag: String
    var attributes: ObjectAttributes
    var checksum: Checksum?
    var uploadID: String?
    var condition = WriteCondition()
}

extension ObjectStore {
    func record(_ bucket: String, _ key: ObjectKey) throws(S3Error) -> ObjectRecord {
        guard let record = try self.bucket(bucket).records[key] else { throw .noSuchKey(key.text) }
        return record
    }

    /// The record and its bytes as they belong together.
    func open(_ bucket: String, _ key: ObjectKey) throws -> (ObjectRecord, BlobReader) {
        let record = try record(bucket, key)
        return (record, try BlobReader(record.segments, in: blobs))
    }

    /// The draft's blobs become the object, or are gone.
    func put(_ draft: ObjectDraft, _ bucket: String, _ key: ObjectKey, event: String) throws -> ObjectRecord {
        do {
            let old = try self.bucket(bucket).records[key]
            try check(draft.condition, old, key)
            let bytes = draft.segments.reduce(0) { $0 + $1.bytes }
            let record = try change(bucket, key, event, bytes: bytes, etag: draft.etag) { number, time in
                let record = ObjectRecord(
                    key: key.text, segments: draft.segments, etag: draft.etag, modified: time,
                    sequencer: number,
                    attributes: draft.attributes, checksum: draft.checksum, uploadID: draft.uploadID)
                try Self.write(record, to: recordPath(bucket, key))
                return record
            }
            buckets[bucket]?.records[key] = record
            buckets[bucket]?.keyspace.insert(key)
            blobs.remove(old?.segments ?? [])
            return record
        } catch {
            if draft.uploadID == nil { blobs.remove(draft.segments) }
            throw error
        }
    }

    private func check(
        _ condition: WriteCondition, _ record: ObjectRecord?, _ key: ObjectKey
    ) throws(S3Error) {
        if condition.mustBeNew, record != nil { throw .preconditionFailed("If-None-Match") }
        guard !condition.etags.isEmpty else { return }
        guard let record else { throw .noSuchKey(key.text) }
        guard condition.etags.contains(where: { $0 == "*" || $0 == record.etag }) else {
            throw .preconditionFailed("If-Match")
        }
    }

    /// Removing what is not there is no error, and no event.
    func remove(_ bucket: String, _ key: ObjectKey) throws {
        guard let record = try self.bucket(bucket).records[key] else { return }
        try change(bucket, key, "ObjectRemoved:Delete", bytes: 0, etag: "") { _, _ in
            try Durable.remove(recordPath(bucket, key))
        }
        buckets[bucket]?.records[key] = nil
        buckets[bucket]?.keyspace.remove(key)
        blobs.remove(record.segments)
    }

    /// The same bytes under a second name on the disk, which costs no space and which either may outlive.
    /// Nothing if the object is no longer the one of the record.
    func link(_ record: ObjectRecord, in bucket: String) throws -> Segment? {
        guard let segment = record.segments.first,
            buckets[bucket]?.records[record.objectKey]?.sequencer == record.sequencer
        else { return nil }
        let id = Hex.encoded(randomBytes(16))
        guard Foundation.link(blobs.path(segment.blob), blobs.path(id)) == 0 else {
            throw SystemFault("link", blobs.path(id))
        }
        try Durable.syncFolder(of: blobs.path(id))
        return Segment(blob: id, bytes: segment.bytes)
    }

    struct Listing: Sendable {
        var records: [ObjectRecord] = []
        var commonPrefixes: [ObjectKey] = []
        var last: ObjectKey?
        var isTruncated: Bool
    }

    func list(
        _ bucket: String, prefix: [UInt8], delimiter: [UInt8], after: [UInt8]?, limit: Int
    ) throws(S3Error) -> Listing {
        let bucket = try self.bucket(bucket)
        let page = bucket.keyspace.page(prefix: prefix, delimiter: delimiter, after: after, limit: limit)
        var listing = Listing(last: page.entries.last?.last, isTruncated: page.isTruncated)
        for entry in page.entries {
            switch entry {
            case .key(let key): bucket.records[key].map { listing.records.append($0) }
            case .commonPrefix(let prefix): listing.commonPrefixes.append(prefix)
            }
        }
        return listing
    }
}
