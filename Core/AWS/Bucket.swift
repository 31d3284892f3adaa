import Cryptography
import HTTP

/// One bucket of S3, or of a storage that speaks its protocol. It only makes signed requests; sending is
/// another's.
public struct Bucket: Sendable {
    public let name: String
    let signer: Signer
    private let origin: String
    private let isPathStyle: Bool

    /// With an endpoint (`http://127.0.0.1:8082`) the bucket is the first segment of the path. Without one it
    /// is part of the host's name, unless a dot in it would break the certificate's wildcard.
    public init(
        _ name: String, in region: Region, endpoint: String? = nil, credentials: Credentials
    ) throws(SigningError) {
        let isName = name.utf8.allSatisfy {
            (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "-")
                || $0 == UInt8(ascii: ".")
        }
        guard isName, (3...63).contains(name.utf8.count), !name.contains("..") else { throw .malformedBucket }
        if let endpoint {
            guard let location = Location(endpoint), location.path == "/", location.query.isEmpty
            else { throw .malformedEndpoint }
            origin = location.origin
            isPathStyle = true
        } else {
            isPathStyle = name.contains(".")
            origin = "https://\(isPathStyle ? "" : "\(name).")s3.\(region.name).\(region.domain)"
        }
        self.name = name
        signer = Signer(.s3, in: region, by: credentials)
    }

    /// The name of one object. The server makes them; a key with a segment `.` or `..` is refused because
    /// browsers and proxies resolve it, and the signature would then be of another object.
    public struct Key: Hashable, Sendable, CustomStringConvertible {
        public let description: String

        public init(_ text: String) throws(SigningError) {
            let segments = text.split(separator: "/", omittingEmptySubsequences: false)
            guard (1...1_024).contains(text.utf8.count),
                !segments.contains(where: { $0 == "." || $0 == ".." })
            else { throw .malformedKey }
            description = text
        }

        // Swift holds two texts of one canonical form equal; storage compares bytes.
        public static func == (a: Key, b: Key) -> Bool {
            a.description.utf8.elementsEqual(b.description.utf8)
        }
        public func hash(into hasher: inout Hasher) { hasher.combine(Array(description.utf8)) }
    }

    func url(_ key: Key? = nil, query: [(name: String, value: String)] = []) -> String {
        let path = (isPathStyle ? "/\(name)/" : "/") + (key.map { encoded($0) } ?? "")
        guard !query.isEmpty else { return origin + path }
        let pairs = query.map { "\(PercentEncoding.encoded($0.name))=\(PercentEncoding.encoded($0.value))" }
        return origin + path + "?" + pairs.joined(separator: "&")
    }

    func encoded(_ key: Key) -> String { PercentEncoding.encoded(key.description, keepingSlashes: true) }
}

extension Bucket {
    /// Permission to read one object, under the name and type the browser is to give it.
    public func presignedGet(
        _ key: Key, contentDisposition: String? = nil, contentType: String? = nil, expiresSeconds: Int,
        at instant: Instant
    ) throws(SigningError) -> PresignedRequest {
        var query: [(name: String, value: String)] = []
        if let contentDisposition { query.append(("response-content-disposition", contentDisposition)) }
        if let contentType { query.append(("response-content-type", contentType)) }
        return try signer.presigned(
            "GET", url(key, query: query), expiresSeconds: expiresSeconds, at: instant)
    }

    /// Permission to store exactly so many bytes of this type, and no others: one byte more is refused by the
    /// storage.
    ///
    /// With a SHA-256 the bytes themselves are fixed; `ifAbsent` keeps what is there from being overwritten.
    public func presignedPut(
        _ key: Key, byteCount: Int, contentType: String, sha256: [UInt8]? = nil, ifAbsent: Bool = true,
        expiresSeconds: Int, at instant: Instant
    ) throws(SigningError) -> PresignedRequest {
        var headers = [Header("content-length", String(byteCount)), Header("content-type", contentType)]
        if ifAbsent { headers.append(Header("if-none-match", "*")) }
        if let sha256 { headers.append(Header("x-amz-checksum-sha256", Base64.encoded(sha256))) }
        return try signer.presigned(
            "PUT", url(key), headers: headers, expiresSeconds: expiresSeconds, at: instant)
    }

    /// Permission to store one part, of exactly so many bytes, of an upload. With a SHA-256 the bytes
    /// themselves are fixed.
    public func presignedPart(
        _ number: Int, of upload: MultipartUpload, byteCount: Int, sha256: [UInt8]? = nil,
        expiresSeconds: Int, at instant: Instant
    ) throws(SigningError) -> PresignedRequest {
        guard (1...10_000).contains(number) else { throw .partNumber(number) }
        let query = [(name: "partNumber", value: String(number)), (name: "uploadId", value: upload.id)]
        var headers = [Header("content-length", String(byteCount))]
        if let sha256 { headers.append(Header("x-amz-checksum-sha256", Base64.encoded(sha256))) }
        return try signer.presigned(
            "PUT", url(upload.key, query: query), headers: headers, expiresSeconds: expiresSeconds,
            at: instant)
    }
}

/// An upload in parts that was begun and neither completed nor aborted. Its parts cost money until it is.
public struct MultipartUpload: Hashable, Sendable {
    public let key: Bucket.Key
    public let id: String

    public init(key: Bucket.Key, id: String) { (self.key, self.id) = (key, id) }
}
