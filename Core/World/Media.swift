internal import AWS
internal import Core
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
                        sha256: object.sha256)
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

extension Core.Queue {
    /// A queue of SQS, by its URL.
    static func sqs(_ url: String, _ send: @escaping Send) throws -> Self {
        let queue = try AWS.Queue(
            url: url, in: Region(Settings.required("AWS_REGION")), credentials: .live())
        return Self { message in
            _ = try outside("queue") { try queue.send(message, at: AWS.Instant(Date())).sent(by: send) }
        }
    }
}

/// What failed outside, in the one form the shop's rules know.
private func outside<Answer>(_ service: String, _ call: () throws -> Answer) throws -> Answer {
    do { return try call() } catch let error as AWSError {
        throw OutsideFailure(service, error.isTransient ? .unavailable : .refused, reason: "\(error)")
    }
}
