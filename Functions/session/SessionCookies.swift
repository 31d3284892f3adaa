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
    private let cookies: ShopCookies

    init(storeURL: String) { cookies = ShopCookies(storeURL: storeURL) }

    private static let signInSeconds = 600
    /// Longer than providers let a sign-in go on; theirs is the word that counts.
    private static let refreshSeconds = 90 * 86_400
    private static let path = "/auth"

    func departing(_ departure: Departure) -> String {
        let value = (try? JSONEncoder().encode(departure)).map { Base64URL.encoded([UInt8]($0)) } ?? ""
        return cookies.setting(
            name(of: departure.state), value, seconds: Self.signInSeconds, path: Self.path)
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
        cookies.forgetting(name(of: departure.state), path: Self.path)
    }

    func keeping(_ signedIn: SignedIn, at now: Date) -> [String] {
        let end = Int(now.timeIntervalSince1970) + signedIn.seconds
        let lasts = signedIn.refreshToken == nil ? signedIn.seconds : Self.refreshSeconds
        let token = signedIn.refreshToken.map { Base64URL.encoded(Array($0.utf8)) }
        return [
            cookies.setting("__session", signedIn.session, seconds: signedIn.seconds),
            cookies.setting("earshelf-signed-in", "\(end)", seconds: lasts, isForScripts: true),
        ] + (token.map { [cookies.setting("refresh", $0, seconds: lasts, path: Self.path)] } ?? [])
    }

    func refreshToken(of request: Request) -> String? {
        request.cookies["refresh"].flatMap(Base64URL.decoded).flatMap {
            String(validating: $0, as: UTF8.self)
        }
    }

    var forgotten: [String] {
        [
            cookies.forgetting("__session"), cookies.forgetting("earshelf-signed-in", isForScripts: true),
            cookies.forgetting("refresh", path: Self.path),
        ]
    }

    /// Each tab has its own.
    private func name(of state: String) -> String {
        "sign-in-" + state.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }.prefix(12)
    }
}
