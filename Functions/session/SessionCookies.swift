import Core
import Cryptography
import FoundationEssentials

/// What a browser is given to be known by.
///
/// - `__session`: the token for the API, under the name that the API and Clerk know. A prefix `__Host-`
///   would be another.
/// - `refresh`, for `/auth` alone
/// - `earshelf-signed-in`, which scripts may read: until when the session is good, in seconds since 1970,
///   and nothing of whose
struct SessionCookies {
    private let isSecure: Bool

    /// Only a shop on this very machine does without TLS.
    init(storeURL: String) { isSecure = storeURL.hasPrefix("https://") }

    private static let signInSeconds = 600
    /// Longer than providers let a sign-in go on; theirs is the word that counts.
    private static let refreshSeconds = 90 * 86_400
    private static let path = "; Path=/auth"

    func departing(_ departure: Departure) -> String {
        let value = (try? JSONEncoder().encode(departure)).map { Base64URL.encoded([UInt8]($0)) } ?? ""
        return cookie(name(of: departure.state), value, seconds: Self.signInSeconds, path: Self.path)
    }

    /// The departure that a state speaks of, if this browser began it.
    func departure(_ state: String, of request: Request) -> Departure? {
        guard let value = request.cookies[name(of: state)], let bytes = Base64URL.decoded(value),
            let departure = try? JSONDecoder().decode(Departure.self, from: Data(bytes)),
            constantTimeEqual(Array(departure.state.utf8), Array(state.utf8))
        else { return nil }
        return departure
    }

    func arrived(_ departure: Departure) -> String {
        cookie(name(of: departure.state), "", seconds: 0, path: Self.path)
    }

    func keeping(_ signedIn: SignedIn, at now: Date) -> [String] {
        let end = Int(now.timeIntervalSince1970) + signedIn.seconds
        let lasts = signedIn.refreshToken == nil ? signedIn.seconds : Self.refreshSeconds
        var cookies = [
            cookie("__session", signedIn.session, seconds: signedIn.seconds),
            cookie("earshelf-signed-in", "\(end)", seconds: lasts, isForScripts: true),
        ]
        if let token = signedIn.refreshToken {
            cookies.append(
                cookie("refresh", Base64URL.encoded(Array(token.utf8)), seconds: lasts, path: Self.path))
        }
        return cookies
    }

    func refreshToken(of request: Request) -> String? {
        request.cookies["refresh"].flatMap(Base64URL.decoded).flatMap {
            String(validating: $0, as: UTF8.self)
        }
    }

    var forgotten: [String] {
        [
            cookie("__session", "", seconds: 0),
            cookie("earshelf-signed-in", "", seconds: 0, isForScripts: true),
            cookie("refresh", "", seconds: 0, path: Self.path),
        ]
    }

    /// Each tab has its own.
    private func name(of state: String) -> String {
        "sign-in-" + state.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }.prefix(12)
    }

    private func cookie(
        _ name: String, _ value: String, seconds: Int, path: String = "; Path=/", isForScripts: Bool = false
    ) -> String {
        "\(name)=\(value); Max-Age=\(seconds)\(path); SameSite=Lax"
            + (isForScripts ? "" : "; HttpOnly") + (isSecure ? "; Secure" : "")
    }
}
