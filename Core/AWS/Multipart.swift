import Cryptography
import HTTP

/// A part as the storage holds it.
public struct StoredPart: Hashable, Sendable {
    public let number: Int
    public let byteCount: Int
    public let etag: String
    /// If the upload was begun with one for each part.
    public let sha256: [UInt8]?

    public init(number: Int, byteCount: Int, etag: String, sha256: [UInt8]? = nil) {
        (self.number, self.byteCount, self.etag, self.sha256) = (number, byteCount, etag, sha256)
    }
}

public struct PartPage: Hashable, Sendable {
    public let parts: [StoredPart]
    /// Asks for the next page; absent on the last.
    public let marker: Int?
}

public struct MultipartUploadPage: Hashable, Sendable {
    public struct Line: Hashable, Sendable {
        public let key: String
        public let id: String
        /// RFC 3339, as the storage writes it.
        public let initiated: String
    }

    public let lines: [Line]
    public let isTruncated: Bool
}

extension Bucket {
    /// One page of the uploads that were neither completed nor aborted, by key, behind one of them.
    public func multipartUploads(
        behind mark: (key: String, id: String)? = nil, limit: Int = 1_000, at instant: Instant
    ) throws(SigningError) -> Call<MultipartUploadPage> {
        var query = [(name: "uploads", value: ""), ("encoding-type", "url"), ("max-uploads", String(limit))]
        if let mark { query += [("key-marker", mark.key), ("upload-id-marker", mark.id)] }
        return try call("GET", query: query, at: instant) { (response) throws(AWSError) in
            let list = try document("ListMultipartUploadsResult", of: response)
            let isEncoded = list["EncodingType"] == "url"
            var lines: [MultipartUploadPage.Line] = []
            for line in list.children where line.name == "Upload" {
                let text = try line.text("Key")
                guard let key = isEncoded ? PercentEncoding.decodedForm(text) : text
                else { throw .unreadable("Key") }
                lines.append(
                    MultipartUploadPage.Line(
                        key: key, id: try line.text("UploadId"), initiated: try line.text("Initiated")))
            }
            let isTruncated = try list.text("IsTruncated") == "true"
            guard !(isTruncated && lines.isEmpty) else { throw .unreadable("IsTruncated") }
            return MultipartUploadPage(lines: lines, isTruncated: isTruncated)
        }
    }

    /// With checksums each part is stored with its SHA-256 or not at all, and the whole is known by the
    /// SHA-256 of these.
    public func createMultipartUpload(
        _ key: Key, contentType: String, checksums: Bool = false, at instant: Instant
    ) throws(SigningError) -> Call<MultipartUpload> {
        var headers = [Header("content-type", contentType)]
        if checksums {
            headers.append(Header("x-amz-checksum-algorithm", "SHA256"))
            headers.append(Header("x-amz-checksum-type", "COMPOSITE"))
        }
        // Sent twice it leaves an upload nobody knows of; the bucket's rule for abandoned uploads ends it.
        return try call("POST", key, query: [("uploads", "")], headers: headers, at: instant) {
            (response) throws(AWSError) in
            let id = try document("InitiateMultipartUploadResult", of: response).text("UploadId")
            return MultipartUpload(key: key, id: id)
        }
    }

    /// Stores a part the server holds itself, in an upload begun with checksums. The storage checks its SHA-256; sent
    /// again, it takes the place of the one before.
    public func put(
        _ number: Int, of upload: MultipartUpload, _ bytes: [UInt8], at instant: Instant
    ) throws(SigningError) -> Call<StoredPart> {
        guard (1...10_000).contains(number) else { throw .partNumber(number) }
        let digest = SHA256.hash(bytes)
        return try call(
            "PUT", upload.key, query: [("partNumber", String(number)), ("uploadId", upload.id)],
            headers: [Header("x-amz-checksum-sha256", Base64.encoded(digest))], body: bytes,
            timeoutMilliseconds: 60_000, at: instant
        ) { (response) throws(AWSError) in
            try refuse(response, unless: [200])
            return StoredPart(
                number: number, byteCount: bytes.count, etag: try response.text("etag"), sha256: digest)
        }
    }

    /// One page of up to 1,000 parts, by number. These, and not what a client says, are what was stored.
    public func parts(
        of upload: MultipartUpload, after marker: Int? = nil, at instant: Instant
    ) throws(SigningError) -> Call<PartPage> {
        var query = [(name: "uploadId", value: upload.id)]
        if let marker { query.append(("part-number-marker", String(marker))) }
        return try call("GET", upload.key, query: query, at: instant) { (response) throws(AWSError) in
            let list = try document("ListPartsResult", of: response)
            var parts: [StoredPart] = []
            for part in list.children where part.name == "Part" {
                parts.append(
                    StoredPart(
                        number: try part.number("PartNumber"), byteCount: try part.number("Size"),
                        etag: try part.text("ETag"),
                        sha256: part["ChecksumSHA256"].flatMap(Base64.decoded)))
            }
            let next = list["IsTruncated"] == "true" ? try list.number("NextPartNumberMarker") : nil
            return PartPage(parts: parts, marker: next)
        }
    }

    /// Makes one object of the parts and answers with its ETag. S3 joins 10,000 parts in minutes at worst.
    public func complete(
        _ upload: MultipartUpload, _ parts: [StoredPart], ifAbsent: Bool = false, at instant: Instant
    ) throws(SigningError) -> Call<String> {
        let lines = parts.sorted { $0.number < $1.number }.map { part in
            "<Part><PartNumber>\(part.number)</PartNumber><ETag>\(XMLElement.escaped(part.etag))</ETag>"
                // S3 asks for it again where the upload was begun with checksums.
                + (part.sha256.map { "<ChecksumSHA256>\(Base64.encoded($0))</ChecksumSHA256>" } ?? "")
                + "</Part>"
        }
        let body =
            #"<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">"# + lines.joined()
            + "</CompleteMultipartUpload>"
        var headers = [Header("content-type", "application/xml")]
        if ifAbsent { headers.append(Header("if-none-match", "*")) }
        return try call(
            "POST", upload.key, query: [("uploadId", upload.id)], headers: headers, body: Array(body.utf8),
            repeatable: !ifAbsent, timeoutMilliseconds: 120_000, at: instant
        ) { (response) throws(AWSError) in
            try document("CompleteMultipartUploadResult", of: response).text("ETag")
        }
    }

    /// Succeeds for an upload that is no more, too: then its parts are gone.
    public func abort(_ upload: MultipartUpload, at instant: Instant) throws(SigningError) -> Call<Void> {
        try call("DELETE", upload.key, query: [("uploadId", upload.id)], at: instant) {
            (response) throws(AWSError) in
            try refuse(response, unless: [204, 404])
        }
    }
}
