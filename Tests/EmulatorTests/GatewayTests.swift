import Foundation
import Platform
import Template
import Testing

@Suite struct GatewayTests {
    @Test func `an event carries what was sent in the shape of payload format 2`() async throws {
        let invoker = RecordingInvoker()
        let put = function("put", "PUT /items/{id}")
        try await withGateway(functions: [put], invoker: invoker) { gateway async throws in
            let reply = try await gateway.send(
                "PUT", "/items/a%2Fb%20c?x=1&x=2&y=%20z+&empty",
                headers: [
                    ("X-Twice", "a"), ("x-twice", "b"), ("Cookie", "one=1; two=2"), ("User-Agent", "tests"),
                    ("Content-Type", "application/json"),
                    ("X-Amzn-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793"),
                ], body: Array(#"{"é":1}"#.utf8))
            #expect(reply.status == 204)
            #expect(reply.header("apigw-requestid") == invoker.calls[0].context["requestId"] as? String)
        }
        let event = invoker.event
        #expect(event["version"] as? String == "2.0")
        #expect(event["routeKey"] as? String == "PUT /items/{id}")
        #expect(event["rawPath"] as? String == "/items/a%2Fb%20c")
        #expect(event["rawQueryString"] as? String == "x=1&x=2&y=%20z+&empty")
        #expect(
            event["queryStringParameters"] as? [String: String] == ["x": "1,2", "y": " z ", "empty": ""])
        #expect(event["pathParameters"] as? [String: String] == ["id": "a/b c"])
        #expect(event["cookies"] as? [String] == ["one=1", "two=2"])
        #expect(event["body"] as? String == #"{"é":1}"#)
        #expect(event["isBase64Encoded"] as? Bool == false)
        let headers = try #require(event["headers"] as? [String: String])
        #expect(headers["x-twice"] == "a,b")
        #expect(headers["cookie"] == nil)
        #expect(headers["content-length"] == "8")
        #expect(headers["host"]?.hasPrefix("127.0.0.1:") == true)
        #expect(headers["x-forwarded-for"] == "127.0.0.1")
        #expect(headers["x-amzn-trace-id"] == "Root=1-5759e988-bd862e3fe1be46a994272793")
        #expect(headers.keys.allSatisfy { $0 == $0.lowercased() })
        let http = try #require(invoker.calls[0].context["http"] as? [String: String])
        #expect(
            http == [
                "method": "PUT", "path": "/items/a%2Fb%20c", "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1", "userAgent": "tests",
            ])
        #expect(invoker.calls[0].context["stage"] as? String == "$default")
        #expect(invoker.calls[0].traceID == "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1")
    }

    @Test func `what is empty is absent`() async throws {
        let invoker = RecordingInvoker()
        try await withGateway(functions: [function("get", "GET /a")], invoker: invoker) {
            gateway async throws in
            _ = try await gateway.send("GET", "/a")
        }
        for name in ["cookies", "queryStringParameters", "pathParameters", "body"] {
            #expect(invoker.event[name] == nil, "\(name)")
        }
        #expect(invoker.event["rawQueryString"] as? String == "")
    }

    @Test(
        arguments: [
            ("application/json; charset=utf-8", "é", false), ("text/plain", "a", false),
            ("application/problem+json", "{}", false), ("application/x-www-form-urlencoded", "a=b", true),
            ("audio/mp4", "x", true), (nil, "x", true),
        ] as [(String?, String, Bool)])
    func `text travels as text and all else as base64`(type: String?, body: String, encoded: Bool)
        async throws
    {
        let invoker = RecordingInvoker()
        try await withGateway(functions: [function("post", "POST /a")], invoker: invoker) {
            gateway async throws in
            let headers = type.map { [("Content-Type", $0)] } ?? []
            _ = try await gateway.send("POST", "/a", headers: headers, body: Array(body.utf8))
        }
        #expect(invoker.event["isBase64Encoded"] as? Bool == encoded)
        let sent = try #require(invoker.event["body"] as? String)
        #expect(encoded ? Data(base64Encoded: sent) == Data(body.utf8) : sent == body)
    }

