import COpenSSL

/// Why a key is not used.
public enum KeyError: Error, Equatable, Sendable {
    case tooShort(bits: Int)
    /// Verifying costs the square of the length, and whoever publishes keys must not choose our costs.
    case tooLong(bits: Int)
    case malformed
}

/// A signature algorithm of RFC 7518, section 3.3: RSASSA-PKCS1-v1_5.
public enum RSAAlgorithm: String, Sendable, CaseIterable {
    case rs256 = "RS256"
    case rs384 = "RS384"
    case rs512 = "RS512"

    var digest: OpaquePointer {
        switch self {
        case .rs256: EVP_sha256()
        case .rs384: EVP_sha384()
        case .rs512: EVP_sha512()
        }
    }
}

public struct RSAPublicKey: Sendable, Hashable {
    /// Big-endian, without zeros in front, as in a JWK's `n` and `e`.
    public let modulus: [UInt8]
    public let exponent: [UInt8]
    private let key: KeyHandle

    /// Refuses fewer than 2048 bits (RFC 7518, section 3.3), more than 8192, and numbers no RSA key can have.
    public init(modulus: [UInt8], exponent: [UInt8]) throws(KeyError) {
        let modulus = Array(modulus.drop { $0 == 0 })
        let exponent = Array(exponent.drop { $0 == 0 })
        let bits = modulus.count * 8 - (modulus.first?.leadingZeroBitCount ?? 0)
        guard bits >= 2048 else { throw .tooShort(bits: bits) }
        guard bits <= 8192 else { throw .tooLong(bits: bits) }
        guard
            modulus.last.map({ $0 & 1 == 1 }) ?? false, exponent.last.map({ $0 & 1 == 1 }) ?? false,
            exponent != [1], exponent.count <= 8
        else { throw .malformed }
        let numbers = DER.sequence(DER.integer(modulus), DER.integer(exponent))
        guard let key = KeyHandle(publicKey: DER.sequence(DER.rsaEncryption, DER.bitString(numbers)))
        else { throw .malformed }
        (self.modulus, self.exponent, self.key) = (modulus, exponent, key)
    }

    public func verifies(
        _ signature: [UInt8], of message: [UInt8], with algorithm: RSAAlgorithm = .rs256
    ) -> Bool {
        // RFC 8017, section 8.2.2, step 1: a signature is exactly as long as the modulus.
        signature.count == modulus.count
            && key.verifies(signature, of: message, digest: algorithm.digest)
    }

    public static func == (a: RSAPublicKey, b: RSAPublicKey) -> Bool {
        a.modulus == b.modulus && a.exponent == b.exponent
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(modulus)
        hasher.combine(exponent)
    }
}
