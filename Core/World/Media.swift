internal import AWS
internal import Core
internal import FFmpeg
import FoundationEssentials
internal import HTTP

extension Core.Storage {
    /// Any storage that speaks S3.
    static func s3(_ bucket: AWS.Bucket, _ send: @escaping Send) -> Self {
        /// How much of an object is held at once.
        let piece = 4 << 20
        func call<Answer>(_ key: String, _ make: (AWS.Bucket.Key) throws -> AWS.Call<Answer>) throws -> Answer
        {
            try outside("storage") { try make(AWS.Bucket.Key(key)).sent(by: send) }
        }
        return Self(
            head: { _, key in
                try call(key) { try bucket.head($0, at: AWS.Instant(Date())) }.map { object in
                    StoredObject(
                        bytes: object.byteCount, mediaType: object.contentType, entityTag: object.etag,
                        sha256: object.sha256.map { $0.told })
                }
            },
            copy: { _, from, to in
                let source = try AWS.Bucket.Key(from)
                _ = try call(to) { try bucket.copy(source, to: $0, at: AWS.Instant(Date())) }
            },
            remove: { _, key in try call(key) { try bucket.delete($0, at: AWS.Instant(Date())) } },
            read: { _, key, take in
                guard let object = try call(key, { try bucket.head($0, at: AWS.Instant(Date())) }) else {
                    return
                }
                for start in stride(from: 0, to: object.byteCount, by: piece) {
                    let range = start..<min(start + piece, object.byteCount)
                    let read = try call(key) {
                        try bucket.get($0, range: range, matching: object.etag, at: AWS.Instant(Date()))
                    }
                    try take(read.bytes)
                }
            },
            put: { _, key, bytes, mediaType in
                _ = try call(key) {
                    try bucket.put($0, bytes, contentType: mediaType, at: AWS.Instant(Date()))
                }
            })
    }
}

/// Parts of what any address gives that may be read (RFC 9110, section 14).
func ranges(_ send: @escaping Send) -> RangeReader {
    { url, range in
        let request = HTTP.Request(
            "GET", url, headers: [Header("range", "bytes=\(range.lowerBound)-\(range.upperBound - 1)")],
            timeoutMilliseconds: 60_000, repeatable: true)
        let response = try send(request)
        guard response.status == 206,
            let total = response.headers["content-range"]?.split(separator: "/").last.flatMap({ Int($0) }),
            response.body.count == min(range.upperBound, total) - range.lowerBound
        else {
            throw OutsideFailure(
                "storage", .unavailable, code: "no-range", reason: "status \(response.status)")
        }
        return (response.body, total)
    }
}

extension Core.Inventory {
    /// Any storage that speaks S3.
    static func s3(_ bucket: AWS.Bucket, _ send: @escaping Send) -> Self {
        Self(
            objects: { _, prefix, after in
                try outside("storage") {
                    let page = try bucket.list(prefix: prefix, behind: after?.key, at: AWS.Instant(Date()))
                        .sent(by: send)
                    let lines = try page.lines.map { line in
                        StoredLine(
                            name: StoredName(key: line.key), bytes: line.byteCount,
                            modifiedAt: try moment(line.lastModified))
                    }
                    return try told(lines, isLast: page.continuation == nil)
                }
            },
            parts: { _, after in
                try outside("storage") {
                    let page = try bucket.multipartUploads(
                        behind: after.map { ($0.key, $0.multipart) }, at: AWS.Instant(Date())
                    ).sent(by: send)
                    let lines = try page.lines.map { line in
                        StoredLine(
                            name: StoredName(key: line.key, multipart: line.id), bytes: 0,
                            modifiedAt: try moment(line.initiated))
                    }
                    return try told(lines, isLast: !page.isTruncated)
                }
            })
    }

    private static func told(_ lines: [StoredLine], isLast: Bool) throws -> StoredLines {
        guard isLast || !lines.isEmpty else {
            throw OutsideFailure("storage", .undecided, reason: "a page of nothing, and more behind it")
        }
        return StoredLines(lines: lines, isLast: isLast)
    }

