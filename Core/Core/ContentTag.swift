internal import Cryptography
public import Lambda

/// The very bytes of an answer, by a name (RFC 9110, section 8.8.3): who has them already is told so.
public struct ContentTag: Hashable, Sendable, CustomStringConvertible {
    public let description: String

    public init(of bytes: [UInt8]) {
        description = "\"\(Hex.encoded(Array(SHA256.hash(bytes).prefix(16))))\""
    }

    /// Weakly compared, as RFC 9110 wants it in section 13.1.2: a cache may have compressed the answer.
    public func isKnown(to request: Request) -> Bool {
        guard let known = request.headers["if-none-match"] else { return false }
        return known.split(separator: ",").contains { candidate in
            let name = candidate.filter { $0 != " " && $0 != "\t" }
            return name == "*" || name == description || name == "W/" + description
        }
    }
}

extension Response {
    /// With its tag, and nothing but the tag for those who have it already.
    public func tagged(for request: Request) -> Response {
        let tag = ContentTag(of: body)
        var answer = self
        answer.headers["etag"] = tag.description
        guard tag.isKnown(to: request) else { return answer }
        answer.headers["content-type"] = nil
        (answer.statusCode, answer.body) = (304, [])
        return answer
    }
}
