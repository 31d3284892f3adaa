import Testing

@testable import Platform

@Suite struct TrustedProxyTests {
    @Test(arguments: [
        // Nobody is believed who is not trusted.
        ("192.0.2.7", ["203.0.113.9"], "192.0.2.7"),
        // What the caller itself has sent stands on the left.
        ("127.0.0.1", ["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
        ("127.0.0.1", ["198.51.100.1", "203.0.113.9"], "203.0.113.9"),
        // Two proxies, one behind the other.
        ("127.0.0.1", ["198.51.100.1, 203.0.113.9, 10.0.0.5"], "203.0.113.9"),
        ("::1", ["2001:DB8:0::1"], "2001:db8::1"),
        // What is no address is nobody's, and nothing on its left is believed.
        ("127.0.0.1", ["203.0.113.9, unknown"], "127.0.0.1"),
        ("127.0.0.1", ["203.0.113.9, 10.0.0.5:80, 10.0.0.5"], "10.0.0.5"),
        ("127.0.0.1", ["", " , "], "127.0.0.1"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["10.0.0.5, 127.0.0.1"], "10.0.0.5"),
    ])
    func `it is read from the right, as far as it is trusted`(
        peer: String, forwarded: [String], caller: String
    ) throws {
        let proxies = try #require(TrustedProxies(["127.0.0.1", "0:0::1", "10.0.0.5"]))
        #expect(proxies.caller(peer: peer, forwarded: forwarded) == caller)
    }

    @Test(arguments: ["localhost", "10.0.0.0/8", "127.0.0.1 ", "1.2.3", ""])
    func `what is no address is no proxy`(text: String) {
        #expect(TrustedProxies([text]) == nil)
    }

    @Test func `behind a proxy a function is told who asks and what they speak`() async throws {
        let invoker = RecordingInvoker()
        let proxies = try #require(TrustedProxies(["127.0.0.1"]))
        try await withGateway(functions: [function("a", "GET /a")], invoker: invoker, proxies: proxies) {
            gateway in
            _ = try await gateway.send(
                "GET", "/a",
                headers: [
                    ("x-forwarded-for", "198.51.100.1, 203.0.113.9"), ("x-forwarded-proto", "https"),
                ])
        }
        let headers = invoker.event["headers"] as? [String: String] ?? [:]
        #expect(sourceIP(invoker) == "203.0.113.9")
        #expect(headers["x-forwarded-for"] == "198.51.100.1, 203.0.113.9")
        #expect((headers["x-forwarded-proto"], headers["x-forwarded-port"]) == ("https", "443"))
    }

    private func sourceIP(_ invoker: RecordingInvoker) -> String? {
        (invoker.calls.first?.context["http"] as? [String: Any])?["sourceIp"] as? String
    }

    @Test func `without a proxy nobody says who asks but the connection`() async throws {
        let invoker = RecordingInvoker()
        try await withGateway(functions: [function("a", "GET /a")], invoker: invoker) { gateway in
            _ = try await gateway.send(
                "GET", "/a",
                headers: [("x-forwarded-for", "203.0.113.9"), ("x-forwarded-proto", "https")])
        }
        let headers = invoker.event["headers"] as? [String: String] ?? [:]
        #expect(sourceIP(invoker) == "127.0.0.1")
        #expect(headers["x-forwarded-for"] == "203.0.113.9, 127.0.0.1")
        #expect(headers["x-forwarded-proto"] == "http")
    }
}
