/// The requests of the runtime contract (version 2018-06-01), over one kept-open connection.
/// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
final class RuntimeAPI {
    let connection: RuntimeConnection
    private let address: RuntimeAddress
    private let next: [UInt8]
    /// Once registered it stays open: its poll is never answered, and that is what makes the platform send
    /// SIGTERM.
    private var extensionConnection: RuntimeConnection?

    static let root = "/2018-06-01/runtime/"
    private static let userAgent = "\r\nUser-Agent: Earshelf/1.0\r\n"

    /// What has become of a POST.
    enum Delivery: Equatable {
        case accepted
        /// It does not count, and the platform goes on to the next event.
        case refused(status: Int)
        /// The platform broke (500): it demands that we end.
        case fatal(status: Int)
        /// It could not be sent, twice.
        case lost

        init(of answer: RuntimeAnswer) {
            switch answer.status {
            case 200..<300: self = .accepted
            case 500...: self = .fatal(status: answer.status)
            default: self = .refused(status: answer.status)
            }
        }
    }

    init(_ address: RuntimeAddress) {
        self.address = address
        connection = RuntimeConnection(address)
        next = Self.head("GET", Self.root + "invocation/next", to: address, []) + "\r\n".utf8
    }

    /// Waits for an event. The poll has no timeout: whoever gives up and asks again is refused, because the
    /// platform has already handed the event to the first poll.
    func poll(endingWith shutdown: Shutdown) throws(ConnectionFailure) -> RuntimeAnswer {
        try connection.exchange(next, endingWith: shutdown)
    }

    func respond(_ body: [UInt8], to event: RuntimeEvent) -> Delivery {
        post("invocation/\(event.invocation.id)/response", event.echoes, body)
    }

    func report(_ failure: FailureReport, for event: RuntimeEvent) -> Delivery {
        post("invocation/\(event.invocation.id)/error", event.echoes + failure.headers, failure.body)
    }

    func reportInit(_ failure: FailureReport) -> Delivery {
        post("init/error", failure.headers, failure.body)
    }

    /// The platform sends SIGTERM only to environments with an extension, so we are one that wants no events.
    /// It also waits for each extension's first poll before it calls the environment ready. Where this is
    /// refused, we go on without.
    /// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
    func registerForShutdown() {
        let connection = RuntimeConnection(address)
        let name = [("Lambda-Extension-Name", "earshelf-shutdown"), ("Content-Type", "application/json")]
        let register = request(
            "POST", "/2020-01-01/extension/register", name, [UInt8](#"{"events":[]}"#.utf8))
        do {
            try connection.open()
            connection.limitWait(seconds: 1)
            let answer = try connection.exchange(register)
            guard answer.status == 200, let identifier = answer.headers["lambda-extension-identifier"] else {
                return log("no SIGTERM before the end", ["status": answer.status], level: .debug)
            }
            try connection.open()
            let identity = [("Lambda-Extension-Identifier", identifier)]
            let poll =
                Self.head("GET", "/2020-01-01/extension/event/next", to: address, identity) + "\r\n".utf8
            if connection.send(poll) { extensionConnection = connection }
        } catch {
            log("no SIGTERM before the end", ["error": "\(error)"], level: .debug)
        }
    }

    /// A closed connection says nothing about what the platform has read, so the same is sent once more; when
    /// it then does not know the id, or is no longer waiting for an answer, the first one had arrived.
    private func post(_ path: String, _ headers: [(String, String)], _ body: [UInt8]) -> Delivery {
        let request = request("POST", Self.root + path, headers, body)
        for attempt in 1...2 {
            guard let answer = try? connection.exchange(request) else { continue }
            return attempt == 2 && answer.isRepetition ? .accepted : Delivery(of: answer)
        }
        return .lost
    }

    private func request(
        _ method: String, _ path: String, _ headers: [(String, String)], _ body: [UInt8]
    ) -> [UInt8] {
        let headers = headers + [("Content-Length", String(body.count))]
        var request = Self.head(method, path, to: address, headers, room: body.count)
        request.append(contentsOf: "\r\n".utf8)
        request.append(contentsOf: body)
        return request
    }

    /// Request line and headers, each with its end, and room for so many bytes behind them.
    private static func head(
        _ method: String, _ path: String, to address: RuntimeAddress, _ headers: [(String, String)],
        room: Int = 0
    ) -> [UInt8] {
        var head: [UInt8] = []
        head.reserveCapacity(512 + room)
        for part in [method, " ", path, " HTTP/1.1\r\nHost: ", address.authority] {
            head.append(contentsOf: part.utf8)
        }
        head.append(contentsOf: userAgent.utf8)
        for (name, value) in headers {
            for part in [name, ": ", value, "\r\n"] { head.append(contentsOf: part.utf8) }
        }
        return head
    }

    /// The head of a streamed answer.
    func streamHead(for event: RuntimeEvent, type: String) -> [UInt8] {
        let path = Self.root + "invocation/\(event.invocation.id)/response"
        let headers = [
            ("Content-Type", type), ("Lambda-Runtime-Function-Response-Mode", "streaming"),
            ("Transfer-Encoding", "chunked"),
            ("Trailer", "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body"),
        ]
        return Self.head("POST", path, to: address, event.echoes + headers) + "\r\n".utf8
    }
}

extension RuntimeAnswer {
    /// Whether the platform refuses an answer because it has one.
    fileprivate var isRepetition: Bool {
        guard status == 400 || status == 403 else { return false }
        let type = (try? JSON(parsing: body))?["errorType"]?.text
        return type == "InvalidRequestID" || type == "InvalidStateTransition"
    }
}

/// An event as it came: what it is about, and its bytes.
struct RuntimeEvent {
    let invocation: Invocation
    let payload: [UInt8]
    /// What the platform wants back with the answer.
    let echoes: [(String, String)]

    /// Nil when there is no id to answer to.
    init?(_ answer: RuntimeAnswer) {
        guard let invocation = Invocation(headers: answer.headers) else { return nil }
        let attempt = answer.headers["lambda-runtime-invocation-id"]
        (self.invocation, payload) = (invocation, answer.body)
        echoes = attempt.map { [("Lambda-Runtime-Invocation-Id", $0)] } ?? []
    }
}
