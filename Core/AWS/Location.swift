/// A URL in the pieces that are signed, each as it goes over the wire.
struct Location {
    let scheme: String
    /// As it was given; what is signed is `host`.
    let authority: String
    /// Percent-encoded, and never empty.
    let path: String
    /// Percent-encoded; empty if there is none.
    let query: String

    /// Nothing if it is no plain http(s) URL: a fragment is never sent, and credentials have no place in a
    /// URL.
    init?(_ url: String) {
        guard let schemeEnd = url.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let scheme = url[..<schemeEnd].lowercased()
        let rest = url[schemeEnd...].utf8
        guard scheme == "https" || scheme == "http", rest.starts(with: "://".utf8) else { return nil }
        let afterScheme = url[schemeEnd...].dropFirst(3)
        let authorityEnd = afterScheme.firstIndex { $0 == "/" || $0 == "?" } ?? afterScheme.endIndex
        let authority = afterScheme[..<authorityEnd]
        let isPlain = url.utf8.allSatisfy { (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") }
        guard isPlain, !authority.isEmpty, !authority.contains("@") else { return nil }
        let target = afterScheme[authorityEnd...]
        let queryStart = target.firstIndex(of: "?") ?? target.endIndex
        let path = target[..<queryStart]
        (self.scheme, self.authority) = (scheme, String(authority))
        self.path = path.isEmpty ? "/" : String(path)
        query = String(target[queryStart...].dropFirst())
    }

    /// The host header: small letters, and the port unless it is the scheme's own.
    var host: String {
        let host = authority.lowercased()
        let own = scheme == "https" ? ":443" : ":80"
        return host.hasSuffix(own) ? String(host.dropLast(own.count)) : host
    }

    var origin: String { "\(scheme)://\(authority)" }
}
