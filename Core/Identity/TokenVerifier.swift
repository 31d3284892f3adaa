import Cryptography

/// Whose tokens are taken, and what they must say.
public struct TokenPolicy: Hashable, Sendable {
    public let issuer: Issuer
    /// What `azp` may be: the shop's own origins and clients.
    public let authorizedParties: [String]
    /// What `aud` must hold, if anything.
    public let audience: String?
    /// For clocks that differ.
    public let leewaySeconds: Int

    public init(
        issuer: Issuer, authorizedParties: [String], audience: String? = nil, leewaySeconds: Int = 5
    ) throws(IdentityError) {
        let parties = authorizedParties.filter { !$0.isEmpty }
        guard !parties.isEmpty else { throw .noAuthorizedParties }
        (self.issuer, self.authorizedParties) = (issuer, parties)
        self.audience = audience.flatMap { $0.isEmpty ? nil : $0 }
        self.leewaySeconds = leewaySeconds
    }
}

/// Tells whether a token of Clerk, or of any OpenID Connect issuer, is true.
///
/// The algorithm is pinned and the keys are the issuer's published ones: whatever the token's own header
/// offers for a key (`jku`, `jwk`, `x5u`, `x5c`) is never looked at. No claim is looked at before the
/// signature is.
public struct TokenVerifier: Sendable {
    public let policy: TokenPolicy

    public init(_ policy: TokenPolicy) { self.policy = policy }

    /// Clerk's mark of a session token. A token of a template or for a machine bears another, under the same
    /// keys.
    private static let sessionCategory = "cl_B7d4PD111AAA"
    /// What fits into the headers a gateway takes, and then some.
    private static let limit = 8_192

    /// What the token says, if it is true now. Throws `TokenError`, or what `key` throws when keys cannot be
    /// had.
    public func claims(
        of token: String, by carrier: Carrier, key: (String) throws -> SigningKey?, at nowEpochSeconds: Int
    ) throws -> Claims {
        let parts = try Parts(token)
        let name = try Self.keyName(parts.header)
        guard let key = try key(name) else { throw TokenError.unknownKey(name) }
        guard areSame(key.id, name), key.issuer == policy.issuer else { throw TokenError.foreignKey }
        guard key.key.verifies(parts.signature, of: parts.signed, with: .rs256) else {
            throw TokenError.signature
        }
        return try Claims(parts.claims, carrier: carrier, under: policy, at: nowEpochSeconds)
    }

    public func claims(
        of token: PresentedToken, key: (String) throws -> SigningKey?, at nowEpochSeconds: Int
    ) throws -> Claims {
        try claims(of: token.text, by: token.carrier, key: key, at: nowEpochSeconds)
    }

    private static func keyName(_ header: [UInt8]) throws(TokenError) -> String {
        guard let header = (try? StrictJSON(header))?.object else { throw .malformed }
        guard header["alg"] == .string("RS256") else { throw .algorithm }
        guard header["crit"] == nil else { throw .criticalExtension }
        // RFC 7519, section 5.1, and RFC 9068, section 2.1, for access tokens.
        guard [nil, .string("JWT"), .string("at+jwt")].contains(header["typ"]) else { throw .kind }
        guard [nil, .string(sessionCategory)].contains(header["cat"]) else { throw .kind }
        guard let name = header["kid"]?.string, isKeyName(name) else { throw .noKeyName }
        return name
    }

    /// The three parts of a compact JWS (RFC 7515, section 7.1), decoded.
    private struct Parts {
        let header: [UInt8]
        let claims: [UInt8]
        let signature: [UInt8]
        /// The first two as they came: what was signed.
        let signed: [UInt8]

        init(_ token: String) throws(TokenError) {
            guard token.utf8.count <= limit else { throw .malformed }
            let parts = token.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            guard
                parts.count == 3, let header = Base64URL.decoded(Substring(parts[0])),
                let claims = Base64URL.decoded(Substring(parts[1])),
                let signature = Base64URL.decoded(Substring(parts[2])), !signature.isEmpty
            else { throw .malformed }
            (self.header, self.claims, self.signature) = (header, claims, signature)
            signed = Array(token.utf8.prefix(parts[0].count + 1 + parts[1].count))
        }
    }
}