    @Test func `bytes come back as they went, whatever they claim to be`() async throws {
        let bytes = (0...255).map { UInt8($0) }
        let echo = RecordingInvoker { call in
            let body = call.event["body"] as? String ?? ""
            let encoded = call.event["isBase64Encoded"] as? Bool ?? false
            return .response(
                Array(#"{"statusCode":200,"isBase64Encoded":\#(encoded),"body":"\#(body)"}"#.utf8), log: [])
        }
        try await withGateway(functions: [function("echo", "POST /a")], invoker: echo) {
            gateway async throws in
            for type in ["application/octet-stream", "text/plain"] {
                let reply = try await gateway.send(
                    "POST", "/a", headers: [("Content-Type", type)], body: bytes)
                #expect(reply.body == bytes)
            }
        }
    }

    @Test func `cookies and headers of the answer arrive, and a HEAD has no body`() async throws {
        let answer = """
            {"statusCode":200,"headers":{"X-One":"1","Content-Length":"999","Connection":"close"},
             "cookies":["a=1; HttpOnly","b=2"],"body":"hello"}
            """
        let invoker = RecordingInvoker(answering: answer)
        try await withGateway(functions: [function("any", "ANY /a")], invoker: invoker) {
            gateway async throws in
            let reply = try await gateway.send("GET", "/a")
            #expect(reply.header("set-cookie") == "a=1; HttpOnly, b=2")
            #expect(reply.header("x-one") == "1")
            #expect(reply.header("content-length") == "5")
            let head = try await gateway.send("HEAD", "/a")
            #expect(head.status == 200 && head.body.isEmpty && head.header("content-length") == "5")
        }
    }

    @Test(
        arguments: [
            (.functionError(type: "Function.Boom", payload: [], log: []), 502, "Internal Server Error"),
            (.throttled, 429, "Too Many Requests"), (.noSuchFunction, 500, "Internal Server Error"),
            (.tooLarge, 413, "Request Entity Too Large"),
            (.response(Array("no json".utf8), log: []), 502, "Internal Server Error"),
        ] as [(InvocationOutcome, Int, String)])
    func `a function that fails is told in the gateway's words`(
        outcome: InvocationOutcome, status: Int, message: String
    ) async throws {
        let invoker = RecordingInvoker { _ in outcome }
        try await withGateway(functions: [function("f", "GET /a")], invoker: invoker) {
            gateway async throws in
            let reply = try await gateway.send("GET", "/a")
            #expect(reply.status == status)
            #expect(reply.text == #"{"message":"\#(message)"}"#)
            #expect(reply.header("content-type") == "application/json")
        }
    }

    @Test func `a function that takes longer than the route waits is answered 503`() async throws {
        let invoker = RecordingInvoker { _ in
            try? await Task.sleep(for: .seconds(3600))
            return .throttled
        }
        let slow = function("slow", "GET /a", timeoutMilliseconds: 50)
        try await withGateway(functions: [slow], invoker: invoker) { gateway async throws in
            let reply = try await gateway.send("GET", "/a")
            #expect(reply.status == 503)
            #expect(reply.text == #"{"message":"Service Unavailable"}"#)
        }
    }

    @Test func `nothing is found where no route is, and ten megabytes are the most`() async throws {
        let invoker = RecordingInvoker()
        try await withGateway(functions: [function("post", "POST /a")], invoker: invoker) {
            gateway async throws in
            let missing = try await gateway.send("GET", "/a")
            #expect(missing.status == 404 && missing.text == #"{"message":"Not Found"}"#)
            let most = [UInt8](repeating: 65, count: 10 << 20)
            #expect(try await gateway.send("POST", "/a", body: most).status == 204)
            #expect(try await gateway.send("POST", "/a", body: most + [65]).status == 413)
        }
        #expect(invoker.calls.count == 1)
    }

    @Test func `a route past its throttle is answered 429`() async throws {
        var api = HTTPAPI(logicalID: "Api", id: "earshelf", name: "earshelf")
        api.routeThrottles = ["GET /a": Throttle(burst: 1, requestsPerSecond: 0)]
        let functions = [function("f", "GET /a", "GET /b")]
        try await withGateway(api, functions: functions, invoker: RecordingInvoker()) {
            gateway async throws in
            #expect(try await gateway.send("GET", "/a").status == 204)
            let refused = try await gateway.send("GET", "/a")
            #expect(refused.status == 429 && refused.text == #"{"message":"Too Many Requests"}"#)
            #expect(try await gateway.send("GET", "/b").status == 204)
        }
    }

    @Test func `a stage other than the default is part of the path`() async throws {
        let invoker = RecordingInvoker()
        let api = HTTPAPI(logicalID: "Api", id: "earshelf", name: "earshelf", stage: "dev")
        try await withGateway(api, functions: [function("f", "GET /a")], invoker: invoker) {
            gateway async throws in
            #expect(try await gateway.send("GET", "/dev/a").status == 204)
            #expect(try await gateway.send("GET", "/a").status == 404)
            #expect(try await gateway.send("GET", "/developer/a").status == 404)
        }
        #expect(invoker.event["rawPath"] as? String == "/dev/a")
        #expect(invoker.calls.first?.context["stage"] as? String == "dev")
    }
}
