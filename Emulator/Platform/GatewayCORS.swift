import Template

/// Cross-origin rules of an HTTP API. The gateway answers preflights itself, whatever the routes are, and
/// sets the headers of every other answer, in place of those the function set.
/// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
struct GatewayCORS: Sendable {
    var rules: CORS

    /// nil for what is no preflight.
    func preflight(_ request: GatewayRequest) -> GatewayAnswer? {
        guard request.method == "OPTIONS", let origin = request.header("origin"),
            request.header("access-control-request-method") != nil
        else { return nil }
        guard let allowed = allowedOrigin(origin) else { return GatewayAnswer(status: 204) }
        var answer = GatewayAnswer(status: 204, headers: originHeaders(allowed))
        if !rules.allowMethods.isEmpty {
            answer.headers.append(("access-control-allow-methods", rules.allowMethods.joined(separator: ",")))
        }
        if !rules.allowHeaders.isEmpty {
            answer.headers.append(("access-control-allow-headers", rules.allowHeaders.joined(separator: ",")))
        }
        if let seconds = rules.maxAgeSeconds {
            answer.headers.append(("access-control-max-age", "\(seconds)"))
        }
        return answer
    }

    func addHeaders(to answer: inout GatewayAnswer, for request: GatewayRequest) {
        answer.headers.removeAll { $0.name.hasPrefix("access-control-") }
        guard let allowed = request.header("origin").flatMap(allowedOrigin) else { return }
        answer.headers += originHeaders(allowed)
        if !rules.exposeHeaders.isEmpty {
            let names = rules.exposeHeaders.joined(separator: ",")
            answer.headers.append(("access-control-expose-headers", names))
        }
    }

    private func originHeaders(_ allowed: String) -> [(name: String, value: String)] {
        var headers = [("access-control-allow-origin", allowed)]
        if allowed != "*" { headers.append(("vary", "Origin")) }
        if rules.allowCredentials { headers.append(("access-control-allow-credentials", "true")) }
        return headers.map { (name: $0.0, value: $0.1) }
    }

    /// What to tell the browser: `*`, the origin itself, or nothing.
    private func allowedOrigin(_ origin: String) -> String? {
        if rules.allowOrigins.contains("*") { return "*" }
        let isAllowed = rules.allowOrigins.contains { allowed in
            allowed == origin || allowed.hasSuffix("://*") && origin.hasPrefix(allowed.dropLast())
        }
        return isAllowed ? origin : nil
    }
}
