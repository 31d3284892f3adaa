import Core
import Cryptography
import FoundationEssentials

/// A browser that was sent to the identity provider, and what it must bring back.
struct Departure: Codable, Hashable {
    /// Tells it from other tabs of the same browser, and from what another site would have it bring (RFC
    /// 6749, section 10.12).
    let state: String
    let nonce: String
    /// Of PKCE: whoever stole the code does not know it (RFC 7636).
    let verifier: String
    let returnTo: String

    init(returningTo path: String?) {
        state = Base64URL.encoded(randomBytes(18))
        nonce = Base64URL.encoded(randomBytes(18))
        verifier = Base64URL.encoded(randomBytes(32))
        returnTo = path.flatMap { Self.isOurs($0) ? $0 : nil } ?? "/"
    }

    func parameters(redirect: String) -> [(name: String, value: String)] {
        [
            ("response_type", "code"), ("redirect_uri", redirect),
            ("scope", "openid profile email offline_access"),
            ("state", state), ("nonce", nonce),
            ("code_challenge", Base64URL.encoded(SHA256.hash(Array(verifier.utf8)))),
            ("code_challenge_method", "S256"),
        ]
    }

    /// A path of the shop: browsers take `//` and `/\` for another host's name.
    private static func isOurs(_ path: String) -> Bool {
        path.hasPrefix("/") && !path.hasPrefix("//") && path.utf8.count <= 2_000
            && path.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }
    }
}
