import Bus
import Foundation
import Groundwork
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Platform
import Queue
import Storage
import Synchronization

/// A page on which to watch the platform at work, and the collector of its traces: on a port of its own, so
/// that whatever stands before the shop does not lead here.
final class Console: Sendable {
    let records = ConsoleRecords()
    private let folder: URL
    private let port: Int
    private let parts = Mutex(Parts())

    /// What it asks how things stand; what has not started yet is nil.
    struct Parts {
        var host: FunctionHost?
        var queues: QueueStore?
        var queueNames: [String] = []
        var bus: BusStore?
        var storage: S3Server?
    }

    init(folder: URL, port: Int) { (self.folder, self.port) = (folder, port) }

    func learn(_ change: (inout Parts) -> Void) { parts.withLock { change(&$0) } }

    func run(onRunning: @escaping @Sendable (Int) async -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await Listener.run(
                    port: self.port, logger: Logger(label: "console"), onRunning: onRunning
                ) {
                    await self.respond(to: $0)
                }
            }
            group.addTask { try await self.tellState() }
            defer { records.endAll() }
            try await group.next()
            group.cancelAll()
        }
    }

    // MARK: How things stand

    struct QueueState: Codable, Hashable, Sendable {
        var name: String
        var waiting: Int
        var inFlight: Int
        var delayed: Int
    }

    struct State: Codable, Sendable {
        var functions: [FunctionStatus] = []
        var queues: [QueueState] = []
        var buckets: [BucketSummary] = []
    }

    func state() async -> State {
        let parts = parts.withLock { $0 }
        var state = State()
        state.functions = await parts.host?.status() ?? []
        for name in parts.queueNames {
            guard let counts = try? await parts.queues?.counts(of: name) else { continue }
            state.queues.append(
                QueueState(
                    name: name, waiting: counts.visible, inFlight: counts.inFlight, delayed: counts.delayed))
        }
        state.buckets = await parts.storage?.summaries() ?? []
        return state
    }

    /// The newest first.
    private func events() async -> [ConsoleEvent] {
        (await parts.withLock { $0.bus }?.recent() ?? []).map(ConsoleEvent.init)
    }

    /// Once a second, as long as somebody watches; of the bus only when there is news.
    private func tellState() async throws {
        var newest: String?
        while true {
            try await Task.sleep(for: .seconds(1))
            guard records.isWatched else { continue }
            records.tell("state", await state())
            let events = await events()
            if events.first?.id != newest { records.tell("events", events) }
            newest = events.first?.id
        }
    }

    // MARK: Requests

    private func respond(to request: Request) async -> Response {
        // Whoever made a name of theirs point here is not let in.
        let hosts = ["127.0.0.1:\(port)", "localhost:\(port)"]
        guard let host = request.head.authority, hosts.contains(host) else {
            return Self.answer(.forbidden, "This is for this machine alone: http://\(hosts[0])/\n")
        }
        let path = request.uri.path, parts = path.split(separator: "/").map(String.init)
        switch (request.method, parts.first ?? "", parts.count) {
        case (.post, "v1", 2) where parts[1] == "traces": return await collect(request)
        case (.get, "api", 2) where parts[1] == "state": return Self.answer(await state())
        case (.get, "api", 2) where parts[1] == "events": return Self.answer(await events())
        case (.get, "api", 2) where parts[1] == "invocations": return Self.answer(records.invocations)
        case (.get, "api", 3) where parts[1] == "invocations": return Self.answer(records.lines(of: parts[2]))
        case (.get, "api", 2) where parts[1] == "traces": return Self.answer(records.summaries)
        case (.get, "api", 3) where parts[1] == "traces": return Self.answer(records.spans(of: parts[2]))
        case (.get, "api", 2) where parts[1] == "stream": return stream()
        case (.post, "api", 4) where parts[1] == "events" && parts[3] == "replay":
            return await replay(parts[2], request)
        case (.get, _, 0...1): return file(parts.first ?? "index.html")
        default: return Self.answer(.notFound, "There is nothing here.\n")
        }
    }

    /// A page of another origin can send neither JSON nor a header of its own without asking first, which is
    /// not answered.
    private func collect(_ request: Request) async -> Response {
        guard request.headers[.contentType]?.hasPrefix("application/json") == true else {
            return Self.answer(.unsupportedMediaType, "OTLP is taken as application/json.\n")
        }
        do {
            let body = try await request.body.collect(upTo: 4 << 20)
            records.take(
                try JSONDecoder().decode(CollectedTraces.self, from: Data(body.readableBytesView)).spans)
            return Self.answer([String: String]())
        } catch { return Self.answer(.badRequest, "This is no OTLP document of traces.\n") }
    }

    private func replay(_ event: String, _ request: Request) async -> Response {
        guard HTTPField.Name("x-earshelf-console").flatMap({ request.headers[$0] }) != nil else {
            return Self.answer(.forbidden, "Only the console's own page replays events.\n")
        }
        let bus = parts.withLock { $0.bus }
        guard (try? await bus?.replay(event)) == true else {
            return Self.answer(.notFound, "This event is forgotten.\n")
        }
        return Self.answer(["replayed": event])
    }

    private func stream() -> Response {
        let (id, messages) = records.watch()
        let records = records
        let body = ResponseBody { writer in
            defer { records.unwatch(id) }
            try await writer.write(ByteBuffer(string: "retry: 1000\n\n"))
            for await message in messages { try await writer.write(ByteBuffer(string: message)) }
            try await writer.finish(nil)
        }
        return Self.answer(.ok, type: "text/event-stream", body)
    }

    private func file(_ name: String) -> Response {
        let types = [
            "css": "text/css; charset=utf-8", "html": "text/html; charset=utf-8",
            "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml",
        ]
        let file = folder.appendingPathComponent(name)
        guard !name.hasPrefix("."), let type = types[file.pathExtension],
            let bytes = FileManager.default.contents(atPath: file.path)
        else {
            return Self.answer(.notFound, "There is nothing here. --console names the folder of its files.\n")
        }
        return Self.answer(.ok, type: type, ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    // MARK: Answers

    private static func answer(_ status: HTTPResponse.Status, _ text: String) -> Response {
        answer(status, type: "text/plain; charset=utf-8", ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }

    private static func answer(_ document: some Encodable) -> Response {
        guard let bytes = try? JSONEncoder().encode(document) else {
            return answer(.internalServerError, "This cannot be told.\n")
        }
        return answer(.ok, type: "application/json", ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// As strict as the shop's own pages are.
    private static let policy = """
        default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
        form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'
        """

    private static func answer(_ status: HTTPResponse.Status, type: String, _ body: ResponseBody) -> Response
    {
        var headers: HTTPFields = [.contentType: type, .cacheControl: "no-store"]
        for (name, value) in [
            ("content-security-policy", policy), ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"), ("cross-origin-resource-policy", "same-origin"),
        ] {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
        return Response(status: status, headers: headers, body: body)
    }
}
