/// Why a token proves nothing. All but `unknownKey` are the end of it, and nothing of an unproven token is in
/// them.
public enum TokenError: Error, Equatable, Sendable {
    /// Not three parts of strict base64url, or a header or claims that are no strict JSON object, or over 8
    /// KiB.
    case malformed
    /// Any algorithm but RS256, `none` first among them.
    case algorithm
    /// A `typ` or Clerk category (`cat`) that is not a session's: one token is no substitute for another.
    case kind
    /// The header demands an understanding (`crit`) that nobody here has.
    case criticalExtension
    case noKeyName
    /// The name is the sender's word, so it is good for one thing: to wish that the issuer's keys be read
    /// again.
    case unknownKey(String)
    /// The key found is another's: of another name or another issuer.
    case foreignKey
    case signature
    /// The claim is absent, or not of its type or size.
    case claim(String)
    case issuer
    case audience
    case authorizedParty
    case expired
    case notYetValid
    /// Clerk's `sts` says that the session is pending: whoever it is has not finished signing in.
    case signedOut
    /// An `authorization` header that is not one Bearer token.
    case malformedAuthorization
    /// Session cookies that contradict each other.
    case ambiguousCookies
}
