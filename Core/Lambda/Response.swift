internal import FoundationEssentials

public typealias Response = Lambda.Response

extension Lambda {
    /// An answer to an HTTP request. It always names its status, for what lacks one the gateway would serve
    /// as a page.
    public struct Response: Hashable, Sendable {
        public var statusCode: Int
        /// By lower-case name.
        public var headers: [String: String]
        /// Whole `Set-Cookie` values, one for each cookie.
        public var cookies: [String]
        public var body: [UInt8]

        /// Bytes of any type.
        public init(
            _ statusCode: Int, bytes: [UInt8], type: String?, headers: [String: String] = [:],
            cookies: [String] = []
        ) {
            var named = Dictionary(headers.map { ($0.key.lowercased(), $0.value) }) { _, last in last }
            if named["content-type"] == nil { named["content-type"] = type }
            (self.statusCode, self.headers, self.cookies, self.body) = (statusCode, named, cookies, bytes)
        }

        /// A JSON document.
        public init(
            _ statusCode: Int, _ body: some Encodable, headers: [String: String] = [:], cookies: [String] = []
        ) throws {
            self.init(
                statusCode, bytes: [UInt8](try JSONEncoder.earshelf.encode(body)), type: "application/json",
                headers: headers, cookies: cookies)
        }

        public static let noContent = Response(204, bytes: [], type: nil)
    }
}

extension Response {
    /// A problem, in its own media type (RFC 9457, section 3).
    public init(_ problem: Problem) {
        // A problem is made of texts and a number: encoding one cannot fail.
        let body = (try? JSONEncoder.earshelf.encode(problem)).map { [UInt8]($0) } ?? []
        self.init(problem.status, bytes: body, type: "application/problem+json", headers: problem.headers)
    }

    /// As the gateway wants it (payload 2.0). What is not UTF-8 travels as base64.
    var payload: [UInt8] {
        var json: [UInt8] = []
        json.reserveCapacity(body.count + body.count / 8 + 512)
        json.append(#"{"statusCode":"#)
        json.append(contentsOf: String(statusCode).utf8)
        appendHead(to: &json)
        if let text = String(validating: body, as: UTF8.self) {
            json.append(#","isBase64Encoded":false,"body":"#)
            json.appendJSON(text)
        } else {
            json.append(#","isBase64Encoded":true,"body":"#)
            json.appendJSON(Data(body).base64EncodedString())
        }
        json.append(UInt8(ascii: "}"))
        return json
    }

    private func appendHead(to json: inout [UInt8]) {
        if !headers.isEmpty {
            json.append(#","headers":"#)
            json.appendJSON(headers)
        }
        if !cookies.isEmpty {
            json.append(#","cookies":"#)
            json.appendJSON(cookies)
        }
    }
}
