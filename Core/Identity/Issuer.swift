/// Who signs tokens, by the exact text of its `iss`: a slash more is another issuer.
///
/// Compared byte by byte. Swift holds `K` and the sign of Kelvin to be one character; an issuer's name is no
/// such text.
public struct Issuer: Hashable, Sendable, CustomStringConvertible {
    public let description: String

    /// An https URL without query and fragment (OpenID Connect Discovery 1.0, section 3), or http on this
    /// machine.
    public init(_ text: String) throws(IdentityError) {
        guard isTrustworthy(text), !text.contains("?") else { throw .malformedIssuer }
        description = text
    }

    /// Where the issuer says what else is to be known of it (section 4.1: without a final slash).
    public var discoveryURL: String {
        (description.hasSuffix("/") ? String(description.dropLast()) : description)
            + "/.well-known/openid-configuration"
    }
}

/// What the issuer publishes of itself, as far as tokens need it.
public struct Discovery: Hashable, Sendable {
    public let issuer: Issuer
    public let keySetURL: String
    /// Where people sign in, and where what they come back with is redeemed; not every issuer has them.
    public let authorizationURL: String?
    public let tokenURL: String?
    /// Where a token is told to be good for nothing any more (RFC 7009, and RFC 8414, section 2); few have it.
    public let revocationURL: String?

    /// The document must name the very issuer it was asked of, or one issuer could speak for another.
    public init(from document: [UInt8], of issuer: Issuer) throws(IdentityError) {
        guard document.count <= 65_536, let members = (try? StrictJSON(document))?.object
        else { throw .malformedDiscovery }
        guard let named = members["issuer"]?.string, areSame(named, issuer.description) else {
            throw .foreignIssuer
        }
        guard let url = members["jwks_uri"]?.string, isTrustworthy(url) else { throw .malformedDiscovery }
        (self.issuer, keySetURL) = (issuer, url)
        func trusted(_ name: String) -> String? {
            members[name]?.string.flatMap { isTrustworthy($0) ? $0 : nil }
        }
        (authorizationURL, tokenURL) = (trusted("authorization_endpoint"), trusted("token_endpoint"))
        revocationURL = trusted("revocation_endpoint")
    }
}

/// Why an issuer, its documents or a policy cannot be used.
public enum IdentityError: Error, Equatable, Sendable {
    case malformedIssuer
    case malformedDiscovery
    case foreignIssuer
    case malformedKeySet
    case malformedEvent
    /// A policy without authorized parties would let every site's tokens in.
    case noAuthorizedParties
}

func areSame(_ a: String, _ b: String) -> Bool { a.utf8.elementsEqual(b.utf8) }

/// Whether what is read there came from whom it says: over TLS, or from this machine.
private func isTrustworthy(_ url: String) -> Bool {
    let isPlain = url.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != 0x5C }
    guard isPlain, url.utf8.count <= 1_024, !url.contains("#") else { return false }
    let isEncrypted = url.hasPrefix("https://")
    guard isEncrypted || url.hasPrefix("http://") else { return false }
    let authority = url.dropFirst(isEncrypted ? 8 : 7).prefix { $0 != "/" && $0 != "?" }
    guard !authority.contains("@"), let (host, _) = hostAndPort(authority) else { return false }
    return isEncrypted || ["127.0.0.1", "localhost", "[::1]"].contains(host)
}

private func hostAndPort(_ authority: Substring) -> (host: Substring, port: Substring)? {
    let end =
        authority.hasPrefix("[")
        ? authority.firstIndex(of: "]").map(authority.index(after:))
        : authority.firstIndex(of: ":") ?? authority.endIndex
    guard let end, end > authority.startIndex else { return nil }
    let (host, port) = (authority[..<end], authority[end...])
    let isPort =
        port.isEmpty || port.first == ":" && port.dropFirst().utf8.allSatisfy { (48...57).contains($0) }
    return isPort && port.count <= 6 ? (host, port) : nil
}
