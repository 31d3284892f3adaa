import Foundation
import Testing

@testable import Platform
@testable import Template

/// Who asks too often, by the web ACL of edge.yaml.
@Suite struct CallerLimitTests {
    private static let refusal = CallerLimit.Refusal(
        status: 429, headers: ["retry-after": "60"], contentType: "application/json", body: #"{"status":429}"#
    )

    private func request(
        _ target: String = "GET /a", token: String? = nil, from address: String = "192.0.2.1"
    ) -> GatewayRequest {
        let words = target.split(separator: " ").map(String.init)
        return GatewayRequest(
            method: words[0], path: words[1], queryString: "",
            headers: token.map { [(name: "Authorization", value: $0)] } ?? [], body: [], sourceIP: address,
            port: 80,
            requestID: "r", trace: TraceHeader(root: "1-0-0"), time: Date())
    }

    @Test func `an address may ask so often in a window, and again once the window has passed`() {
        let callers = GatewayCallers([CallerLimit(name: "all", limit: 10, windowSeconds: 60)])
        let admitted = { (second: Int64, address: String) in
            callers.exceeded(by: request(from: address), at: second) == nil
        }
        for second in Int64(0)..<10 { #expect(admitted(second, "192.0.2.1")) }
        #expect(!admitted(10, "192.0.2.1"))
        #expect(admitted(10, "192.0.2.2"), "another caller")
        // What was refused counts too: of the eleven, one has left the window.
        #expect(!admitted(60, "192.0.2.1"))
        #expect(!admitted(61, "192.0.2.1") && !admitted(62, "192.0.2.1"))
        #expect(admitted(123, "192.0.2.1"), "silence lets it in again")
    }

    @Test func `a token is counted by its value, wherever it comes from, and who has none is not`() {
        let callers = GatewayCallers([
            CallerLimit(name: "tokens", limit: 10, windowSeconds: 60, caller: .header("authorization"))
        ])
        for number in 0..<10 {
            #expect(callers.exceeded(by: request(token: "a", from: "192.0.2.\(number)"), at: 0) == nil)
        }
        #expect(callers.exceeded(by: request(token: "a"), at: 0)?.name == "tokens")
        #expect(callers.exceeded(by: request(token: "b"), at: 0) == nil)
        for _ in 0..<20 { #expect(callers.exceeded(by: request(), at: 0) == nil) }
    }

    @Test func `the narrowest rule refuses first, and what it refuses is not counted by the next`() {
        let costly = RequestMatch.all([
            .part(.method, .equals("POST")), .part(.path, .pattern("^/(checkout|orders/[^/]+/refresh)$")),
        ])
        let callers = GatewayCallers([
            CallerLimit(name: "costly", limit: 10, windowSeconds: 60, scope: costly),
            CallerLimit(name: "all", limit: 20, windowSeconds: 60),
        ])
        let outcome = { (target: String) in callers.exceeded(by: request(target), at: 0)?.name }
        for _ in 0..<10 { #expect(outcome("POST /checkout") == nil) }
        for _ in 0..<10 { #expect(outcome("POST /orders/1/refresh") == "costly") }
        for _ in 0..<10 { #expect(outcome("GET /checkout") == nil) }
        #expect(outcome("GET /checkout") == "all")
    }

    @Test func `the edge of this repository refuses with a problem and a time to wait`() throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../edge.yaml")
        let limits = try EdgeReader.limits(in: String(contentsOf: file, encoding: .utf8))
        #expect(limits.map(\.name) == ["costly-by-token", "all-by-token", "all-by-address"])
        #expect(limits.map(\.caller) == [.header("authorization"), .header("authorization"), .address])
        for limit in limits {
            #expect(limit.windowSeconds == 60 && limit.refusal.status == 429)
            #expect(limit.refusal.headers == ["retry-after": "60"])
            let problem = try #require(
                try JSONSerialization.jsonObject(with: Data(limit.refusal.body.utf8)) as? [String: Any])
            #expect(problem["type"] as? String == "too-many-requests" && problem["status"] as? Int == 429)
        }
        let costly = try #require(limits[0].scope)
        #expect(costly.holds(method: "POST", path: "/api/v1/checkout"))
        #expect(costly.holds(method: "POST", path: "/api/v1/orders/x/refresh"))
        #expect(costly.holds(method: "GET", path: "/api/v1/me/export"))
        #expect(!costly.holds(method: "GET", path: "/api/v1/checkout"))
        #expect(!costly.holds(method: "POST", path: "/api/v1/cart/items"))
    }

    @Test func `the gateway answers for the edge, and asks no function`() async throws {
        let invoker = RecordingInvoker()
        let limits = [CallerLimit(name: "all", limit: 10, windowSeconds: 600, refusal: Self.refusal)]
        try await withGateway(functions: [function("f", "GET /a")], limits: limits, invoker: invoker) {
            gateway async throws in
            for _ in 0..<10 { #expect(try await gateway.send("GET", "/a").status == 204) }
            let refused = try await gateway.send("GET", "/a")
            #expect(refused.status == 429 && refused.text == #"{"status":429}"#)
            #expect(
                refused.header("retry-after") == "60" && refused.header("content-type") == "application/json")
            #expect(try await gateway.send("GET", "/_earshelf/health").status == 200, "no part of the API")
        }
        #expect(invoker.calls.count == 10)
    }

    @Test(arguments: [
        ("Limit: 9", "Rules[0].Statement.RateBasedStatement.Limit"),
        ("Limit: 10, EvaluationWindowSec: 61", "Rules[0].Statement.RateBasedStatement.EvaluationWindowSec"),
        ("Limit: 10, ForwardedIPConfig: {}", "Rules[0].Statement.RateBasedStatement.ForwardedIPConfig"),
        (
            "Limit: 10, ScopeDownStatement: { GeoMatchStatement: {} }",
            "Rules[0].Statement.RateBasedStatement.ScopeDownStatement"
        ),
    ])
    func `what it does not know of a web ACL is refused by its place`(rated: String, place: String) {
        let yaml = """
            Resources:
              Callers:
                Type: AWS::WAFv2::WebACL
                Properties:
                  DefaultAction: { Allow: {} }
                  Rules:
                    - { Name: a, Priority: 1, Action: { Block: {} },
                        Statement: { RateBasedStatement: { AggregateKeyType: IP, \(rated) } } }
            """
        let error = #expect(throws: TemplateError.self) { try EdgeReader.limits(in: yaml) }
        #expect(error?.path == "Resources.Callers.Properties.\(place)")
    }
}
