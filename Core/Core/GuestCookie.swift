internal import Cryptography
public import Lambda
public import Records

/// By which the browser of somebody who has not signed in is known again: 32 random bytes, of which the shop
/// keeps the SHA-256 alone. Whoever reads the database cannot be anybody's guest.
public struct GuestCookie: Sendable {
    /// A token that was just made: what the browser is given, and whose cart it opens.
    public struct Fresh: Sendable {
        public let text: String
        public let owner: CartOwner
    }

    /// A guest's cart is kept so long after they last changed it.
    public static let seconds = 30 * 86_400

    private let isSecure: Bool

    /// A name that begins with `__Host-` is set by no subdomain and sent over TLS alone (RFC 6265bis, section
    /// 4.1.3.2). Only a shop on this very machine does without.
    public init(storeURL: String) {
        isSecure = !["http://127.0.0.1", "http://localhost", "http://[::1]"].contains { local in
            storeURL == local || storeURL.hasPrefix(local + ":") || storeURL.hasPrefix(local + "/")
        }
    }

    public var name: String { isSecure ? "__Host-cart" : "cart" }

    /// Whose cart the browser's token opens. What is no token of ours is none.
    public func owner(of request: Request) -> CartOwner? {
        guard let text = request.cookies[name], let token = Base64URL.decoded(text), token.count == 32 else {
            return nil
        }
        return .guest(tokenHash: SHA256.hash(token))
    }

    public func fresh() -> Fresh {
        let token = randomBytes(32)
        return Fresh(text: Base64URL.encoded(token), owner: .guest(tokenHash: SHA256.hash(token)))
    }

    /// Gives the browser a token, or keeps it from forgetting the one it has.
    public func keeping(_ text: String) -> String { "\(name)=\(text); Max-Age=\(Self.seconds)\(attributes)" }

    /// Makes the browser forget it.
    public var forgetting: String { "\(name)=; Max-Age=0\(attributes)" }

    private var attributes: String { "; Path=/; HttpOnly; SameSite=Lax" + (isSecure ? "; Secure" : "") }
}
