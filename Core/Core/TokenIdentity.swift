internal import Bookshop
import Cryptography
import FoundationEssentials
internal import Identity
internal import Lambda
internal import Postgres
internal import Records

extension Identification {
    /// - `OIDC_ISSUER`: the exact issuer
    /// - `OIDC_AUTHORIZED_PARTIES`: the origins whose tokens are taken, separated by commas
    /// - `OIDC_AUDIENCE`: what `aud` must hold, if anything
    static func live(_ database: Connection) throws -> Identification {
        let policy = try TokenPolicy(
            issuer: Issuer(Settings.required("OIDC_ISSUER")),
            authorizedParties: Settings.list("OIDC_AUTHORIZED_PARTIES"),
            audience: Settings.optional("OIDC_AUDIENCE"))
        let tokens = TokenIdentity(database, TokenVerifier(policy))
        return Identification(signedIn: { try tokens.signedIn($0) })
    }
}

/// Principals by their tokens, under the keys that the relay keeps in the database.
final class TokenIdentity {
    private let database: Connection
    private let verifier: TokenVerifier
    /// What was read from the database lately: a key that is revoked is known no longer than this.
    private var keys: [String: (key: Identity.SigningKey, readAt: ContinuousClock.Instant)] = [:]
    private static let keptFor = Duration.seconds(60)

    init(_ database: Connection, _ verifier: TokenVerifier) {
        (self.database, self.verifier) = (database, verifier)
    }

    func signedIn(_ request: Request) throws -> (Principal, SignIn) {
        let claims = try claims(of: request)
        func date(_ seconds: Int?) -> Date? { seconds.map { Date(timeIntervalSince1970: Double($0)) } }
        let account = Account(
            issuer: claims.issuer.description, subject: claims.subject, email: claims.email,
            isEmailVerified: claims.emailVerified, name: claims.name, toldAt: date(claims.issuedAt))
        let signIn = SignIn(at: date(claims.signedInAt), session: claims.sessionID)
        let principal = try database.transaction(.readCommitted) {
            try $0.principal(of: account, signedIn: signIn)
        }
        return (principal, signIn)
    }

    private func claims(of request: Request) throws -> Claims {
        do {
            guard let token = try PresentedToken.shown(headers: request.headers, cookies: request.cookies)
            else {
                throw Problem.unauthenticated
            }
            // A browser adds cookies to whatever another site makes it send.
            if token.carrier == .cookie { try request.requirePage(of: verifier.policy.authorizedParties) }
            return try verifier.claims(
                of: token, key: { try self.key($0) }, at: Int(Date().timeIntervalSince1970.rounded(.down)))
        } catch let error as TokenError {
            guard case .unknownKey = error else {
                log("token refused", ["reason": "\(error)"], level: .warning)
                throw Problem.invalidToken
            }
            throw try wishForKeys()
        }
    }

    private func key(_ name: String) throws -> Identity.SigningKey? {
        if let known = keys[name], known.readAt.duration(to: .now) < Self.keptFor { return known.key }
        let issuer = verifier.policy.issuer
        let kept = try database.transaction(.readOnly) { try $0.signingKey(name, of: issuer.description) }
        guard let kept else { return nil }
        let key = Identity.SigningKey(
            id: kept.kid, issuer: issuer,
            key: try RSAPublicKey(modulus: kept.modulus, exponent: kept.exponent))
        keys[name] = (key, .now)
        return key
    }

    /// The relay reads the wish and fetches the keys, no more often than its floor allows.
    private func wishForKeys() throws -> Problem {
        let issuer = verifier.policy.issuer.description
        let hasKeys = try database.transaction(.readCommitted) { transaction in
            try transaction.wishSigningKeys(of: issuer)
            return try transaction.hasSigningKeys(of: issuer)
        }
        log("token under an unknown key", level: .warning)
        if hasKeys { return .invalidToken }
        return Problem(
            503, "identity-unavailable", "The keys to verify sign-ins by are not here yet. Please try again.",
            headers: ["retry-after": "5"])
    }
}

extension Problem {
    static let invalidToken = Problem(
        401, "invalid-token", "This sign-in is not valid, or not any more. Sign in again.",
        headers: ["www-authenticate": "Bearer error=\"invalid_token\""])
}
