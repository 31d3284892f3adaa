/// Cookies as the shop sets them (RFC 6265bis): sent to its own site, over TLS, and seen by no script unless
/// scripts are meant to read them.
public struct ShopCookies: Sendable {
    /// Only a shop on this very machine does without TLS.
    public let areSecure: Bool

    public init(storeURL: String) {
        areSecure = !["http://127.0.0.1", "http://localhost", "http://[::1]"].contains { local in
            storeURL == local || storeURL.hasPrefix(local + ":") || storeURL.hasPrefix(local + "/")
        }
    }

    /// One value of `Set-Cookie`.
    public func setting(
        _ name: String, _ value: String, seconds: Int, path: String = "/", isForScripts: Bool = false
    ) -> String {
        "\(name)=\(value); Max-Age=\(seconds); Path=\(path)" + (isForScripts ? "" : "; HttpOnly")
            + "; SameSite=Lax"
            + (areSecure ? "; Secure" : "")
    }

    /// Makes a browser forget one.
    public func forgetting(_ name: String, path: String = "/", isForScripts: Bool = false) -> String {
        setting(name, "", seconds: 0, path: path, isForScripts: isForScripts)
    }
}
