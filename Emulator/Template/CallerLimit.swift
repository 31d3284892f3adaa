/// How often one caller may ask: a rate-based rule of AWS WAF, as the web ACL before an API says it.
/// https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based.html
public struct CallerLimit: Hashable, Sendable {
    public var name: String
    /// So many requests are let through in the window.
    public var limit: Int
    public var windowSeconds: Int
    public var caller: Caller
    /// Which requests the rule is about; nil for all.
    public var scope: RequestMatch?
    public var refusal: Refusal

    public enum Caller: Hashable, Sendable {
        case address
        /// By its value. Requests without the header are none of the rule's business. In lower case.
        case header(String)
    }

    public struct Refusal: Hashable, Sendable {
        public var status: Int
        /// By lower-case name.
        public var headers: [String: String]
        public var contentType: String
        public var body: String

        public init(status: Int, headers: [String: String] = [:], contentType: String = "", body: String = "")
        {
            self.status = status
            self.headers = headers
            self.contentType = contentType
            self.body = body
        }
    }

    public init(
        name: String, limit: Int, windowSeconds: Int = 300, caller: Caller = .address,
        scope: RequestMatch? = nil,
        refusal: Refusal = Refusal(status: 403)
    ) {
        self.name = name
        self.limit = limit
        self.windowSeconds = windowSeconds
        self.caller = caller
        self.scope = scope
        self.refusal = refusal
    }
}

/// What a rule looks for in a request.
public indirect enum RequestMatch: Hashable, Sendable {
    case all([RequestMatch])
    case any([RequestMatch])
    case not(RequestMatch)
    case part(Part, Test)

    public enum Part: Hashable, Sendable {
        case method, path
    }

    public enum Test: Hashable, Sendable {
        case equals(String)
        case hasPrefix(String)
        case hasSuffix(String)
        case contains(String)
        /// Anywhere in it, unless anchored.
        case pattern(String)
    }

    public func holds(method: String, path: String) -> Bool {
        switch self {
        case .all(let matches): matches.allSatisfy { $0.holds(method: method, path: path) }
        case .any(let matches): matches.contains { $0.holds(method: method, path: path) }
        case .not(let match): !match.holds(method: method, path: path)
        case .part(.method, let test): test.holds(method)
        case .part(.path, let test): test.holds(path)
        }
    }
}

extension RequestMatch.Test {
    func holds(_ text: String) -> Bool {
        switch self {
        case .equals(let wanted): text == wanted
        case .hasPrefix(let wanted): text.hasPrefix(wanted)
        case .hasSuffix(let wanted): text.hasSuffix(wanted)
        case .contains(let wanted): text.contains(wanted)
        // The reader has compiled it once, so it compiles.
        case .pattern(let pattern): (try? Regex(pattern)).map { text.firstMatch(of: $0) != nil } ?? false
        }
    }
}
