/// How a token came. A browser adds cookies to whatever a page asks for, so a cookie proves less of the
/// asker's will.
public enum Carrier: Hashable, Sendable {
    case bearer
    case cookie
}

/// What somebody shows to prove who they are. Nothing about it is proven yet.
public struct PresentedToken: Hashable, Sendable {
    public let text: String
    public let carrier: Carrier

    public init(_ text: String, by carrier: Carrier) { (self.text, self.carrier) = (text, carrier) }

    /// The token of a request, or nothing if it shows none. Header names are in lower case.
    ///
    /// The header decides where there are both: a page sets it knowingly, and the cookie comes of itself. Of
    /// cookies, Clerk's suffixed one (`__session_…`, one for each of its applications on a domain) goes
    /// before `__session`, which they share; two suffixed ones that differ are refused, for neither is known
    /// to be ours.
    public static func shown(
        headers: [String: String], cookies: [String: String]
    ) throws(TokenError) -> PresentedToken? {
        if let header = headers["authorization"] { return PresentedToken(try bearer(header), by: .bearer) }
        // Clerk empties a cookie to sign out.
        let sessions = cookies.filter { !$0.value.isEmpty }
        let suffixed = Set(sessions.filter { $0.key.hasPrefix("__session_") }.map(\.value))
        guard suffixed.count <= 1 else { throw .ambiguousCookies }
        guard let text = suffixed.first ?? sessions["__session"] else { return nil }
        return PresentedToken(text, by: .cookie)
    }

    /// RFC 6750, section 2.1. Headers sent twice arrive joined by a comma, which is no part of a token.
    private static func bearer(_ header: String) throws(TokenError) -> String {
        let words = header.split(separator: " ")
        guard words.count == 2, words[0].lowercased() == "bearer" else { throw .malformedAuthorization }
        let isToken = words[1].utf8.allSatisfy {
            (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0)
                || "-._~+/=".utf8.contains($0)
        }
        guard isToken else { throw .malformedAuthorization }
        return String(words[1])
    }
}
