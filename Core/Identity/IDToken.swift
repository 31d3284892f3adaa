import Cryptography

/// What an ID token says that came straight from the issuer's token endpoint, over TLS: there its signature
/// need not be checked (OpenID Connect Core 1.0, section 3.1.3.7, rule 6), all else must be.
public struct IDToken: Hashable, Sendable {
    public let subject: String

    /// - nonce: the one the browser was sent with
    /// - now: in seconds since 1970
    public init(
        _ text: String, of issuer: Issuer, for client: String, nonce: String, at now: Int
    ) throws(TokenError) {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 3, text.utf8.count <= 16_384,
            let payload = Base64URL.decoded(String(parts[1]) ?? ""),
            let members = (try? StrictJSON(payload))?.object
        else { throw .malformed }
        let claims = ClaimReader(members: members)
        guard let named = try claims.text("iss"), areSame(named, issuer.description) else { throw .issuer }
        guard try claims.audience().contains(where: { areSame($0, client) }) else { throw .audience }
        guard let expiry = try claims.time("exp") else { throw .claim("exp") }
        guard expiry > Double(now) - 60 else { throw .expired }
        guard let sent = try claims.text("nonce"), areSame(sent, nonce) else { throw .claim("nonce") }
        guard let subject = try claims.text("sub") else { throw .claim("sub") }
        self.subject = subject
    }
}
