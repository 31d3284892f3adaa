import Cryptography
import HTTP

/// What the storage says of an object.
public struct ObjectDescription: Hashable, Sendable {
    public let byteCount: Int
    /// With its quotes, as it is sent back in conditions.
    public let etag: String
    public let contentType: String
    /// If the object was stored with one.
    public let sha256: ObjectSHA256?
}

/// What the storage knows the bytes by: `BASE64`, or `BASE64-N` of an object that was made of N parts.
public enum ObjectSHA256: Hashable, Sendable {
    case whole([UInt8])
    /// The SHA-256 of the SHA-256s of the parts (`COMPOSITE`).
    case ofParts([UInt8], count: Int)

    init?(header: String) {
        let pieces = header.split(separator: "-", omittingEmptySubsequences: false)
        guard let digest = pieces.first.flatMap({ Base64.decoded(String($0)) }), digest.count == 32,
            pieces.count <= 2
        else { return nil }
        guard pieces.count == 2 else {
            self = .whole(digest)
            return
        }
        guard pieces[1].utf8.allSatisfy({ (48...57).contains($0) }), let count = Int(pieces[1]) else {
            return nil
        }
        self = .ofParts(digest, count: count)
    }
}

public struct ObjectBytes: Hashable, Sendable {
    public let bytes: [UInt8]
    public let etag: String
    public let contentType: String
    /// Of the whole object, where a range was asked for.
    public let totalByteCount: Int
}

public struct ObjectPage: Hashable, Sendable {
    public struct Line: Hashable, Sendable {
        public let key: String
        public let byteCount: Int
        public let etag: String
        /// RFC 3339, as the storage writes it.
        public let lastModified: String
    }

    public let lines: [Line]
    /// Asks for the next page; absent on the last.
    public let continuation: String?
}

extension Bucket {
    /// Nothing if there is no such object. Without the right to list the bucket, S3 says 403 instead.
    public func head(_ key: Key, at instant: Instant) throws(SigningError) -> Call<ObjectDescription?> {
        let headers = [Header("x-amz-checksum-mode", "ENABLED")]
        return try call("HEAD", key, headers: headers, at: instant) { (response) throws(AWSError) in
            guard response.status != 404 else { return nil }
            try refuse(response, unless: [200])
            return ObjectDescription(
                byteCount: try response.number("content-length"), etag: try response.text("etag"),
                contentType: response.headers["content-type"] ?? "application/octet-stream",
                sha256: response.headers["x-amz-checksum-sha256"].flatMap(ObjectSHA256.init))
        }
    }

    /// The bytes of a range, or all of them. With an ETag, of that very version or none (412).
    public func get(
        _ key: Key, range: Range<Int>? = nil, matching etag: String? = nil, at instant: Instant
    ) throws(SigningError) -> Call<ObjectBytes> {
        precondition(range.map { $0.lowerBound >= 0 && !$0.isEmpty } ?? true, "A range of no bytes.")
        var headers: [Header] = []
        if let etag { headers.append(Header("if-match", etag)) }
        if let range { headers.append(Header("range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)")) }
        return try call("GET", key, headers: headers, at: instant) { (response) throws(AWSError) in
            try refuse(response, unless: range == nil ? [200] : [206])
            var total = response.body.count
            if let range {
                total = try totalByteCount(response.text("content-range"), from: range.lowerBound)
                guard response.body.count == min(range.upperBound, total) - range.lowerBound
                else { throw .unreadable("content-range") }
            }
            return ObjectBytes(
                bytes: response.body, etag: try response.text("etag"),
                contentType: response.headers["content-type"] ?? "application/octet-stream",
                totalByteCount: total)
        }
    }

