import Foundation
import HTTPTypes
import Hummingbird
public import Logging
import NIOCore
public import Template

/// One HTTP API on a port of this machine, and beside it the pages that are no part of the API.
public final class GatewayServer: Sendable {
    public struct Settings: Sendable {
        public var host: String
        /// 0 for any that is free.
        public var port: Int
        public var account: String
        /// Who may stand before the gateway and tell it who asks.
        public var proxies: TrustedProxies
        /// Static files for what no route takes, e.g. `Storefront`. A folder that is not there is no error.
        public var storefront: String?
        /// What the emulator itself shows below `/_earshelf/`: pages by their path, and files below a path
        /// that ends with a slash by the folder that holds them.
        public var pages: [String: GatewayPage]
        public var folders: [String: String]
        /// The page at `/` where the folder has none.
        public var welcome: @Sendable () -> String
        /// Answers `GET /_earshelf/health`: the parts of the platform and whether each is up.
        public var health: @Sendable () async -> [String: Bool]

        /// Takes what the gateway did about a request whose trace is sampled; nil collects nothing.
        public var collect: (@Sendable (GatewaySpan) -> Void)?

        public init(
            host: String = "127.0.0.1", port: Int, account: String = "000000000000",
            proxies: TrustedProxies = .none, storefront: String? = nil, pages: [String: GatewayPage] = [:],
            folders: [String: String] = [:], collect: (@Sendable (GatewaySpan) -> Void)? = nil,
            welcome: @escaping @Sendable () -> String = { "" },
            health: @escaping @Sendable () async -> [String: Bool] = { [:] }
        ) {
            self.host = host
            self.port = port
            self.account = account
            self.proxies = proxies
            self.storefront = storefront
            self.pages = pages
            self.folders = folders
            self.collect = collect
            self.welcome = welcome
            self.health = health
        }
    }

    private let settings: Settings
    private let responder: GatewayResponder
    private let logger: Logger

    public init(
        _ template: Template, api: HTTPAPI, callerLimits: [CallerLimit] = [], invoker: any FunctionInvoker,
        settings: Settings, logger: Logger
    ) {
        self.settings = settings
        self.logger = logger
        responder = GatewayResponder(
            gateway: Gateway(
                template, api: api, callerLimits: callerLimits, account: settings.account, invoker: invoker),
            pages: GatewayPages(settings), proxies: settings.proxies, logger: logger,
            collect: settings.collect)
    }

    /// Serves until the task is cancelled. `listening` is told the port once it is open.
    public func run(listening: @escaping @Sendable (Int) async -> Void = { _ in }) async throws {
        // The server's own remarks are not for the access log, unless something is wrong.
        var remarks = logger
        remarks.logLevel = max(.warning, logger.logLevel)
        let application = Application(
            responder: responder,
            configuration: ApplicationConfiguration(address: .hostname(settings.host, port: settings.port)),
            onServerRunning: { channel in await listening(channel.localAddress?.port ?? 0) },
            logger: remarks)
        try await application.run()
    }
}

/// A request context that knows who is at the other end.
struct GatewayRequestContext: InitializableFromSource, Sendable {
    var sourceIP: String
    var port: Int

    init(source: ApplicationRequestContextSource) {
        sourceIP = source.channel.remoteAddress?.ipAddress ?? "127.0.0.1"
        port = source.channel.localAddress?.port ?? 0
    }
}

/// From Hummingbird's requests to the gateway's, and back; one access log line each.
struct GatewayResponder: HTTPResponder {
    var gateway: Gateway
    var pages: GatewayPages
    var proxies: TrustedProxies
    var logger: Logger
    var collect: (@Sendable (GatewaySpan) -> Void)?

    func respond(to request: Request, context: GatewayRequestContext) async throws -> Response {
        let began = ContinuousClock.now
        let time = Date()
        var arrived = GatewayRequest(
            request, from: context, through: proxies, time: time, isCollected: collect != nil)
        if collect != nil, arrived.trace.isSampled { arrived.span = TraceHeader.newSpan() }
        let outcome = try await outcome(of: request, &arrived)
        if let span = GatewaySpan(arrived, outcome, took: ContinuousClock.now - began) { collect?(span) }
        log(outcome, to: arrived, after: ContinuousClock.now - began)
        return response(outcome.answer, to: arrived)
    }

