internal import Core
internal import HTTP

extension Reach {
    /// What is called, in a word.
    var service: String {
        switch self {
        case .storage, .inventory, .audio, .pictures, .bindery: "storage"
        case .payments: "stripe"
        case .speech, .writer: "openai"
        case .transcriptions, .summaries, .exports: "queue"
        case .events: "bus"
        case .issuer, .signIns: "identity"
        case .index: "opensearch"
        }
    }
}

/// Each call is a span of the event under way, and carries its `traceparent`: random numbers, and nothing
/// else (no `tracestate`, no `baggage`). A span tells the method, the host and the shape of the path; never a
/// query, which may be signed, nor what in a path is a name or an id.
func traced(_ service: String, _ send: @escaping Send) -> Send {
    { request throws(Failure) in
        guard Trace.context != nil else { return try send(request) }
        let place = CalledPlace(request.url)
        let attributes: [String: TraceValue] = [
            "http.request.method": .text(request.method), "peer.service": .text(service),
            "server.address": .text(place.host), "url.template": .text(place.template),
        ]
        return try Trace.span("\(request.method) \(place.template)", .client, attributes) {
            () throws(Failure) in
            var request = request
            if let parent = Trace.context?.traceparent {
                request.headers.append(Header("traceparent", parent))
            }
            let response = try send(request)
            Trace.note("http.response.status_code", .number(response.status))
            return response
        }
    }
}

/// Where a request goes, without what in it is somebody's.
struct CalledPlace: Equatable {
    let host: String
    /// Of `/v1/refunds/re_3Nabc`: `/v1/refunds/{}`.
    let template: String

    init(_ url: String) {
        let rest = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
        let authority = rest.prefix { !"/?#".contains($0) }
        let path = rest.dropFirst(authority.count).prefix { !"?#".contains($0) }
        host = String(authority.split(separator: "@", omittingEmptySubsequences: false).last ?? "")
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        template = path.isEmpty ? "/" : parts.map { Self.isWord($0) ? $0 : "{}" }.joined(separator: "/")
    }

    /// A word of the interface, and not a name or an id: short, in lower case, and without a digit but in a
    /// version.
    private static func isWord(_ part: Substring) -> Bool {
        if part.first == "v", part.count <= 3, part.dropFirst().allSatisfy(\.isWholeNumber) { return true }
        return part.utf8.count <= 24
            && part.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || byte == UInt8(ascii: "_")
                    || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
            }
    }
}
