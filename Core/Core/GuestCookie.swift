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

    private let cookies: ShopCookies

    public init(storeURL: String) { cookies = ShopCookies(storeURL: storeURL) }

    /// A name that begins with `__Host-` is set by no subdomain and sent over TLS alone (RFC 6265bis, section
    /// 4.1.3.2).
    public var name: String { cookies.areSecure ? "__Host-cart" : "cart" }

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
    public func keeping(_ text: String) -> String { cookies.setting(name, text, seconds: Self.seconds) }

    /// Makes the browser forget it.
    public var forgetting: String { cookies.forgetting(name) }
}
