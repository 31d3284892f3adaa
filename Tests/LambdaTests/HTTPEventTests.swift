import Testing

@testable import Lambda

/// Requests as the gateway hands them over, and what is answered to it.
struct HTTPEventTests {
    private func event(
        query: String = "", path: String = "/api/v1/books", rest: String = "", method: String = "POST"
    ) -> String {
        """
        {"version":"2.0","routeKey":"\(method) /api/v1/books","rawPath":"\(path)","rawQueryString":"\(query)",
         "cookies":["session=a=b","theme=dark","session=older"],
         "headers":{"content-type":"application/json","accept":"a,b","User-Agent":"curl/8"},
         "requestContext":{"accountId":"0","apiId":"x","http":{"method":"\(method)","path":"\(path)",
           "protocol":"HTTP/1.1","sourceIp":"192.0.2.1","userAgent":"agent"},"stage":"$default"},
         "pathParameters":{"id":"caf\\u00e9 %25"}\(rest)}
        """
    }

    /// The request that a handler gets, and the answer that leaves.
    private func handled(_ event: String, _ response: Response = .noContent) throws -> (Request?, JSON) {
        var seen: Request?
        let triggers = Triggers<World>(http: { request, _ in
            seen = request
            return response
        })
        let outcome = try triggers.outcome(of: [UInt8](event.utf8), Invocation(id: "i1"), in: World())
        guard case .answer(let answer) = outcome else { return (seen, .null) }
        return (seen, try JSON(parsing: answer))
    }

    @Test func `a request has all that was sent`() throws {
        let (request, _) = try handled(event(query: "a=1&a=2&b=%26", rest: #","body":"{\"ä\":1}""#))
        let seen = try #require(request)
        #expect(seen.route == "POST /api/v1/books")
        #expect(seen.method == "POST")
        #expect(seen.path == "/api/v1/books")
        #expect(seen.parameters == ["id": "café %25"])
        #expect(seen.query.all("a") == ["1", "2"])
        #expect(seen.query["b"] == "&")
        #expect(
            seen.headers == ["content-type": "application/json", "accept": "a,b", "user-agent": "curl/8"])
        #expect(seen.cookies == ["session": "a=b", "theme": "dark"])
        #expect(seen.body == [UInt8](#"{"ä":1}"#.utf8))
        #expect(seen.sourceIP == "192.0.2.1")
        #expect(seen.userAgent == "agent")
        #expect(seen.invocation.id == "i1")
    }

    @Test func `a body in base64 arrives byte for byte`() throws {
        let (request, _) = try handled(event(rest: #","isBase64Encoded":true,"body":"AP+A/w0K""#))
        #expect(request?.body == [0, 255, 128, 255, 13, 10])
    }

    @Test func `a body that only looks like base64 is left alone`() throws {
        let (request, _) = try handled(event(rest: #","isBase64Encoded":false,"body":"AP+A""#))
        #expect(request?.body == [UInt8]("AP+A".utf8))
    }

    @Test func `a request without body, cookies and headers is one`() throws {
        let (request, answer) = try handled(
            #"{"version":"2.0","requestContext":{"http":{"method":"GET","path":"/x"}},"rawPath":"/x"}"#)
        #expect(request?.body == [])
        #expect(request?.cookies == [:])
        #expect(request?.route == "$default")
        #expect(request?.method == "GET")
        #expect(answer["statusCode"] == .number("204"))
    }

    @Test func `a path stays as it was sent, malformed or not`() throws {
        #expect(try handled(event(path: "/pa2%Fth/1")).0?.path == "/pa2%Fth/1")
    }

    @Test(arguments: ["a=%", "a=%4", "%zz", "a=%FF", "%C3=1"])
    func `a malformed query is refused, and not by a crash`(query: String) throws {
        let (request, answer) = try handled(event(query: query))
        #expect(request == nil)
        #expect(answer["statusCode"] == .number("400"))
        let problem = try JSON(parsing: [UInt8](try #require(answer["body"]?.text).utf8))
        #expect(problem["type"]?.text == "malformed-query")
        #expect(problem["instance"]?.text == "/api/v1/books")
        #expect(problem["requestId"]?.text == "i1")
    }

    @Test func `a body that is no base64 is refused`() throws {
        let (request, answer) = try handled(event(rest: #","isBase64Encoded":true,"body":"%%%""#))
        #expect(request == nil)
        #expect(answer["statusCode"] == .number("400"))
    }

    @Test func `an answer always names its status`() throws {
        let response = try Response(
            201, ["b": "a/b", "a": "ü"], headers: ["Location": "/x"], cookies: ["s=1", "t=2"])
        let (_, answer) = try handled(event(), response)
        #expect(answer["statusCode"] == .number("201"))
        #expect(answer["headers"]?.texts == ["content-type": "application/json", "location": "/x"])
        #expect(answer["cookies"] == .array([.string("s=1"), .string("t=2")]))
        #expect(answer["isBase64Encoded"] == .boolean(false))
        #expect(answer["body"]?.text == #"{"a":"ü","b":"a/b"}"#)
    }

    @Test func `bytes that are no text leave as base64`() throws {
        let (_, answer) = try handled(
            event(), Response(200, bytes: [0, 255, 128, 255, 13, 10], type: "audio/mp4"))
        #expect(answer["isBase64Encoded"] == .boolean(true))
        #expect(answer["body"]?.text == "AP+A/w0K")
        #expect(answer["headers"]?.texts == ["content-type": "audio/mp4"])
    }

    @Test func `text survives, whatever is in it`() throws {
        let text =
            String(String.UnicodeScalarView((0..<0x500).compactMap(Unicode.Scalar.init))) + "\"\\/\u{1F3A7}"
        let (_, answer) = try handled(event(), Response(200, bytes: [UInt8](text.utf8), type: "text/plain"))
        #expect(answer["isBase64Encoded"] == .boolean(false))
        #expect(answer["body"]?.text == text)
    }

    @Test func `an error of a handler never fails the event`() throws {
        let triggers = Triggers<World>(http: { _, _ in throw Breakdown() })
        var body = ""
        let lines = try logged {
            let outcome = try triggers.outcome(of: [UInt8](event().utf8), Invocation(id: "i1"), in: World())
            if case .answer(let answer) = outcome { body = try JSON(parsing: answer)["body"]?.text ?? "" }
        }
        #expect(
            body == """
                {"detail":"Something broke here. Please try again.","instance":"/api/v1/books",\
                "requestId":"i1","status":500,"title":"Internal","type":"internal"}
                """)
        #expect(lines.map { $0["message"]?.text } == ["unexpected error", "request"])
        #expect(lines[0]["fields"]?["type"]?.text == "Breakdown")
        #expect(lines[1]["fields"]?["route"]?.text == "POST /api/v1/books")
        #expect(lines[1]["fields"]?["status"] == .number("500"))
    }
}
