public import Bookshop

/// Sends what is made piece by piece to the storage, as the parts of one object: of it never more than a part is held.
public final class PartsSender {
    private let multipart: Multipart
    private let bucket: String
    private let objectKey: String
    private let name: String
    private var waiting: [UInt8] = []
    private var parts: [HeldPart] = []

    /// Ten thousand of them, which is as many as an object has, are 160 GB.
    public static let partBytes = 16 << 20

    /// `name` is that of the upload that was begun.
    public init(_ multipart: Multipart, bucket: String, objectKey: String, name: String) {
        (self.multipart, self.bucket) = (multipart, bucket)
        (self.objectKey, self.name) = (objectKey, name)
        waiting.reserveCapacity(Self.partBytes + 1 << 20)
    }

    public func send(_ bytes: [UInt8]) throws {
        waiting.append(contentsOf: bytes)
        while waiting.count >= Self.partBytes {
            try put(Array(waiting.prefix(Self.partBytes)))
            waiting.removeFirst(Self.partBytes)
        }
    }

    /// Makes them one object, and answers how large it is.
    public func finish() throws -> Int {
        if !waiting.isEmpty { try put(waiting) }
        // Where the storage knows no such upload, it was joined and the answer lost.
        _ = try multipart.join(bucket, objectKey, name, parts)
        return parts.reduce(0) { $0 + $1.bytes }
    }

    private func put(_ bytes: [UInt8]) throws {
        parts.append(try multipart.put(bucket, objectKey, name, parts.count + 1, bytes))
    }
}
