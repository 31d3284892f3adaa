import HTTP

/// A part as the storage holds it.
public struct StoredPart: Hashable, Sendable {
    public let number: Int
    public let byteCount: Int
    public let etag: String

    public init(number: Int, byteCount: Int, etag: String) {
        (self.number, self.byteCount, self.etag) = (number, byteCount, etag)
    }
}

public struct PartPage: Hashable, Sendable {
    public let parts: [StoredPart]
    /// Asks for the next page; absent on the last.
    public let marker: Int?
}

extension Bucket {
    public func createMultipartUpload(
        _ key: Key, contentType: String, at instant: Instant
    ) throws(SigningError) -> Call<MultipartUpload> {
        let headers = [Header("content-type", contentType)]
        // Sent twice it leaves an upload nobody knows of; the bucket's rule for abandoned uploads ends it.
        return try call("POST", key, query: [("uploads", "")], headers: headers, at: instant) {
            (response) throws(AWSError) in
            let id = try document("InitiateMultipartUploadResult", of: response).text("UploadId")
            return MultipartUpload(key: key, id: id)
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
                        etag: try part.text("ETag")))
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
            "<Part><PartNumber>\(part.number)</PartNumber><ETag>\(XMLElement.escaped(part.etag))</ETag></Part>"
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
