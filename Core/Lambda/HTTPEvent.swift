internal import FoundationEssentials

/// What the HTTP gateway sends (payload format 2.0).
/// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
struct HTTPEvent {
    private let event: JSON
    private let context: JSON

    /// Nil unless it is such an event.
    init?(_ event: JSON) {
        guard event["version"]?.text == "2.0", let context = event["requestContext"], context["http"] != nil
        else {
            return nil
        }
        (self.event, self.context) = (event, context)
    }

    /// The request without what may be malformed, the query and the body: enough to refuse it and to log
    /// that.
    func request(_ invocation: Invocation) -> Request {
        var request = Request(
            event["routeKey"]?.text ?? context["routeKey"]?.text ?? "$default",
            headers: event["headers"]?.texts ?? [:], invocation: invocation)
        let http = context["http"]
        request.method = http?["method"]?.text ?? request.method
        request.path = event["rawPath"]?.text ?? http?["path"]?.text ?? request.path
        request.parameters = event["pathParameters"]?.texts ?? [:]
        request.sourceIP = http?["sourceIp"]?.text
        request.userAgent = http?["userAgent"]?.text ?? request.headers["user-agent"]
        request.cookies = cookies(request.headers["cookie"])
        return request
    }

    /// The whole request.
    func completed(_ request: Request) throws(Problem) -> Request {
        var request = request
        request.query = try Query(parsing: event["rawQueryString"]?.text ?? "")
        request.body = try body()
        return request
    }

    private func body() throws(Problem) -> [UInt8] {
        guard let text = event["body"]?.text else { return [] }
        guard event["isBase64Encoded"] == .boolean(true) else { return [UInt8](text.utf8) }
        guard let bytes = Data(base64Encoded: text) else {
            throw Problem(400, "malformed-body", "The body did not arrive whole.")
        }
        return [UInt8](bytes)
    }

    /// The gateway takes the cookies out of the headers; a browser sends the most specific of a name first
    /// (RFC 6265, section 5.4), so the first one counts.
    private func cookies(_ header: String?) -> [String: String] {
        let listed = event["cookies"]?.elements?.compactMap(\.text)
        let pairs = listed ?? header?.split(separator: ";").map(String.init) ?? []
        let named = pairs.compactMap { pair -> (String, String)? in
            guard let equals = pair.utf8.firstIndex(of: UInt8(ascii: "=")) else { return nil }
            let name = trimmed(pair[..<equals])
            return name.isEmpty ? nil : (name, trimmed(pair[pair.utf8.index(after: equals)...]))
        }
        return Dictionary(named) { first, _ in first }
    }
}

private func trimmed(_ text: Substring) -> String {
    var bytes = text.utf8
    while let first = bytes.first, first == 0x20 || first == 0x09 { bytes.removeFirst() }
    while let last = bytes.last, last == 0x20 || last == 0x09 { bytes.removeLast() }
    return String(Substring(bytes))
}
