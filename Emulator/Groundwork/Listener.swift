public import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore
import Synchronization

/// An HTTP server on 127.0.0.1, for protocols that route by more than a path.
public enum Listener {
    /// Serves until the task is cancelled. `onRunning` is given the port, which 0 leaves to chance.
    public static func run(
        port: Int, logger: Logger, onRunning: @escaping @Sendable (Int) async -> Void,
        respond: @escaping @Sendable (Request) async -> Response
    ) async throws {
        // Its own lines say nothing of a request, and that a cancelled server was cancelled.
        var quiet = logger
        quiet.logLevel = .critical
        let application = Application(
            responder: CallbackResponder<BasicRequestContext> { request, _ in await respond(request) },
            server: willing(),
            configuration: .init(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { channel in await onRunning(channel.localAddress?.port ?? port) },
            logger: quiet)
        try await application.run()
    }

    /// HTTP/1.1 that says `100 Continue`: botocore waits a whole second for it before it sends an object.
    private static func willing() -> HTTPServerBuilder {
        HTTPServerBuilder { responder in
            HTTP1Channel(responder: { request, writer, channel in
                if request.headers[.expect]?.lowercased() == "100-continue" {
                    try await writer.writeInformationalHead(HTTPResponse(status: .continue))
                }
                guard request.headers[.connection]?.lowercased() == "close" else {
                    return try await responder(request, writer, channel)
                }
                // Of one that is kept open, Hummingbird reads what nobody read before the next request. Where none
                // comes, whoever still sends to a server that has refused would wait for it for ever.
                var request = request
                let body = request.body, begun = Flag()
                request.body = RequestBody(asyncSequence: Watched(sequence: body, begun: begun))
                try await responder(request, writer, channel)
                guard !begun.isSet else { return }
                for try await _ in body {}
            })
        }
    }
}

/// Whether something was begun.
private final class Flag: Sendable {
    private let state = Mutex(false)
    var isSet: Bool { state.withLock { $0 } }
    func set() { state.withLock { $0 = true } }
}

/// A body that says when somebody begins to read it.
private struct Watched: AsyncSequence, Sendable {
    let sequence: RequestBody
    let begun: Flag

    func makeAsyncIterator() -> RequestBody.AsyncIterator {
        begun.set()
        return sequence.makeAsyncIterator()
    }
}

extension Arrival {
    public init?(_ request: Request) {
        var headers = request.headers.map { (name: $0.name.canonicalName, value: $0.value) }
        if let authority = request.head.authority { headers.append((name: "host", value: authority)) }
        self.init(method: request.method.rawValue, target: request.head.path ?? "", headers: headers)
    }
}
