import Template

/// Which route of an HTTP API takes a request.
///
/// The precedence is API Gateway's: a full match before one with a greedy variable, that before `$default`;
/// of two alike, the one whose earlier segments are literal; of the same path, the method before `ANY`.
/// Where a path matches and no route of it has the method, the search goes on: there is no 405.
/// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
struct RouteTable: Sendable {
    private var entries: [Entry] = []
    private var fallback: Entry?

    struct Match: Sendable {
        var route: Route
        var function: String
        /// Decoded. Empty for a route without variables.
        var parameters: [String: String]
    }

    private struct Entry: Sendable {
        var route: Route
        var function: String
        var segments: [Segment]

        var isGreedy: Bool { segments.last?.isGreedy ?? false }
    }

    private enum Segment: Sendable {
        case literal(String)
        case variable(String)
        case greedy(String)

        init(_ text: Substring) {
            guard text.hasPrefix("{"), text.hasSuffix("}") else {
                self = .literal(String(text))
                return
            }
            let name = text.dropFirst().dropLast()
            self = name.hasSuffix("+") ? .greedy(String(name.dropLast())) : .variable(String(name))
        }

        var rank: Int {
            switch self {
            case .literal: 0
            case .variable: 1
            case .greedy: 2
            }
        }

        var isGreedy: Bool { rank == 2 }
    }

    init(_ functions: [Function], api: String) {
        for function in functions {
            for route in function.routes where route.api == api {
                let entry = Entry(
                    route: route, function: function.name, segments: Self.split(route.path).map(Segment.init))
                if route.path == "$default" { fallback = entry } else { entries.append(entry) }
            }
        }
        entries.sort(by: Self.precedes)
    }

    /// `path` is percent-encoded and begins with a slash. A variable takes one segment that is not empty, a
    /// greedy one all that is left.
    func match(method: String, path: String) -> Match? {
        explicitMatch(method: method, path: path)
            ?? fallback.map { Match(route: $0.route, function: $0.function, parameters: [:]) }
    }

    /// As `match`, but `$default` does not count.
    func explicitMatch(method: String, path: String) -> Match? {
        let segments = Self.split(path)
        for entry in entries where entry.route.method == "ANY" || entry.route.method == method {
            if let parameters = Self.parameters(of: entry, in: segments) {
                return Match(route: entry.route, function: entry.function, parameters: parameters)
            }
        }
        return nil
    }

    private static func parameters(of entry: Entry, in path: [Substring]) -> [String: String]? {
        guard entry.isGreedy ? path.count >= entry.segments.count : path.count == entry.segments.count else {
            return nil
        }
        var parameters: [String: String] = [:]
        for (index, segment) in entry.segments.enumerated() {
            switch segment {
            case .literal(let text):
                guard path[index] == text || PercentEncoding.decoded(path[index]) == text else { return nil }
            case .variable(let name):
                guard !path[index].isEmpty else { return nil }
                parameters[name] = PercentEncoding.decoded(path[index])
            case .greedy(let name):
                let rest = path[index...].joined(separator: "/")
                guard !rest.isEmpty else { return nil }
                parameters[name] = PercentEncoding.decoded(rest)
            }
        }
        return parameters
    }

    private static func precedes(_ one: Entry, _ other: Entry) -> Bool {
        if one.isGreedy != other.isGreedy { return other.isGreedy }
        for (left, right) in zip(one.segments, other.segments) where left.rank != right.rank {
            return left.rank < right.rank
        }
        if one.segments.count != other.segments.count { return one.segments.count > other.segments.count }
        return one.route.method != "ANY" && other.route.method == "ANY"
    }

    private static func split(_ path: String) -> [Substring] {
        path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
    }
}
