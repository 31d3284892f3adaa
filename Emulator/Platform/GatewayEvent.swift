import Foundation
import Groundwork
import Template

/// What arrived at the gateway, before it is known which function it is for.
struct GatewayRequest: Sendable {
    /// Any token, in upper case as a rule.
    var method: String
    /// Percent-encoded, as the client wrote it.
    var path: String
    /// Without the question mark; empty when there is none.
    var queryString: String
    /// As sent, in order, `host` included. Names in any case.
    var headers: [(name: String, value: String)]
    var body: [UInt8]
    var sourceIP: String
    /// Of the gateway, for `X-Forwarded-Port`.
    var port: Int
    var requestID: String
    var trace: TraceHeader
    var time: Date
    /// What the caller speaks, to the gateway or to the proxy before it.
    var scheme = "http"
    /// Whether the proxy before the gateway has said for whom it asks.
    var isForwarded = false
    /// The gateway's own span, where spans are collected: the function's is below it.
    var span: String?

    /// The first value of a header; `name` in lower case.
    func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name }?.value
    }
}

/// The event of an HTTP API in payload format 2.0. What is empty is absent.
/// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
struct GatewayEvent: Encodable {
    let version = "2.0"
    var routeKey: String
    var rawPath: String
    var rawQueryString: String
    var cookies: [String]?
    var headers: [String: String]
    var queryStringParameters: [String: String]?
    var requestContext: Context
    var pathParameters: [String: String]?
    var body: String?
    var isBase64Encoded: Bool

    struct Context: Encodable {
        var accountId: String
        var apiId: String
        var authorizer: Authorizer?
        var domainName: String
        var domainPrefix: String
        var http: HTTP
        var requestId: String
        var routeKey: String
        var stage: String
        var time: String
        var timeEpoch: Int64
    }

    struct HTTP: Encodable {
        var method: String
        var path: String
        let `protocol` = "HTTP/1.1"
        var sourceIp: String
        var userAgent: String
    }

    struct Authorizer: Encodable {
        var jwt: JWT
    }

    struct JWT: Encodable {
        /// All of them as text, as the platform hands them over.
        var claims: [String: String]
        var scopes: [String]?

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(claims, forKey: .claims)
            // Told as null, not left out, where the route asks for no scope.
            try container.encode(scopes, forKey: .scopes)
        }

        enum CodingKeys: String, CodingKey {
            case claims, scopes
        }
    }

    init(
        _ request: GatewayRequest, route: RouteTable.Match, api: String, stage: String, account: String,
        authorizer: Authorizer? = nil
    ) {
        routeKey = route.route.key
        rawPath = request.path
        rawQueryString = request.queryString
        headers = Self.headers(of: request)
        let cookies = Self.cookies(of: request)
        self.cookies = cookies.isEmpty ? nil : cookies
        let parameters = Self.queryParameters(request.queryString)
        queryStringParameters = parameters.isEmpty ? nil : parameters
        pathParameters = route.parameters.isEmpty ? nil : route.parameters
        let host = Self.hostName(request.header("host") ?? "localhost")
        requestContext = Context(
            accountId: account, apiId: api, authorizer: authorizer, domainName: host,
            domainPrefix: host.split(separator: ".").first.map(String.init) ?? host,
            http: HTTP(
                method: request.method, path: request.path, sourceIp: request.sourceIP,
                userAgent: request.header("user-agent") ?? ""),
            requestId: request.requestID, routeKey: route.route.key, stage: stage,
            time: Timestamp.commonLog(request.time),
            timeEpoch: Int64((request.time.timeIntervalSince1970 * 1000).rounded(.down)))
        (body, isBase64Encoded) = Self.body(of: request)
    }

    func encoded() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        return [UInt8](try encoder.encode(self))
    }
}

extension GatewayEvent {
    /// What belongs to one connection, not to the request.
    static let hopByHop: Set<String> = [
        "connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
    ]

    static func headers(of request: GatewayRequest) -> [String: String] {
        var joined: [String: String] = [:]
        for header in request.headers {
            let name = header.name.lowercased()
            guard name != "cookie", !hopByHop.contains(name) else { continue }
            joined[name] = joined[name].map { "\($0),\(header.value)" } ?? header.value
        }
        joined["content-length"] = request.body.isEmpty ? joined["content-length"] : "\(request.body.count)"
        joined["x-amzn-trace-id"] = request.trace.incoming
        // A proxy that is trusted is a part of the platform, and has written the caller down already.
        if !request.isForwarded {
            joined["x-forwarded-for"] =
                joined["x-forwarded-for"].map { "\($0), \(request.sourceIP)" } ?? request.sourceIP
        }
        joined["x-forwarded-port"] = "\(request.port)"
        joined["x-forwarded-proto"] = request.scheme
        return joined
    }

    static func cookies(of request: GatewayRequest) -> [String] {
        request.headers.filter { $0.name.lowercased() == "cookie" }
            .flatMap { $0.value.split(separator: ";") }
            .map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty }
    }

    /// Decoded; the values of a repeated name joined by commas, which is why nobody who cares reads these.
    static func queryParameters(_ text: String) -> [String: String] {
        var parameters: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = PercentEncoding.decoded(parts[0], plusIsSpace: true)
            let value = parts.count == 2 ? PercentEncoding.decoded(parts[1], plusIsSpace: true) : ""
            parameters[name] = parameters[name].map { "\($0),\(value)" } ?? value
        }
        return parameters
    }

    /// Text types travel as text, everything else as base64, and so does what claims to be text and is no
    /// UTF-8 or is compressed: the bytes arrive as they were sent.
    static func body(of request: GatewayRequest) -> (body: String?, isBase64Encoded: Bool) {
        guard !request.body.isEmpty else { return (nil, false) }
        if isText(request.header("content-type") ?? ""), request.header("content-encoding") == nil,
            let text = String(validating: request.body, as: UTF8.self)
        {
            return (text, false)
        }
        return (Data(request.body).base64EncodedString(), true)
    }

    static func isText(_ contentType: String) -> Bool {
        let type = contentType.prefix { $0 != ";" }.trimmingCharacters(in: .whitespaces).lowercased()
        return type.hasPrefix("text/") || type.hasSuffix("+json") || type.hasSuffix("+xml")
            || ["application/json", "application/xml", "application/javascript"].contains(type)
    }

    private static func hostName(_ host: String) -> String {
        if host.hasPrefix("[") { return String(host.prefix { $0 != "]" }.dropFirst()) }
        return String(host.prefix { $0 != ":" })
    }
}