    /// Stores bytes the server holds itself, and answers with their ETag. The storage checks their SHA-256.
    public func put(
        _ key: Key, _ bytes: [UInt8], contentType: String, ifAbsent: Bool = false, at instant: Instant
    ) throws(SigningError) -> Call<String> {
        var headers = [
            Header("content-type", contentType),
            Header("x-amz-checksum-sha256", Base64.encoded(SHA256.hash(bytes))),
        ]
        if ifAbsent { headers.append(Header("if-none-match", "*")) }
        // Sent twice, the second would find the first in its place and be refused.
        return try call("PUT", key, headers: headers, body: bytes, repeatable: !ifAbsent, at: instant) {
            (response) throws(AWSError) in
            try refuse(response, unless: [200])
            return try response.text("etag")
        }
    }

    /// Succeeds for an object that is not there, too.
    public func delete(_ key: Key, at instant: Instant) throws(SigningError) -> Call<Void> {
        try call("DELETE", key, at: instant) { (response) throws(AWSError) in
            try refuse(response, unless: [200, 204])
        }
    }

    /// Within the bucket, type and metadata included, up to 5 GiB. Answers with the copy's ETag.
    public func copy(_ source: Key, to key: Key, at instant: Instant) throws(SigningError) -> Call<String> {
        let headers = [Header("x-amz-copy-source", "/\(name)/\(encoded(source))")]
        return try call("PUT", key, headers: headers, timeoutMilliseconds: 60_000, at: instant) {
            (response) throws(AWSError) in
            try document("CopyObjectResult", of: response).text("ETag")
        }
    }

    /// One page of the keys under a prefix, in byte order: behind a key, whether it is still there or not, or
    /// behind an earlier page.
    public func list(
        prefix: String = "", behind key: String? = nil, after continuation: String? = nil, limit: Int = 1_000,
        at instant: Instant
    ) throws(SigningError) -> Call<ObjectPage> {
        var query = [(name: "list-type", value: "2"), ("encoding-type", "url"), ("max-keys", String(limit))]
        if !prefix.isEmpty { query.append(("prefix", prefix)) }
        if let key { query.append(("start-after", key)) }
        if let continuation { query.append(("continuation-token", continuation)) }
        return try call("GET", query: query, at: instant) { (response) throws(AWSError) in
            let list = try document("ListBucketResult", of: response)
            let isEncoded = list["EncodingType"] == "url"
            var lines: [ObjectPage.Line] = []
            for line in list.children where line.name == "Contents" {
                let text = try line.text("Key")
                guard let key = isEncoded ? PercentEncoding.decodedForm(text) : text
                else { throw .unreadable("Key") }
                lines.append(
                    ObjectPage.Line(
                        key: key, byteCount: try line.number("Size"), etag: try line.text("ETag"),
                        lastModified: try line.text("LastModified")))
            }
            let next = list["IsTruncated"] == "true" ? try list.text("NextContinuationToken") : nil
            return ObjectPage(lines: lines, continuation: next)
        }
    }

    func call<Answer>(
        _ method: String, _ key: Key? = nil, query: [(name: String, value: String)] = [],
        headers: [Header] = [],
        body: [UInt8] = [], repeatable: Bool = true, timeoutMilliseconds: Int = 10_000, at instant: Instant,
        read: @escaping (Response) throws(AWSError) -> Answer
    ) throws(SigningError) -> Call<Answer> {
        let request = Request(
            method, url(key, query: query), headers: headers, body: body,
            timeoutMilliseconds: timeoutMilliseconds, repeatable: repeatable)
        return Call(request: try signer.signed(request, at: instant), read: read)
    }
}

/// `bytes 0-9/1234`, RFC 9110, section 14.4.
private func totalByteCount(_ contentRange: String, from start: Int) throws(AWSError) -> Int {
    let parts = contentRange.split(separator: "/")
    guard
        parts.count == 2, parts[0].hasPrefix("bytes \(start)-"),
        parts[1].utf8.allSatisfy({ (48...57).contains($0) }),
        let total = Int(parts[1]), total > start
    else { throw .unreadable("content-range") }
    return total
}
