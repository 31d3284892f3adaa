import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Synchronization

/// A request as a value, read to its end.
struct Call: Sendable {
    var method: String
    /// The path's parts, decoded: `["v1", "refunds", "re_1"]`. Empty parts are left out.
    var path: [String]
    var rawPath: String
    var query: Form
    /// Lower-case names. Repeated fields are joined by a comma.
    var headers: [String: String]
    var body: [UInt8]

    /// Nil where the body is no form.
    var form: Form? { String(validating: body, as: UTF8.self).flatMap { Form(parsing: $0) } }
}

struct Answer: Sendable {
    var status: Int
    var headers: [(name: String, value: String)] = []
    var body: [UInt8] = []

    static func json(_ status: Int, _ value: JSON) -> Answer {
        Answer(status: status, headers: [("content-type", "application/json")], body: value.bytes)
    }

    static func text(_ status: Int, _ text: String, type: String = "text/plain; charset=utf-8") -> Answer {
        Answer(status: status, headers: [("content-type", type)], body: Array(text.utf8))
    }

    /// The browser goes on with GET, so that a reloaded page sends nothing twice (RFC 9110, section 15.4.4).
    static func seeOther(_ location: String) -> Answer {
        Answer(status: 303, headers: [("location", location), ("cache-control", "no-store")])
    }

    func adding(_ name: String, _ value: String) -> Answer {
        var answer = self
        answer.headers.append((name, value))
        return answer
    }
}

/// One HTTP/1.1 server on 127.0.0.1, and the place where others wait until it listens.
final class LocalServer: Sendable {
    private enum State {
        case starting([CheckedContinuation<String, any Error>])
        case listening(String)
        case ended(any Error)
    }

    struct NeverListened: Error {}

    private let state = Mutex(State.starting([]))

    /// `http://127.0.0.1:port`, as soon as the port is open; throws what kept it shut.
    var address: String {
        get async throws {
            try await withCheckedThrowingContinuation { continuation in
                state.withLock { state in
                    switch state {
                    case .starting(let waiting): state = .starting(waiting + [continuation])
                    case .listening(let address): continuation.resume(returning: address)
                    case .ended(let error): continuation.resume(throwing: error)
                    }
                }
            }
        }
    }

    /// Serves until the task is cancelled. A body over the limit is answered by `tooLarge`. `beforeFirst` is
    /// told the address before any request is taken. `endsWithClient`: the work on a request is cancelled when its
    /// connection goes, which then carries one request alone.
    func run(
        name: String, port: Int, bodyLimitBytes: Int, logger: Logger, endsWithClient: Bool = false,
        beforeFirst: @escaping @Sendable (String) async -> Void = { _ in },
        tooLarge: @escaping @Sendable () -> Answer, answer: @escaping @Sendable (Call) async -> Answer
    ) async throws {
        let application = Application(
            responder: Responder(
                bodyLimitBytes: bodyLimitBytes, endsWithClient: endsWithClient, tooLarge: tooLarge,
                answer: answer),
            configuration: ApplicationConfiguration(
                address: .hostname("127.0.0.1", port: port), serverName: name),
            onServerRunning: { [self] channel in
                let address = "http://127.0.0.1:\(channel.localAddress?.port ?? port)"
                await beforeFirst(address)
                settle(.listening(address))
            },
            logger: logger)
        do {
            try await application.run()
            settle(.ended(NeverListened()))
        } catch {
            settle(.ended(error))
            throw error
        }
    }

    private func settle(_ outcome: State) {
        let waiting = state.withLock { state -> [CheckedContinuation<String, any Error>] in
            defer { state = outcome }
            if case .starting(let waiting) = state { return waiting }
            return []
        }
        for continuation in waiting {
            switch outcome {
            case .listening(let address): continuation.resume(returning: address)
            case .ended(let error): continuation.resume(throwing: error)
            case .starting: continuation.resume(throwing: NeverListened())
            }
        }
    }
}

private struct Responder: HTTPResponder {
    let bodyLimitBytes: Int
    let endsWithClient: Bool
    let tooLarge: @Sendable () -> Answer
    let answer: @Sendable (Call) async -> Answer

    func respond(to request: Request, context: BasicRequestContext) async throws -> Response {
        guard endsWithClient else { return try await respond(to: request, reading: request.body) }
        var response = try await request.body.consumeWithCancellationOnInboundClose {
            try await respond(to: request, reading: $0)
        }
        response.headers[.connection] = "close"
        return response
    }

    private func respond(to request: Request, reading body: RequestBody) async throws -> Response {
        guard let body = try await whole(body) else {
            return response(tooLarge().adding("connection", "close"))
        }
        guard let call = Call(request, body: body) else {
            return response(.text(400, "The path or the query is not well-formed.\n"))
        }
        return response(await answer(call))
    }

    /// Nil where it is over the limit. It is read all the same, for many a client sees no answer before it
    /// has sent everything, but not without end.
    private func whole(_ body: RequestBody) async throws -> ByteBuffer? {
        var read = ByteBuffer()
        var byteCount = 0
        for try await chunk in body {
            byteCount += chunk.readableBytes
            if byteCount <= bodyLimitBytes { read.writeImmutableBuffer(chunk) }
            if byteCount > 4 * bodyLimitBytes { break }
        }
        return byteCount <= bodyLimitBytes ? read : nil
    }

    private func response(_ answer: Answer) -> Response {
        var headers = HTTPFields()
        for header in answer.headers {
            guard let name = HTTPField.Name(header.name) else { continue }
            headers.append(HTTPField(name: name, value: header.value))
        }
        return Response(
            status: HTTPResponse.Status(code: answer.status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
    }
}

extension Call {
    fileprivate init?(_ request: Request, body: ByteBuffer) {
        method = request.method.rawValue
        rawPath = request.uri.path
        path = []
        for part in rawPath.utf8.split(separator: UInt8(ascii: "/")) {
            guard let decoded = Form.decoded(part, plusIsBlank: false) else { return nil }
            path.append(decoded)
        }
        guard let query = Form(parsing: request.uri.query ?? "") else { return nil }
        self.query = query
        headers = [:]
        for header in request.headers {
            headers[header.name.canonicalName, default: ""] +=
                headers[header.name.canonicalName] == nil ? header.value : ", \(header.value)"
        }
        self.body = Array(buffer: body)
    }
}
