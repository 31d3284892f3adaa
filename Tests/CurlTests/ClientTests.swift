import Curl
import HTTP
import Testing

@Suite struct ClientTests {
    private func get(_ url: String, milliseconds: Int = 10_000, repeatable: Bool = true) -> Request {
        Request("GET", url, timeoutMilliseconds: milliseconds, repeatable: repeatable)
    }

    @Test func `a request goes out as it was written, and nothing is added but host, length and our name`()
        throws
    {
        let server = try ScriptedServer([answer(200, "{}")])
        _ = try Client().send(
            Request(
                "POST", server.url + "/a/../b%2Fc?q=1",
                headers: [Header("X-One", "1"), Header("X-None", "")],
                body: Array("héllo".utf8), repeatable: true))
        let sent = try #require(server.requests.first).split(
            separator: "\r\n", omittingEmptySubsequences: false)
        #expect(sent.first == "POST /a/../b%2Fc?q=1 HTTP/1.1")
        #expect(
            sent.dropFirst().sorted() == [
                "", "Content-Length: 6", "Host: 127.0.0.1:\(server.port)", "User-Agent: earshelf", "X-None:",
                "X-One: 1", "héllo",
            ])
    }

    @Test(arguments: [
        ("GET", ""), ("DELETE", ""), ("PUT", "abc"), ("PUT", ""), ("POST", ""), ("DELETE", "abc"),
    ])
    func `every method goes out with the body it was given`(method: String, body: String) throws {
        let server = try ScriptedServer([answer(204)])
        let request = Request(method, server.url, body: Array(body.utf8), repeatable: true)
        #expect(try Client().send(request).status == 204)
        let sent = try #require(server.requests.first)
        #expect(sent.hasPrefix(method + " / "))
        #expect(sent.hasSuffix("\r\n\r\n" + body))
    }

    @Test func `a HEAD has no body to wait for`() throws {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n"
        let server = try ScriptedServer([.answer(head), answer(200, "x")])
        let client = Client(largestBody: 10)
        let response = try client.send(Request("HEAD", server.url, repeatable: true))
        #expect(response.headers["content-length"] == "5000000")
        #expect(try client.send(get(server.url)).body == Array("x".utf8))
    }

    @Test func `status, fields and body come back; fields that came twice are joined`() throws {
        let server = try ScriptedServer([
            .answer(
                "HTTP/1.1 100 Continue\r\nX-Early: 1\r\n\r\n"
                    + "HTTP/1.1 404 Not Found\r\nX-A:  one \r\nx-a: two\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + "3\r\nabc\r\n0\r\nX-Trailer: 1\r\n\r\n")
        ])
        let response = try Client().send(get(server.url))
        #expect(response.status == 404)
        #expect(response.headers == ["x-a": "one, two", "transfer-encoding": "chunked"])
        #expect(response.body == Array("abc".utf8))
    }

    @Test func `one connection serves many requests`() throws {
        let server = try ScriptedServer([answer(200), answer(200), answer(200)])
        let client = Client()
        for _ in 0..<3 { _ = try client.send(get(server.url)) }
        #expect(server.connections == 1)
    }

    @Test func `a kept connection that was closed meanwhile costs nothing`() throws {
        let server = try ScriptedServer([
            .answerAndHangUp("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), answer(201),
        ])
        let client = Client()
        #expect(try client.send(get(server.url)).status == 200)
        #expect(try client.send(get(server.url)).status == 201)
    }

    @Test func `redirects are answers, not orders`() throws {
        let server = try ScriptedServer([answer(302, headers: "Location: http://127.0.0.1:1/")])
        #expect(try Client().send(get(server.url)).status == 302)
        #expect(server.requests.count == 1)
    }

    @Test(arguments: [429, 502, 503, 504]) func `what may pass is tried again`(status: Int) throws {
        let server = try ScriptedServer([answer(status), .hangUp, answer(200, "at last")])
        #expect(try Client().send(get(server.url)).body == Array("at last".utf8))
        #expect(server.requests.count == 3)
    }

    @Test(arguments: [400, 401, 404, 409, 500]) func `what will not pass is not`(status: Int) throws {
        let server = try ScriptedServer([answer(status)])
        #expect(try Client().send(get(server.url)).status == status)
    }

    @Test func `what may not be repeated is sent once, be the connection kept or not`() throws {
        let server = try ScriptedServer([answer(503), answer(200), .hangUp, .hangUp, answer(200)])
        let client = Client()
        #expect(try client.send(get(server.url, repeatable: false)).status == 503)
        #expect(try client.send(get(server.url)).status == 200)
        let failure = #expect(throws: Failure.self) { try client.send(get(server.url, repeatable: false)) }
        #expect(failure?.kind == .connect)
        #expect(server.requests.count == 3)
    }

    @Test func `after four attempts the last answer is the answer`() throws {
        let server = try ScriptedServer((1...5).map { answer(503, "\($0)") })
        #expect(try Client().send(get(server.url)).body == Array("4".utf8))
    }

    @Test func `Retry-After is waited for when there is time, and not when there is not`() throws {
        let server = try ScriptedServer([
            answer(429, headers: "Retry-After: 1"), answer(200), answer(429, headers: "Retry-After: 60"),
            answer(200),
        ])
        let client = Client(), start = ContinuousClock.now
        #expect(try client.send(get(server.url)).status == 200)
        #expect(ContinuousClock.now - start >= .seconds(1))
        #expect(try client.send(get(server.url)).status == 429)
    }

    @Test func `silence ends with the request's time, or the event's`() throws {
        let server = try ScriptedServer([.silence, .silence])
        let client = Client()
        var failure = #expect(throws: Failure.self) { try client.send(get(server.url, milliseconds: 200)) }
        #expect(failure?.kind == .timeout)
        client.deadline = .now + .milliseconds(200)
        failure = #expect(throws: Failure.self) { try client.send(get(server.url, milliseconds: 3_600_000)) }
        #expect(failure?.kind == .timeout)
    }

    @Test func `after the deadline nothing is sent`() throws {
        let server = try ScriptedServer([answer(200)])
        let client = Client()
        client.deadline = .now - .seconds(1)
        let failure = #expect(throws: Failure.self) { try client.send(get(server.url)) }
        #expect(failure?.kind == .timeout)
        #expect(server.connections == 0)
    }

    @Test func `nobody listening is a connection failure`() throws {
        let failure = #expect(throws: Failure.self) { try Client().send(get("http://127.0.0.1:1/secret")) }
        #expect(failure?.kind == .connect)
        #expect(failure?.reason.contains("secret") == false)
    }

    @Test func `an answer that breaks off is no answer`() throws {
        let broken = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"
        let server = try ScriptedServer([.answerAndHangUp(broken)])
        let failure = #expect(throws: Failure.self) { try Client().send(get(server.url, repeatable: false)) }
        #expect(failure?.kind == .connect)
    }

    @Test func `an answer larger than allowed is cut off`() throws {
        let server = try ScriptedServer([
            answer(200, String(repeating: "x", count: 100_001)), answer(200, "x"),
        ])
        let client = Client(largestBody: 100_000)
        let failure = #expect(throws: Failure.self) { try client.send(get(server.url)) }
        #expect(failure?.kind == .tooLarge)
        #expect(try client.send(get(server.url)).body == Array("x".utf8))
    }

    @Test(arguments: [
        "http://example.org/", "http://10.0.0.1/", "http://127.0.0.1.example.org/",
        "http://localhost@example.org/",
        "ftp://127.0.0.1/", "file:///etc/passwd", "http://user:password@127.0.0.1/", "https://", "", "x",
        "http://169.254.169.254/latest/meta-data/", "http://127.0.0.1/\r\nX: y", "http://128.0.0.1/",
    ])
    func `only https leaves this machine, and nothing but HTTP is spoken`(url: String) {
        let failure = #expect(throws: Failure.self) { try Client().send(get(url)) }
        #expect(failure?.kind == .other)
        #expect(failure?.reason.contains("password") == false)
    }

    @Test func `a field cannot smuggle in another`() throws {
        let request = Request(
            "GET", "http://127.0.0.1:1/", headers: [Header("X", "1\r\nHost: evil")], repeatable: true)
        let failure = #expect(throws: Failure.self) { try Client().send(request) }
        #expect(failure?.kind == .other)
    }
}
