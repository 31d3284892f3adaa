import Foundation
import Groundwork
import HTTP
import Logging
import Platform
import Synchronization
import Template

/// Stands for the functions: answers as told, remembers what it was asked.
final class RecordingInvoker: FunctionInvoker {
    struct Call: Sendable {
        var function: String
        var payload: [UInt8]
        var traceID: String?

        var event: [String: Any] {
            (try? JSONSerialization.jsonObject(with: Data(payload))) as? [String: Any] ?? [:]
        }

        var context: [String: Any] { event["requestContext"] as? [String: Any] ?? [:] }
    }

    private let recorded = Mutex<[Call]>([])
    private let answer: @Sendable (Call) async -> InvocationOutcome

    init(_ answer: @escaping @Sendable (Call) async -> InvocationOutcome) {
        self.answer = answer
    }

    convenience init(answering json: String = #"{"statusCode":204}"#) {
        self.init { _ in .response(Array(json.utf8), log: []) }
    }

    var calls: [Call] { recorded.withLock { $0 } }
    /// The one event there was, or nothing.
    var event: [String: Any] { calls.first?.event ?? [:] }

    func invoke(_ function: String, payload: [UInt8], traceID: String?) async -> InvocationOutcome {
        let call = Call(function: function, payload: payload, traceID: traceID)
        recorded.withLock { $0.append(call) }
        return await answer(call)
    }
}

struct GatewayReply: Sendable {
    var status: Int
    var headers: [String: String]
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
    func header(_ name: String) -> String? { headers[name] }
}

/// A gateway on a port of its own.
struct GatewayUnderTest: Sendable {
    var port: Int
    var origin: String { "http://127.0.0.1:\(port)" }

    func send(
        _ method: String, _ target: String, headers: [(String, String)] = [], body: [UInt8] = []
    ) async throws -> GatewayReply {
        let request = Request(
            method, origin + target, headers: headers.map(Header.init), body: body,
            timeoutMilliseconds: 60_000,
            repeatable: false)
        let response = try await Outbound.send(request, largestBody: 64 << 20)
        return GatewayReply(status: response.status, headers: response.headers, body: response.body)
    }
}

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Runs a gateway for as long as the body takes.
func withGateway(
    _ api: HTTPAPI = HTTPAPI(logicalID: "Api", id: "earshelf", name: "earshelf"),
    functions: [Function], limits: [CallerLimit] = [], invoker: some FunctionInvoker,
    storefront: String? = nil, proxies: TrustedProxies = .none,
    pages: [String: GatewayPage] = [:], folders: [String: String] = [:],
    _ body: (GatewayUnderTest) async throws -> Void
) async throws {
    let server = GatewayServer(
        Template(functions: functions, apis: [api]), api: api, callerLimits: limits, invoker: invoker,
        settings: .init(
            port: 0, proxies: proxies, storefront: storefront, pages: pages, folders: folders,
            welcome: { "<h1>Welcome</h1>" },
            health: { ["database": true] }),
        logger: quiet)
    let (ports, opened) = AsyncThrowingStream<Int, any Error>.makeStream()
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            do {
                try await server.run { opened.yield($0) }
                opened.finish()
            } catch {
                opened.finish(throwing: error)
                throw error
            }
        }
        for try await port in ports {
            try await body(GatewayUnderTest(port: port))
            break
        }
        group.cancelAll()
    }
}

/// A function named after its one route.
func function(
    _ name: String, _ keys: String..., authorization: RouteAuthorization = .none,
    timeoutMilliseconds: Int = 30_000
) -> Function {
    Function(
        logicalID: name, name: name, arn: "arn:aws:lambda:eu-central-1:000000000000:function:\(name)",
        routes: keys.map { key in
            let parts = key.split(separator: " ", maxSplits: 1).map(String.init)
            return Route(
                name: "Route", api: "Api", method: parts.count == 2 ? parts[0] : "ANY",
                path: parts.last ?? "", authorization: authorization,
                timeoutMilliseconds: timeoutMilliseconds)
        })
}
