import Foundation

/// What the gateway sends back.
struct GatewayAnswer: Sendable {
    var status: Int
    /// Names in lower case.
    var headers: [(name: String, value: String)] = []
    var cookies: [String] = []
    var body: [UInt8] = []

    init(
        status: Int, headers: [(name: String, value: String)] = [], cookies: [String] = [],
        body: [UInt8] = []
    ) {
        self.status = status
        self.headers = headers
        self.cookies = cookies
        self.body = body
    }

    /// An answer of the gateway's own: `{"message":"Not Found"}`.
    init(status: Int, message: String) {
        self.init(
            status: status, headers: [("content-type", "application/json")],
            body: Array(#"{"message":"\#(message)"}"#.utf8))
    }

    static let notFound = Self(status: 404, message: "Not Found")
    static let tooLarge = Self(status: 413, message: "Request Entity Too Large")
    static let tooManyRequests = Self(status: 429, message: "Too Many Requests")
    static let failed = Self(status: 500, message: "Internal Server Error")
    /// Of a function that failed or answered what cannot be sent.
    /// https://docs.aws.amazon.com/lambda/latest/dg/services-apigateway-errors.html
    static let badGateway = Self(status: 502, message: "Internal Server Error")
    static let unavailable = Self(status: 503, message: "Service Unavailable")

    /// Reads the answer of a function.
    ///
    /// JSON without `statusCode` is itself the body of a 200, as the platform infers. nil, and so a 502, for
    /// what is no JSON and for a `statusCode`, header or body that cannot be sent.
    init?(functionResponse: [UInt8]) {
        guard let document = try? JSONDecoder().decode(JSONValue.self, from: Data(functionResponse)) else {
            return nil
        }
        guard let code = document["statusCode"] else {
            self.init(
                status: 200, headers: [("content-type", "application/json")], body: functionResponse)
            return
        }
        guard case .integer(let number) = code, (200...599).contains(number),
            let body = Self.body(of: document), let headers = Self.headers(of: document),
            let cookies = Self.cookies(of: document)
        else { return nil }
        self.init(status: Int(number), headers: headers, cookies: cookies, body: body)
        if !body.isEmpty, !headers.contains(where: { $0.name == "content-type" }) {
            self.headers.append(("content-type", "text/plain;charset=UTF-8"))
        }
    }

    private static func body(of document: JSONValue) -> [UInt8]? {
        switch document["body"] {
        case nil, .null: return []
        case .string(let text):
            guard case .bool(true) = document["isBase64Encoded"] else { return Array(text.utf8) }
            return Data(base64Encoded: text).map { [UInt8]($0) }
        default: return nil
        }
    }

    private static func headers(of document: JSONValue) -> [(name: String, value: String)]? {
        guard let member = document["headers"], member != .null else { return [] }
        guard case .object(let members) = member else { return nil }
        var headers: [(name: String, value: String)] = []
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            let name = name.lowercased()
            guard let text = scalar(value), isToken(name), isFieldValue(text) else { return nil }
            if name == "content-length" || GatewayEvent.hopByHop.contains(name) { continue }
            headers.append((name, text))
        }
        return headers
    }

    private static func cookies(of document: JSONValue) -> [String]? {
        guard let member = document["cookies"], member != .null else { return [] }
        guard case .array(let members) = member else { return nil }
        let cookies = members.compactMap(\.text).filter(isFieldValue)
        return cookies.count == members.count ? cookies : nil
    }

    private static func scalar(_ value: JSONValue) -> String? {
        switch value {
        case .string(let text): text
        case .integer(let number): "\(number)"
        case .number(let number): "\(number)"
        case .bool(let value): "\(value)"
        case .null, .array, .object: nil
        }
    }

    /// RFC 9110, 5.6.2.
    private static func isToken(_ name: String) -> Bool {
        let others = Set("!#$%&'*+-.^_`|~".utf8)
        return !name.isEmpty
            && name.utf8.allSatisfy { byte in
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                    || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || others.contains(byte)
            }
    }

    /// No line may be smuggled into the header.
    private static func isFieldValue(_ text: String) -> Bool {
        text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
    }
}
