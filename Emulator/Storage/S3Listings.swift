import Cryptography
import Foundation
import Groundwork
import Hummingbird

/// ListObjects of both versions, and ListMultipartUploads.
extension S3Server {
    static let owner = XMLElement(
        "Owner", [XMLElement("ID", "earshelf"), XMLElement("DisplayName", "earshelf")])

    func list(_ request: S3Request, _ bucket: String) async throws -> Response {
        let isSecond = request.parameter("list-type") == "2"
        let encoding = try ListEncoding(request)
        let limit = try limit(request, "max-keys")
        let prefix = request.parameter("prefix") ?? ""
        let delimiter = request.parameter("delimiter") ?? ""
        let after = isSecond ? try start(request) : request.parameter("marker").map { Array($0.utf8) }
        let listing = try await store.list(
            bucket, prefix: Array(prefix.utf8), delimiter: Array(delimiter.utf8), after: after, limit: limit)
        var children = [XMLElement("Name", bucket), encoding.element("Prefix", prefix.utf8)]
        if isSecond {
            children.append(
                XMLElement("KeyCount", String(listing.records.count + listing.commonPrefixes.count)))
            if let token = request.parameter("continuation-token") {
                children.append(XMLElement("ContinuationToken", token))
            }
            if let start = request.parameter("start-after") {
                children.append(encoding.element("StartAfter", start.utf8))
            }
        } else {
            children.append(encoding.element("Marker", (request.parameter("marker") ?? "").utf8))
        }
        children.append(XMLElement("MaxKeys", String(limit)))
        if !delimiter.isEmpty { children.append(encoding.element("Delimiter", delimiter.utf8)) }
        if encoding.isURL { children.append(XMLElement("EncodingType", "url")) }
        children.append(XMLElement("IsTruncated", String(listing.isTruncated)))
        if listing.isTruncated, let last = listing.last {
            if isSecond {
                children.append(XMLElement("NextContinuationToken", Base64.encoded(last.bytes)))
            } else {
                children.append(encoding.element("NextMarker", last.bytes))
            }
        }
        let hasOwner = !isSecond || request.parameter("fetch-owner") == "true"
        children += listing.records.map { contents($0, encoding, hasOwner: hasOwner) }
        children += listing.commonPrefixes.map {
            XMLElement("CommonPrefixes", [encoding.element("Prefix", $0.bytes)])
        }
        return Response(.ok, XMLElement("ListBucketResult", children))
    }

    private func contents(_ record: ObjectRecord, _ encoding: ListEncoding, hasOwner: Bool) -> XMLElement {
        var children = [
            encoding.element("Key", record.key.utf8),
            XMLElement("LastModified", Timestamp.extended(record.modified)),
            XMLElement("ETag", "\"\(record.etag)\""),
        ]
        if let checksum = record.checksum {
            children.append(XMLElement("ChecksumAlgorithm", checksum.algorithm.rawValue))
            children.append(XMLElement("ChecksumType", checksum.scope.rawValue))
        }
        children.append(XMLElement("Size", String(record.bytes)))
        children.append(XMLElement("StorageClass", "STANDARD"))
        if hasOwner { children.append(Self.owner) }
        return XMLElement("Contents", children)
    }

    private func start(_ request: S3Request) throws(S3Error) -> [UInt8]? {
        guard let token = request.parameter("continuation-token") else {
            return request.parameter("start-after").map { Array($0.utf8) }
        }
        guard !token.isEmpty, let bytes = Base64.decoded(token) else {
            throw .invalidArgument(
                "The continuation token provided is incorrect", "continuation-token", token)
        }
        return bytes
    }

    func limit(_ request: S3Request, _ name: String) throws(S3Error) -> Int {
        guard let text = request.parameter(name) else { return 1000 }
        guard let limit = PayloadPlan.count(text), !text.isEmpty, limit <= Int(Int32.max) else {
            throw .invalidArgument("Provided \(name) not an integer or within integer range", name, text)
        }
        return min(limit, 1000)
    }

    func listUploads(_ request: S3Request, _ bucket: String) async throws -> Response {
        let encoding = try ListEncoding(request)
        let limit = max(1, try limit(request, "max-uploads"))
        let prefix = Array((request.parameter("prefix") ?? "").utf8)
        let marker = (request.parameter("key-marker") ?? "").utf8
        let idMarker = request.parameter("upload-id-marker") ?? ""
        let all = try await store.uploads(of: bucket).filter { $0.key.utf8.starts(with: prefix) }
        let start = ObjectKey(marker)
        var rest = all[...]
        if !start.bytes.isEmpty {
            let behindMarker = all.firstIndex { $0.id == idMarker }.map { $0 + 1 }
            rest = all[(behindMarker ?? all.firstIndex { ObjectKey($0.key.utf8) > start } ?? all.count)...]
        }
        let page = rest.prefix(limit)
        var children = [
            XMLElement("Bucket", bucket), encoding.element("KeyMarker", marker),
            XMLElement("UploadIdMarker", idMarker), XMLElement("MaxUploads", String(limit)),
            encoding.element("Prefix", prefix), XMLElement("IsTruncated", String(page.count < rest.count)),
        ]
        if page.count < rest.count, let last = page.last {
            children.append(encoding.element("NextKeyMarker", last.key.utf8))
            children.append(XMLElement("NextUploadIdMarker", last.id))
        }
        if encoding.isURL { children.append(XMLElement("EncodingType", "url")) }
        children += page.map { upload in
            XMLElement(
                "Upload",
                [
                    encoding.element("Key", upload.key.utf8), XMLElement("UploadId", upload.id),
                    XMLElement("Initiator", Self.owner.children), Self.owner,
                    XMLElement("StorageClass", "STANDARD"),
                    XMLElement("Initiated", Timestamp.extended(upload.initiated)),
                ])
        }
        return Response(.ok, XMLElement("ListMultipartUploadsResult", children))
    }
}

/// How keys are written into a listing: some bytes XML cannot hold, so a client may ask for URL encoding.
struct ListEncoding {
    let isURL: Bool

    init(_ request: S3Request) throws(S3Error) {
        let type = request.parameter("encoding-type")
        guard ["url", nil].contains(type) else {
            throw .invalidArgument(
                "Invalid Encoding Method specified in Request", "encoding-type", type ?? "")
        }
        isURL = type == "url"
    }

    func element(_ name: String, _ bytes: some Sequence<UInt8>) -> XMLElement {
        let bytes = Array(bytes)
        return XMLElement(
            name,
            isURL ? PercentCoding.encode(bytes, keepingSlash: true) : String(decoding: bytes, as: UTF8.self))
    }
}
