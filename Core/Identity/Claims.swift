/// What a verified token says. Only `TokenVerifier` makes one, so to hold it is to know that it is true.
public struct Claims: Hashable, Sendable {
    /// Of this issuer alone: the person is the pair of both.
    public let subject: String
    public let issuer: Issuer
    /// In seconds since 1970, as the token says, without leeway.
    public let expiresAt: Int
    public let sessionID: String?
    public let email: String?
    /// Whether the issuer says that the address is the person's.
    public let emailVerified: Bool
    public let name: String?
    /// When the token was made. The issuer makes a new one whenever it likes: it says nothing of a sign-in.
    public let issuedAt: Int?
    /// When the person last proved who they are: `auth_time` (OpenID Connect Core, section 2), or the minutes since
    /// then that Clerk tells in `fva`. Nothing where the token does not say.
    public let signedInAt: Int?
    /// The origin or client the token was made for.
    public let authorizedParty: String?
    /// A cookie comes with whatever a page asks for: what changes something should ask for a bearer's token.
    public let carrier: Carrier

    init(_ document: [UInt8], carrier: Carrier, under policy: TokenPolicy, at now: Int) throws(TokenError) {
        guard let members = (try? StrictJSON(document))?.object else { throw .malformed }
        let claims = ClaimReader(members: members)
        guard let issuer = try claims.text("iss"), areSame(issuer, policy.issuer.description) else {
            throw .issuer
        }
        guard let expiry = try claims.time("exp") else { throw .claim("exp") }
        let (now, leeway) = (Double(now), Double(policy.leewaySeconds))
        guard expiry > now - leeway else { throw .expired }
        for name in ["nbf", "iat"] {
            if let time = try claims.time(name), time > now + leeway { throw .notYetValid }
        }
        if let audience = policy.audience, try !claims.audience().contains(where: { areSame($0, audience) }) {
            throw .audience
        }
        authorizedParty = try claims.text("azp")
        switch (authorizedParty, carrier) {
        case (let party?, _):
            guard policy.authorizedParties.contains(where: { areSame($0, party) }) else {
                throw .authorizedParty
            }
        case (nil, .cookie): throw .authorizedParty
        // Clerk leaves it out where there was no Origin, as in a native application.
        case (nil, .bearer): break
        }
        guard try claims.text("sts").map({ areSame($0, "active") }) ?? true else { throw .signedOut }
        guard let subject = try claims.text("sub") else { throw .claim("sub") }
        self.subject = subject
        self.issuer = policy.issuer
        self.carrier = carrier
        expiresAt = Int(expiry.rounded(.down))
        sessionID = try claims.text("sid")
        email = try claims.text("email", limit: 320)
        emailVerified = email != nil && members["email_verified"]?.bool ?? false
        // Nobody is turned away for what they are called.
        name = (try? claims.text("name", limit: 1_200)) ?? nil
        let issuedAt = try claims.time("iat").map { Int($0.rounded(.down)) }
        self.issuedAt = issuedAt
        let authenticatedAt = try claims.time("auth_time").map { Int($0.rounded(.down)) }
        signedInAt =
            authenticatedAt
            ?? claims.minutesSinceVerification.flatMap { minutes in
                issuedAt.map { $0 - minutes * 60 }
            }
    }
}

/// Claims by name and type. One that is null says as little as one that is absent.
struct ClaimReader {
    let members: [String: StrictJSON]

    private subscript(name: String) -> StrictJSON? { members[name].flatMap { $0 == .null ? nil : $0 } }

    /// Not empty, and without control characters, which the database cannot hold (U+0000) and logs should
    /// not.
    func text(_ name: String, limit: Int = 255) throws(TokenError) -> String? {
        guard let value = self[name] else { return nil }
        guard
            let text = value.string, (1...limit).contains(text.utf8.count),
            text.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control })
        else { throw .claim(name) }
        return text
    }

    /// A NumericDate (RFC 7519, section 2): a number of seconds, whole or not, that a Double holds to the
    /// second.
    func time(_ name: String) throws(TokenError) -> Double? {
        guard let value = self[name] else { return nil }
        guard let seconds = value.number, abs(seconds) < 9_007_199_254_740_992 else { throw .claim(name) }
        return seconds
    }

    /// The age of the first factor in Clerk's session tokens; -1 where it was never verified.
    var minutesSinceVerification: Int? {
        guard let minutes = self["fva"]?.array?.first?.number, (0...10_000_000).contains(minutes) else {
            return nil
        }
        return Int(minutes)
    }

    /// One text or a list of them (RFC 7519, section 4.1.3).
    func audience() throws(TokenError) -> [String] {
        switch self["aud"] {
        case nil: return []
        case .string(let text): return [text]
        case .array(let elements):
            let texts = elements.compactMap(\.string)
            guard texts.count == elements.count else { throw .claim("aud") }
            return texts
        default: throw .claim("aud")
        }
    }
}
