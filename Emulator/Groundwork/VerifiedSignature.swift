import Cryptography

/// The proof that a request was signed by a key we know; only the verifier makes one.
public struct VerifiedSignature: Sendable {
    public let accessKeyID: String
    /// What the signature says of the payload: its SHA-256 in hex, or the name of a mode.
    public let payload: String
    let signature: String
    let timestamp: String
    let scope: String
    let signingKey: [UInt8]

    /// The signatures of a chunked payload, each of which holds the one before it.
    public func chunks() -> ChunkSignatures {
        ChunkSignatures(previous: signature, timestamp: timestamp, scope: scope, key: signingKey)
    }
}

/// Verifies `STREAMING-AWS4-HMAC-SHA256-PAYLOAD`, chunk after chunk.
public struct ChunkSignatures: Sendable {
    private var previous: String
    private let timestamp: String
    private let scope: String
    private let key: [UInt8]
    private static let emptyHash = Hex.encoded(SHA256.hash([]))

    init(previous: String, timestamp: String, scope: String, key: [UInt8]) {
        (self.previous, self.timestamp, self.scope, self.key) = (previous, timestamp, scope, key)
    }

    /// Whether the chunk of this hash may follow. The last, empty one counts too.
    public mutating func accepts(chunk hash: [UInt8], signature: String) -> Bool {
        follows("AWS4-HMAC-SHA256-PAYLOAD", [Self.emptyHash, Hex.encoded(hash)], signature)
    }

    /// Whether these trailers (`name:value` lines, each ended by a newline) are those signed.
    public mutating func accepts(trailers: String, signature: String) -> Bool {
        follows("AWS4-HMAC-SHA256-TRAILER", [Hex.encoded(SHA256.hash(Array(trailers.utf8)))], signature)
    }

    private mutating func follows(_ kind: String, _ hashes: [String], _ signature: String) -> Bool {
        let text = ([kind, timestamp, scope, previous] + hashes).joined(separator: "\n")
        let expected = Hex.encoded(HMAC.sha256(key: key, message: text))
        previous = expected
        return constantTimeEqual(Array(expected.utf8), Array(signature.utf8))
    }
}