    /// Of whose age nobody is sure, nothing is decided.
    private static func moment(_ text: String) throws -> Date {
        let style = Date.ISO8601FormatStyle(includingFractionalSeconds: text.contains("."))
        guard let date = try? style.parse(text) else {
            throw OutsideFailure("storage", .undecided, reason: "a moment that is none")
        }
        return date
    }
}

extension ObjectSHA256 {
    fileprivate var told: StoredObject.SHA256 {
        switch self {
        case .whole(let digest): .whole(digest)
        case .ofParts(let digest, let count): .ofParts(digest, count: count)
        }
    }
}

extension Core.Multipart {
    /// Any storage that speaks S3.
    static func s3(_ bucket: AWS.Bucket, _ send: @escaping Send) -> Self {
        func upload(_ key: String, _ name: String) throws -> MultipartUpload {
            MultipartUpload(key: try AWS.Bucket.Key(key), id: name)
        }
        return Self(
            begin: { _, key, mediaType in
                try outside("storage") {
                    try bucket.createMultipartUpload(
                        AWS.Bucket.Key(key), contentType: mediaType, checksums: true, at: AWS.Instant(Date())
                    ).sent(by: send).id
                }
            },
            put: { _, key, name, number, bytes in
                let upload = try upload(key, name)
                let part = try outside("storage") {
                    try bucket.put(number, of: upload, bytes, at: AWS.Instant(Date())).sent(by: send)
                }
                return HeldPart(
                    number: part.number, bytes: part.byteCount, entityTag: part.etag, sha256: part.sha256)
            },
            parts: { _, key, name in
                let upload = try upload(key, name)
                var parts: [StoredPart] = []
                var marker: Int?
                do {
                    repeat {
                        let page = try bucket.parts(of: upload, after: marker, at: AWS.Instant(Date()))
                            .sent(by: send)
                        parts += page.parts
                        marker = page.marker
                    } while marker != nil
                } catch let error as AWSError {
                    guard error.isOfNoUpload else { throw OutsideFailure(error) }
                    return nil
                }
                return parts.map { part in
                    HeldPart(
                        number: part.number, bytes: part.byteCount, entityTag: part.etag, sha256: part.sha256)
                }
            },
            join: { _, key, name, held in
                let upload = try upload(key, name)
                let parts = held.map { part in
                    StoredPart(
                        number: part.number, byteCount: part.bytes, etag: part.entityTag, sha256: part.sha256)
                }
                do {
                    _ = try bucket.complete(upload, parts, at: AWS.Instant(Date())).sent(by: send)
                    return true
                } catch let error as AWSError {
                    guard error.isOfNoUpload else { throw OutsideFailure(error) }
                    return false
                }
            },
            abort: { _, key, name in
                let upload = try upload(key, name)
                try outside("storage") { try bucket.abort(upload, at: AWS.Instant(Date())).sent(by: send) }
            })
    }
}

extension AWSError {
    fileprivate var isOfNoUpload: Bool {
        if case .refused(_, "NoSuchUpload", _) = self { true } else { false }
    }
}

extension OutsideFailure {
    /// Of the storage. An answer that breaks off tells nothing of what was done.
    fileprivate init(_ error: AWSError, service: String = "storage") {
        let kind: Kind =
            if case .unreadable = error { .undecided } else { error.isTransient ? .unavailable : .refused }
        self.init(service, kind, reason: "\(error)")
    }
}

extension Core.Queue {
    /// A queue of SQS, by its URL.
    static func sqs(_ url: String, _ send: @escaping Send) throws -> Self {
        let queue = try AWS.Queue(
            url: url, in: Region(Settings.required("AWS_REGION")), credentials: .live())
        return Self { message, delaySeconds in
            // What is done about the message is below its sending.
            try Trace.span("send", .producer) {
                _ = try outside("queue") {
                    try queue.send(
                        message, delaySeconds: delaySeconds, traceHeader: Trace.context?.header,
                        at: AWS.Instant(Date())
                    ).sent(by: send)
                }
            }
        }
    }
}

/// What failed outside, in the one form the shop's rules know.
private func outside<Answer>(_ service: String, _ call: () throws -> Answer) throws -> Answer {
    do { return try call() } catch let error as AWSError {
        throw OutsideFailure(error, service: service)
    }
}
