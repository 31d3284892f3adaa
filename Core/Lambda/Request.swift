internal import FoundationEssentials

public typealias Request = Lambda.Request

extension Lambda {
    /// One HTTP request, as the gateway hands it over (payload 2.0).
    public struct Request: Sendable {
        /// The route that matched: `POST /api/v1/cart/items/{id}`.
        public var route: String
        public var method: String
        /// As it was sent, or as the gateway rewrote it: possibly percent-encoded, possibly malformed.
        public var path: String
        /// The parts of the path that the route names; decoded by the gateway.
        public var parameters: [String: String]
        public var query: Query
        /// By lower-case name; fields sent twice are joined by commas.
        public var headers: [String: String]
        public var cookies: [String: String]
        /// Byte for byte what was sent.
        public var body: [UInt8]
        public var sourceIP: String?
        public var userAgent: String?
        public var invocation: Invocation

        public init(
            _ route: String, parameters: [String: String] = [:], query: Query = Query(),
            headers: [String: String] = [:], cookies: [String: String] = [:], body: [UInt8] = [],
            invocation: Invocation = Invocation()
        ) {
            let words = route.split(separator: " ", maxSplits: 1).map(String.init)
            (self.route, self.method, self.path) = (
                route, words.first ?? "", words.count > 1 ? words[1] : "/"
            )
            for (name, value) in parameters {
                path = path.replacing("{\(name)}", with: percentEncoded(value))
                    .replacing("{\(name)+}", with: percentEncoded(value))
            }
            (self.parameters, self.query, self.cookies, self.body) = (parameters, query, cookies, body)
            self.headers = lowercased(headers)
            self.invocation = invocation
        }

        /// With a JSON body.
        public init(
            _ route: String, parameters: [String: String] = [:], query: Query = Query(),
            headers: [String: String] = [:], cookies: [String: String] = [:], json: some Encodable,
            invocation: Invocation = Invocation()
        ) throws {
            let type = ["content-type": "application/json"]
            self.init(
                route, parameters: parameters, query: query,
                headers: lowercased(headers).merging(type) { own, _ in own },
                cookies: cookies, body: [UInt8](try JSONEncoder.earshelf.encode(json)), invocation: invocation
            )
        }

        /// Refuses parameters that the endpoint does not know: a misspelt filter must not silently filter
        /// nothing.
        public func refuseUnknownQuery(allowing known: Set<String> = []) throws(Problem) {
            let unknown = query.names.filter { !known.contains($0) }
            guard unknown.isEmpty else {
                let known = known.isEmpty ? "none" : known.sorted().joined(separator: ", ")
                throw Problem(
                    400, "invalid-query",
                    "There are parameters in the query that this endpoint does not know.",
                    errors: unknown.map {
                        FieldError(parameter: $0, "It is not known; known here: \(known).")
                    })
            }
        }
    }
}

private func lowercased(_ headers: [String: String]) -> [String: String] {
    if headers.keys.allSatisfy({ !$0.utf8.contains { (0x41...0x5A).contains($0) } }) { return headers }
    let sorted = headers.sorted { $0.key < $1.key }.map { ($0.key.lowercased(), $0.value) }
    return Dictionary(sorted) { "\($0),\($1)" }
}
