import Foundation

/// All that is known of an object but its bytes.
struct ObjectRecord: Codable, Sendable {
    var key: String
    var segments: [Segment]
    var etag: String
    var modified: Date
    /// Of the change that made it; greater than that of any change before.
    var sequencer: UInt64
    var attributes: ObjectAttributes
    var checksum: Checksum?
    /// Of a multipart upload, so that completing it twice has one answer.
    var uploadID: String?

    var bytes: Int { segments.reduce(0) { $0 + $1.bytes } }
    var objectKey: ObjectKey { ObjectKey(key.utf8) }
}

/// A file that holds a stretch of an object. A multipart object has one for every part, so completing it
/// copies nothing.
struct Segment: Codable, Hashable, Sendable {
    let blob: String
    let bytes: Int
}

/// What the client said of an object, told again with it.
struct ObjectAttributes: Codable, Hashable, Sendable {
    /// `content-type` and its kin, by lower-case name.
    var headers: [String: String] = [:]
    /// `x-amz-meta-…`, without that beginning.
    var metadata: [String: String] = [:]

    static let headerNames = [
        "content-type", "cache-control", "content-disposition", "content-encoding", "content-language",
        "expires",
    ]
}
