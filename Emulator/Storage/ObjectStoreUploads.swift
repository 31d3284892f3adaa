import Cryptography
import Foundation
import Groundwork

extension ObjectStore {
    func begin(
        _ bucket: String, _ key: ObjectKey, _ attributes: ObjectAttributes, _ checksum: ChecksumAlgorithm?,
        _ scope: Checksum.Scope
    ) throws -> Upload {
        _ = try self.bucket(bucket)
        let upload = Upload(
            id: Hex.encoded(randomBytes(20)), bucket: bucket, key: key.text, initiated: now(),
            attributes: attributes, checksum: checksum, checksumScope: scope)
        try Durable.makeFolder(path(of: upload))
        try Self.write(upload, to: path(of: upload) + "/upload.json")
        try Durable.syncFolder(of: path(of: upload))
        uploads[upload.id] = upload
        return upload
    }

    func upload(_ id: String, _ bucket: String, _ key: ObjectKey) throws(S3Error) -> Upload {
        _ = try self.bucket(bucket)
        guard let upload = uploads[id], upload.bucket == bucket, upload.key.utf8.elementsEqual(key.bytes)
        else {
            throw .noSuchUpload(id)
        }
        return upload
    }

    /// A part sent twice is the later one.
    func put(
        part number: Int, _ blob: Segment, etag: String, checksum: Checksum?, of id: String, _ bucket: String,
        _ key: ObjectKey
    ) throws -> Upload.Part {
        do {
            let upload = try upload(id, bucket, key)
            let part = Upload.Part(
                number: number, segment: blob, etag: etag, modified: now(), checksum: checksum)
            try Self.write(part, to: path(of: upload) + "/" + Upload.partName(number))
            let old = uploads[id]?.parts.updateValue(part, forKey: number)
            blobs.remove(old.map { [$0.segment] } ?? [])
            return part
        } catch {
            blobs.remove([blob])
            throw error
        }
    }

    /// Completing once more what is complete is answered as it was the first time.
    func complete(
        _ id: String, _ choices: [Upload.Choice], _ bucket: String, _ key: ObjectKey,
        _ condition: WriteCondition,
        whole: Checksum?
    ) throws -> ObjectRecord {
        if uploads[id] == nil, let record = try self.bucket(bucket).records[key], record.uploadID == id,
            record.etag == Upload.etag(of: choices.map(\.etag))
        {
            return record
        }
        let upload = try upload(id, bucket, key)
        let parts = try upload.chosen(choices)
        let checksum = upload.checksumScope == .whole ? whole : try upload.checksum(of: parts)
        let draft = ObjectDraft(
            segments: parts.map(\.segment), etag: Upload.etag(of: parts.map(\.etag)),
            attributes: upload.attributes, checksum: checksum, uploadID: id, condition: condition)
        let record = try put(draft, bucket, key, event: "ObjectCreated:CompleteMultipartUpload")
        let used = Set(parts.map(\.number))
        discard(upload, upload.parts.values.filter { !used.contains($0.number) }.map(\.segment))
        return record
    }

    func abort(_ id: String, _ bucket: String, _ key: ObjectKey) throws {
        let upload = try upload(id, bucket, key)
        try Durable.remove(path(of: upload) + "/upload.json")
        discard(upload, upload.parts.values.map(\.segment))
    }

    /// What the disk refuses here, the next start sweeps.
    private func discard(_ upload: Upload, _ segments: [Segment]) {
        unlink(path(of: upload) + "/upload.json")
        try? FileManager.default.removeItem(atPath: path(of: upload))
        uploads[upload.id] = nil
        blobs.remove(segments)
    }

    func uploads(of bucket: String) throws(S3Error) -> [Upload] {
        _ = try self.bucket(bucket)
        return uploads.values.filter { $0.bucket == bucket }.sorted { one, other in
            let (a, b) = (ObjectKey(one.key.utf8), ObjectKey(other.key.utf8))
            return a == b ? one.initiated < other.initiated : a < b
        }
    }

    private func path(of upload: Upload) -> String { "\(folder)/uploads/\(upload.id)" }
}
