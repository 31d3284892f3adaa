import Cryptography

/// A JWT in compact form (RFC 7515), always RS256.
struct SignedToken {
    /// Clerk's mark of what a token is for, in its header: one is no substitute for another.
    enum Category: String {
        case session = "cl_B7d4PD111AAA"
        case template = "cl_B7d4PD222AAA"
    }

    static func encoded(_ claims: JSON, as category: Category, by key: SigningKeys.SigningKey) -> String {
        let header: JSON = [
            "alg": "RS256", "typ": "JWT", "kid": .string(key.id), "cat": .string(category.rawValue),
        ]
        let signed = "\(Base64URL.encoded(header.bytes)).\(Base64URL.encoded(claims.bytes))"
        return "\(signed).\(Base64URL.encoded(key.key.signature(of: Array(signed.utf8))))"
    }

    /// The claims of a session token of ours that has not expired.
    static func claims(of token: String, from keys: SigningKeys, at now: Int) -> JSON? {
        let parts = token.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Base64URL.decoded(parts[0]).flatMap({ try? JSON(parsing: $0) }),
            header["alg"] == "RS256", header["cat"].string == Category.session.rawValue,
            let key = header["kid"].string.flatMap(keys.key),
            let signature = Base64URL.decoded(parts[2]),
            key.key.publicKey.verifies(signature, of: Array("\(parts[0]).\(parts[1])".utf8)),
            let claims = Base64URL.decoded(parts[1]).flatMap({ try? JSON(parsing: $0) }),
            let expiry = claims["exp"].integer, now < expiry
        else { return nil }
        return claims
    }
}
