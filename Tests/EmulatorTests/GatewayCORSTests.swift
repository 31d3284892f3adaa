import Foundation
import Platform
import Template
import Testing

@Suite struct GatewayCORSTests {
    static let rules = CORS(
        allowOrigins: ["https://shop.example", "http://*"], allowMethods: ["GET", "POST"],
        allowHeaders: ["authorization", "content-type"], exposeHeaders: ["etag"], maxAgeSeconds: 600,
        allowCredentials: true)

    func withShop(_ rules: CORS = rules, _ body: (GatewayUnderTest, RecordingInvoker) async throws -> Void)
        async throws
    {
        let api = HTTPAPI(logicalID: "Api", id: "earshelf", name: "earshelf", cors: rules)
        let invoker = RecordingInvoker(
            answering:
                #"{"statusCode":200,"headers":{"Access-Control-Allow-Origin":"https://evil"},"body":"x"}"#)
        try await withGateway(api, functions: [function("f", "ANY /a")], invoker: invoker) {
            gateway async throws in
            try await body(gateway, invoker)
        }
    }

    static let asking = [("Origin", "https://shop.example"), ("Access-Control-Request-Method", "POST")]

    @Test func `a preflight is answered by the gateway, for any path`() async throws {
        try await withShop { gateway, invoker async throws in
            let reply = try await gateway.send("OPTIONS", "/anywhere", headers: Self.asking)
            #expect(reply.status == 204)
            #expect(reply.header("access-control-allow-origin") == "https://shop.example")
            #expect(reply.header("access-control-allow-methods") == "GET,POST")
            #expect(reply.header("access-control-allow-headers") == "authorization,content-type")
            #expect(reply.header("access-control-max-age") == "600")
            #expect(reply.header("access-control-allow-credentials") == "true")
            #expect(reply.header("vary") == "Origin")
            #expect(invoker.calls.isEmpty)
        }
    }

    @Test func `answers carry the gateway's headers and never the function's`() async throws {
        try await withShop { gateway, _ async throws in
            let reply = try await gateway.send("GET", "/a", headers: [("Origin", "http://localhost:1")])
            #expect(reply.header("access-control-allow-origin") == "http://localhost:1")
            #expect(reply.header("access-control-expose-headers") == "etag")
            let refused = try await gateway.send(
                "GET", "/none", headers: [("Origin", "https://shop.example")])
            #expect(refused.status == 404)
            #expect(refused.header("access-control-allow-origin") == "https://shop.example")
        }
    }

    @Test(arguments: ["https://other.example", "https://shop.example.evil", "null"])
    func `a foreign origin is told nothing`(origin: String) async throws {
        try await withShop { gateway, _ async throws in
            let preflight = try await gateway.send(
                "OPTIONS", "/a", headers: [("Origin", origin), ("Access-Control-Request-Method", "GET")])
            #expect(preflight.status == 204 && preflight.header("access-control-allow-origin") == nil)
            let reply = try await gateway.send("GET", "/a", headers: [("Origin", origin)])
            #expect(reply.status == 200 && reply.header("access-control-allow-origin") == nil)
        }
    }

    @Test func `an OPTIONS that is no preflight is a request like any other`() async throws {
        try await withShop(CORS(allowOrigins: ["*"])) { gateway, invoker async throws in
            let reply = try await gateway.send("OPTIONS", "/a", headers: [("Origin", "https://x.example")])
            #expect(reply.header("access-control-allow-origin") == "*")
            #expect(reply.header("vary") == nil)
            #expect(invoker.calls.count == 1)
        }
    }
}
