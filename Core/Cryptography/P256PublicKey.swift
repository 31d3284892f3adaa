import COpenSSL

/// A point on NIST's curve P-256, for ES256 (RFC 7518, section 3.4).
public struct P256PublicKey: Sendable {
    private let key: KeyHandle

    /// Big-endian coordinates of 32 bytes each, as in a JWK. A point off the curve is refused.
    public init(x: [UInt8], y: [UInt8]) throws(KeyError) {
        guard x.count == 32, y.count == 32 else { throw .malformed }
        let point = DER.bitString([4] + x + y)
        guard let key = KeyHandle(publicKey: DER.sequence(DER.ecPublicKeyOnP256, point))
        else { throw .malformed }
        self.key = key
    }

    /// The signature as JWS carries it: r and s, 32 bytes each.
    public func verifiesES256(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        guard signature.count == 64 else { return false }
        let numbers = DER.sequence(DER.integer(signature[..<32]), DER.integer(signature[32...]))
        return key.verifies(numbers, of: message, digest: EVP_sha256())
    }
}
