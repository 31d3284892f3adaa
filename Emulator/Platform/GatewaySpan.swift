public import Foundation

/// What the gateway did about one request, as a span of its trace.
public struct GatewaySpan: Sendable {
    /// 32 hexadecimal digits.
    public var trace: String
    public var span: String
    /// The client's, if it began the trace.
    public var parent: String?
    /// The route; never the path, which may name somebody's things.
    public var route: String
    public var function: String?
    public var status: Int
    public var start: Date
    public var took: Duration

    /// nil where nobody collects, and for what no function is asked for.
    init?(_ request: GatewayRequest, _ outcome: Gateway.Outcome, took: Duration) {
        guard let span = request.span, let route = outcome.routeKey else { return nil }
        trace = request.trace.trace
        (self.span, parent, self.route, function) = (span, request.trace.parent, route, outcome.function)
        (status, start, self.took) = (outcome.answer.status, request.time, took)
    }
}
