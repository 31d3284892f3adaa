import Foundation
import Groundwork
import Template

/// An HTTP API of API Gateway: routes, events in payload format 2.0, and answers.
///
/// What belongs to sockets is in `GatewayServer`; everything here takes and gives values.
struct Gateway: Sendable {
    private let api: HTTPAPI
    private let account: String
    private let routes: RouteTable
    private let cors: GatewayCORS?
    private let callers: GatewayCallers
    private let throttle: GatewayThrottle
    private let authorizers: [String: GatewayAuthorizer]
    private let invoker: any FunctionInvoker

    /// Of a whole request.
    static let bodyLimitBytes = 10 << 20

    /// An answer, and what the access log says about it.
    struct Outcome: Sendable {
        var answer: GatewayAnswer
        var routeKey: String?
        var function: String?
        /// Why the gateway itself refused or failed, for the log alone.
        var reason: String?
    }

    init(
        _ template: Template, api: HTTPAPI, callerLimits: [CallerLimit] = [], account: String,
        invoker: any FunctionInvoker, keyFloor: Duration = .seconds(10)
    ) {
        self.api = api
        self.account = account
        self.invoker = invoker
        routes = RouteTable(template.functions, api: api.logicalID)
        cors = api.cors.map(GatewayCORS.init)
        callers = GatewayCallers(callerLimits)
        throttle = GatewayThrottle(api)
        authorizers = Dictionary(
            api.authorizers.map { ($0.name, GatewayAuthorizer($0, floor: keyFloor)) },
            uniquingKeysWith: { first, _ in first })
    }

    /// Whether a route other than `$default` takes the request.
    func hasRoute(method: String, path: String) -> Bool {
        pathInStage(path).flatMap { routes.explicitMatch(method: method, path: $0) } != nil
    }

    func outcome(of request: GatewayRequest) async -> Outcome {
        // Before the API, which therefore adds nothing to the answer.
        if let limit = callers.exceeded(by: request, at: Int64(request.time.timeIntervalSince1970)) {
            return Outcome(answer: GatewayAnswer(limit.refusal), reason: "beyond \(limit.name)")
        }
        if let preflight = cors?.preflight(request) { return Outcome(answer: preflight) }
        var outcome = await routed(request)
        cors?.addHeaders(to: &outcome.answer, for: request)
        return outcome
    }

    private func routed(_ request: GatewayRequest) async -> Outcome {
        guard
            let match = pathInStage(request.path).flatMap({ routes.match(method: request.method, path: $0) })
        else { return Outcome(answer: .notFound) }
        var outcome = Outcome(answer: .failed, routeKey: match.route.key, function: match.function)
        guard throttle.admits(match.route.key, at: .now) else {
            outcome.answer = .tooManyRequests
            outcome.reason = "the route is throttled"
            return outcome
        }
        var authorizer: GatewayEvent.Authorizer?
        if case .jwt(let name, let scopes) = match.route.authorization {
            switch await authorizers[name]?.verdict(on: request, scopes: scopes) {
            case .admitted(let admitted): authorizer = admitted
            case .refused(let answer):
                outcome.answer = answer
                return outcome
            case .failed(let reason):
                outcome.reason = reason
                return outcome
            case nil:
                outcome.reason = "the template has no authorizer \(name)"
                return outcome
            }
        }
        let event = GatewayEvent(
            request, route: match, api: api.id, stage: api.stage, account: account, authorizer: authorizer)
        guard let payload = try? event.encoded() else {
            outcome.reason = "the event cannot be encoded"
            return outcome
        }
        let parent = request.span ?? request.trace.parent
        let trace = TraceHeader(root: request.trace.root, parent: parent, isSampled: request.trace.isSampled)
        let result = await invoked(match, payload: payload, trace: trace)
        (outcome.answer, outcome.reason) = Self.answer(to: result)
        return outcome
    }

    /// Without the stage, which only `$default` leaves out of the path. nil outside of it.
    private func pathInStage(_ path: String) -> String? {
        if api.stage == "$default" { return path }
        let prefix = "/\(api.stage)"
        if path == prefix { return "/" }
        return path.hasPrefix(prefix + "/") ? String(path.dropFirst(prefix.count)) : nil
    }

    /// nil when the function took longer than the gateway waits. It runs on: the platform stops it at its own
    /// timeout, not at the gateway's.
    private func invoked(
        _ match: RouteTable.Match, payload: [UInt8], trace: TraceHeader
    ) async -> InvocationOutcome? {
        let invoker = invoker
        return await result(within: .milliseconds(match.route.timeoutMilliseconds)) {
            await invoker.invoke(match.function, payload: payload, traceID: trace.full)
        }
    }

    private static func answer(to outcome: InvocationOutcome?) -> (GatewayAnswer, reason: String?) {
        switch outcome {
        case .response(let payload, _):
            if let answer = GatewayAnswer(functionResponse: payload) { return (answer, nil) }
            return (.badGateway, "the function's answer is no answer of payload format 2.0")
        case .functionError(let type, _, _): return (.badGateway, type)
        case .throttled: return (.tooManyRequests, "the function is throttled")
        case .noSuchFunction: return (.failed, "there is no such function")
        case .tooLarge: return (.tooLarge, "the event is larger than a function takes")
        case nil: return (.unavailable, "the function did not answer in time")
        }
    }
}
