/// An answer to an HTTP request whose body is sent while it is made.
public struct StreamedResponse {
    public var statusCode: Int
    /// By lower-case name.
    public var headers: [String: String]
    public var cookies: [String]
    /// Writes the body. Until it has written something, an error it throws is answered like any other; from
    /// then on the status is told, and the error can only end the stream.
    public var write: (BodyStream) throws -> Void
    /// How an error before the first byte is told.
    var refusal: (any Error) -> Response = { Response(Problem(reporting: $0)) }

    public init(
        _ statusCode: Int, headers: [String: String] = [:], cookies: [String] = [],
        write: @escaping (BodyStream) throws -> Void
    ) {
        (self.statusCode, self.headers, self.cookies, self.write) = (statusCode, headers, cookies, write)
    }

    /// An answer that is already whole.
    public init(_ response: Response) {
        self.init(response.statusCode, headers: response.headers, cookies: response.cookies) { stream in
            try stream.write(response.body)
        }
    }

    /// The whole body, for tests.
    public func collected() throws -> [UInt8] {
        var body: [UInt8] = []
        try write(BodyStream { body += $0 })
        return body
    }
}

/// Where the body of a streamed answer goes, piece by piece. Each piece is sent at once.
public final class BodyStream {
    private let send: ([UInt8]) throws -> Void

    init(_ send: @escaping ([UInt8]) throws -> Void) { self.send = send }

    public func write(_ bytes: [UInt8]) throws {
        if !bytes.isEmpty { try send(bytes) }
    }

    public func write(_ text: String) throws { try write([UInt8](text.utf8)) }
}

extension StreamedResponse {
    /// The media type under which a function URL and the HTTP gateway look for a prelude.
    static let mediaType = "application/vnd.awslambda.http-integration-response"

    /// What precedes the body: the head of the answer as JSON, and eight zero bytes.
    var prelude: [UInt8] {
        var json: [UInt8] = []
        json.append(#"{"statusCode":"#)
        json.append(contentsOf: String(statusCode).utf8)
        json.append(#","headers":"#)
        json.appendJSON(headers)
        json.append(#","cookies":"#)
        json.appendJSON(cookies)
        json.append(UInt8(ascii: "}"))
        return json + repeatElement(0, count: 8)
    }

    /// With a line in the log once the body is told, and with errors before its first byte told as problems.
    func logged(as request: Request) -> StreamedResponse {
        var logged = self
        logged.refusal = { error in Response(Lambda.refusal(of: request, for: error)) }
        logged.write = { [write] stream in
            let start = ContinuousClock.now
            Telling.status(statusCode)
            defer {
                log(
                    "request",
                    [
                        "route": request.route, "status": statusCode,
                        "milliseconds": milliseconds(start.duration(to: .now)),
                    ])
            }
            try write(stream)
        }
        return logged
    }
}
