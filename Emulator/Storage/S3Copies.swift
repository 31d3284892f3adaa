import Cryptography
import Foundation
import Groundwork
import HTTPTypes
import Hummingbird
import NIOCore

/// CopyObject and UploadPartCopy.
extension S3Server {
    func copy(_ request: S3Request, _ bucket: String, _ key: ObjectKey) async throws -> Response {
        let source = try source(of: request)
        let directive = request.header("x-amz-metadata-directive") ?? "COPY"
        guard ["COPY", "REPLACE"].contains(directive) else {
            throw S3Error.invalidArgument(
                "Unknown metadata directive.", "x-amz-metadata-directive", directive)
        }
        guard source != (bucket, key) || directive == "REPLACE" else {
            throw S3Error.invalidRequest(
                "This copy request is illegal because it is trying to copy an object to itself "
                    + "without changing the "
                    + "object's metadata, storage class, website redirect location or encryption attributes.")
        }
        _ = try await store.bucket(bucket)
        let (record, reader) = try await store.open(source.bucket, source.key)
        try check(request, record)
        let attributes = directive == "COPY" ? record.attributes : try ObjectAttributes(request.arrival)
        let copied = try await duplicate(record, of: source.bucket, reader, 0..<record.bytes)
        let draft = ObjectDraft(
            segments: [copied.segment], etag: copied.etag, attributes: attributes,
            checksum: record.checksum?.scope == .whole ? record.checksum : nil,
            condition: try WriteCondition(request.arrival))
        let new = try await store.put(draft, bucket, key, event: "ObjectCreated:Copy")
        return Response(.ok, result("CopyObjectResult", etag: new.etag, modified: new.modified))
    }

    func copyPart(_ request: S3Request, _ bucket: String, _ key: ObjectKey) async throws -> Response {
        let (id, number) = try partAddress(of: request)
        let upload = try await store.upload(id, bucket, key)
        let source = try source(of: request)
        let (record, reader) = try await store.open(source.bucket, source.key)
        try check(request, record)
        var range = 0..<record.bytes
        if let text = request.header("x-amz-copy-source-range") {
            guard let wanted = ByteRange(text), text.last != "-", !text.hasPrefix("bytes=-") else {
                throw S3Error.invalidArgument(
                    "The x-amz-copy-source-range value must be of the form bytes=first-last where "
                        + "first and last are "
                        + "the zero-based offsets of the first and last bytes to copy",
                    "x-amz-copy-source-range", text)
            }
            guard let within = wanted.within(record.bytes), text.hasSuffix("-\(within.upperBound - 1)") else {
                throw S3Error.invalidArgument(
                    "Range specified is not valid for source object of size: \(record.bytes)",
                    "x-amz-copy-source-range", text)
            }
            range = within
        }
        let copied = try await duplicate(record, of: source.bucket, reader, range, hashing: upload.checksum)
        let part = try await store.put(
            part: number, copied.segment, etag: copied.etag, checksum: copied.checksum, of: id, bucket, key)
        return Response(.ok, result("CopyPartResult", etag: part.etag, modified: part.modified))
    }

    private func source(of request: S3Request) throws(S3Error) -> (bucket: String, key: ObjectKey) {
        let header = request.header("x-amz-copy-source") ?? ""
        let path = header.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)[0]
        guard let bytes = PercentCoding.decode(path), String(validating: bytes, as: UTF8.self) != nil else {
            throw .invalidArgument("Copy Source must be URL-encoded UTF-8", "x-amz-copy-source", header)
        }
        let parts = (bytes.first == 0x2F ? bytes[1...] : bytes[...])
            .split(separator: 0x2F, maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            throw .invalidArgument(
                "Copy Source must mention the source bucket and key: sourcebucket/sourcekey",
                "x-amz-copy-source",
                header)
        }
        return (String(decoding: parts[0], as: UTF8.self), ObjectKey(parts[1]))
    }

    private func check(_ request: S3Request, _ record: ObjectRecord) throws(S3Error) {
        switch ReadCondition(request.arrival, prefix: "x-amz-copy-source-").outcome(record) {
        case .holds: return
        case .notModified: throw .preconditionFailed("x-amz-copy-source-If-None-Match")
        case .fails(let name): throw .preconditionFailed("x-amz-copy-source-" + name)
        }
    }

    /// A whole object of one segment is linked; anything else is copied byte by byte.
    private func duplicate(
        _ record: ObjectRecord, of bucket: String, _ reader: BlobReader, _ range: Range<Int>,
        hashing: ChecksumAlgorithm? = nil
    ) async throws -> (segment: Segment, etag: String, checksum: Checksum?) {
        if record.segments.count == 1, record.uploadID == nil, range == 0..<record.bytes, hashing == nil,
            let segment = try await store.link(record, in: bucket)
        {
            return (segment, record.etag, nil)
        }
        let writer = try BlobWriter(
            in: store.blobs, hashingSHA256: false, checksums: Set([hashing].compactMap { $0 }))
        try await reader.read(range) { try await writer.append($0) }
        let blob = try await writer.finish()
        let checksum = hashing.flatMap { name in
            blob.checksums[name].map { Checksum(name, Base64.encoded($0)) }
        }
        return (blob.segment, blob.etag, checksum)
    }

    private func result(_ name: String, etag: String, modified: Date) -> XMLElement {
        XMLElement(
            name,
            [XMLElement("LastModified", Timestamp.extended(modified)), XMLElement("ETag", "\"\(etag)\"")])
    }
}