    private func outcome(of request: Request, _ arrived: inout GatewayRequest) async throws -> Gateway.Outcome
    {
        if let page = await pages.answer(to: arrived, isRoute: gateway.hasRoute) {
            return Gateway.Outcome(answer: page)
        }
        guard let body = try await body(of: request) else { return Gateway.Outcome(answer: .tooLarge) }
        arrived.body = body
        return await gateway.outcome(of: arrived)
    }

    /// nil when it is too large. Then too it is read to its end: many clients listen only once they have sent
    /// all, and would wait for ever.
    private func body(of request: Request) async throws -> [UInt8]? {
        var bytes: [UInt8] = []
        var count = 0
        for try await part in request.body {
            count += part.readableBytes
            if count <= Gateway.bodyLimitBytes { bytes.append(contentsOf: part.readableBytesView) }
        }
        return count <= Gateway.bodyLimitBytes ? bytes : nil
    }

    private func response(_ answer: GatewayAnswer, to request: GatewayRequest) -> Response {
        var headers = HTTPFields()
        for header in answer.headers {
            guard let name = HTTPField.Name(header.name) else { continue }
            headers.append(HTTPField(name: name, value: header.value))
        }
        for cookie in answer.cookies { headers.append(HTTPField(name: .setCookie, value: cookie)) }
        if let name = HTTPField.Name("apigw-requestid") { headers[name] = request.requestID }
        // RFC 9110, 15.3.5 and 15.4.5: these have no content, whatever the function says.
        let hasContent = answer.status != 204 && answer.status != 304
        if hasContent { headers[.contentLength] = "\(answer.body.count)" }
        let body = hasContent && request.method != "HEAD" ? answer.body : []
        return Response(
            status: HTTPResponse.Status(code: answer.status), headers: headers,
            body: body.isEmpty ? ResponseBody() : ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }

    /// Neither query nor headers: they hold what is not for logs.
    private func log(_ outcome: Gateway.Outcome, to request: GatewayRequest, after elapsed: Duration) {
        var metadata: Logger.Metadata = [
            "requestId": "\(request.requestID)", "traceId": "\(request.trace.root)",
            "milliseconds": "\(Int(elapsed / .milliseconds(1)))", "bytes": "\(outcome.answer.body.count)",
        ]
        if let key = outcome.routeKey { metadata["route"] = "\(key)" }
        if let function = outcome.function { metadata["function"] = "\(function)" }
        if let reason = outcome.reason { metadata["reason"] = "\(reason)" }
        logger.info("\(request.method) \(request.path) \(outcome.answer.status)", metadata: metadata)
    }
}

extension GatewayRequest {
    init(
        _ request: Request, from context: GatewayRequestContext, through proxies: TrustedProxies, time: Date,
        isCollected: Bool
    ) {
        let target = request.head.path ?? "/"
        let cut = target.firstIndex(of: "?")
        let path = String(target[..<(cut ?? target.endIndex)])
        var headers = request.headers.map { (name: $0.name.canonicalName, value: $0.value) }
        if let host = request.head.authority { headers.append(("host", host)) }
        func first(_ name: String) -> String? { headers.first { $0.name == name }?.value }
        self.init(
            method: request.method.rawValue, path: path,
            queryString: cut.map { String(target[target.index(after: $0)...]) } ?? "", headers: headers,
            body: [], sourceIP: context.sourceIP, port: context.port,
            requestID: UUID().uuidString.lowercased(),
            trace: TraceHeader(
                amazon: first("x-amzn-trace-id"), traceparent: first("traceparent"), now: time,
                isCollected: isCollected),
            time: time)
        guard proxies.contains(context.sourceIP) else { return }
        let forwarded = headers.filter { $0.name == "x-forwarded-for" }.map(\.value)
        sourceIP = proxies.caller(peer: context.sourceIP, forwarded: forwarded)
        isForwarded = !forwarded.isEmpty
        if let told = first("x-forwarded-proto"), ["http", "https"].contains(told) {
            scheme = told
            self.port = first("x-forwarded-port").flatMap(Int.init) ?? (told == "https" ? 443 : 80)
        }
    }
}
