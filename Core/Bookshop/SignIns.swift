/// The identity provider as a browser is led to it and back (OpenID Connect Core 1.0, section 3.1).
/// Failures are `OutsideFailure`; `refused` is what the provider will not take: a code or a refresh token
/// that is no good any more.
public struct SignIns {
    /// Where a browser goes to prove who it is: an address with these parameters.
    public var address: (_ parameters: [(name: String, value: String)]) throws -> String
    /// What a code is worth. The nonce is the one the browser was sent with.
    public var redeem: (_ code: SignInCode) throws -> SignedIn
    /// What goes on a sign-in whose session token has ended.
    public var renew: (_ refreshToken: String) throws -> SignedIn
    /// From now on nothing goes on by it, where the provider can do that.
    public var revoke: (_ refreshToken: String) throws -> Void

    public init(
        address: @escaping (_ parameters: [(name: String, value: String)]) throws -> String,
        redeem: @escaping (_ code: SignInCode) throws -> SignedIn,
        renew: @escaping (_ refreshToken: String) throws -> SignedIn,
        revoke: @escaping (_ refreshToken: String) throws -> Void
    ) {
        (self.address, self.redeem, self.renew, self.revoke) = (address, redeem, renew, revoke)
    }

    public static var unset: SignIns {
        SignIns(
            address: { _ in throw Unset("SignIns.address") }, redeem: { _ in throw Unset("SignIns.redeem") },
            renew: { _ in throw Unset("SignIns.renew") }, revoke: { _ in throw Unset("SignIns.revoke") })
    }
}

/// What came back with a browser, and what only whoever sent it out knows.
public struct SignInCode: Hashable, Sendable {
    public let code: String
    public let redirect: String
    /// Of PKCE (RFC 7636).
    public let verifier: String
    public let nonce: String

    public init(code: String, redirect: String, verifier: String, nonce: String) {
        (self.code, self.redirect, self.verifier, self.nonce) = (code, redirect, verifier, nonce)
    }
}

/// Tokens of somebody who is signed in.
public struct SignedIn: Hashable, Sendable {
    /// A JWT that the shop's API takes.
    public let session: String
    public let seconds: Int
    /// Good for the next session, once. Without one, the sign-in ends with the session.
    public let refreshToken: String?

    public init(session: String, seconds: Int, refreshToken: String?) {
        (self.session, self.seconds, self.refreshToken) = (session, seconds, refreshToken)
    }
}
