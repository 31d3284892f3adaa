public import Cryptography

/// A key an issuer signs tokens with. It knows its issuer: two issuers may use one key's name.
public struct SigningKey: Hashable, Sendable {
    public let id: String
    public let issuer: Issuer
    public let key: RSAPublicKey

    public init(id: String, issuer: Issuer, key: RSAPublicKey) {
        (self.id, self.issuer, self.key) = (id, issuer, key)
    }

    /// The keys of a JWK Set (RFC 7517) that may sign tokens by RS256: all others are passed over.
    ///
    /// A name that two different keys bear names neither. The set may be empty; an issuer without keys is
    /// rather broken than done with, so whoever holds older keys should keep them then.
    public static func keySet(from document: [UInt8], of issuer: Issuer) throws(IdentityError) -> [SigningKey]
    {
        guard
            document.count <= 262_144, let keys = (try? StrictJSON(document))?.object?["keys"]?.array,
            keys.count <= 100
        else { throw .malformedKeySet }
        var named: [String: Set<SigningKey>] = [:]
        var order: [String] = []
        for key in keys.compactMap({ SigningKey($0, of: issuer) }) {
            if named[key.id] == nil { order.append(key.id) }
            named[key.id, default: []].insert(key)
        }
        return order.compactMap { named[$0].flatMap { $0.count == 1 ? $0.first : nil } }
    }

    private init?(_ json: StrictJSON, of issuer: Issuer) {
        // A key whose private half was published is everyone's.
        guard
            let members = json.object, members["kty"]?.string == "RSA", members["d"] == nil,
            members["use"].map({ $0 == .string("sig") }) ?? true,
            members["alg"].map({ $0 == .string("RS256") }) ?? true,
            members["key_ops"].map({ $0.array?.contains(.string("verify")) ?? false }) ?? true,
            let id = members["kid"]?.string, isKeyName(id),
            let modulus = members["n"]?.string.flatMap({ Base64URL.decoded($0) }),
            let exponent = members["e"]?.string.flatMap({ Base64URL.decoded($0) }),
            let key = try? RSAPublicKey(modulus: modulus, exponent: exponent)
        else { return nil }
        self.init(id: id, issuer: issuer, key: key)
    }
}

/// Visible ASCII, up to 255: a key's name goes into the database before anything about it is proven.
func isKeyName(_ text: String) -> Bool {
    (1...255).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
}
