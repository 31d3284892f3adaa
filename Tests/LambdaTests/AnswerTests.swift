import Testing

@testable import Lambda

/// How errors become answers, and what is logged of it.
struct AnswerTests {
    struct Missing: ProblemConvertible {
        let problem = Problem(404, "no-such-book", "There is no such book.", headers: ["Retry-After": "5"])
    }

    private func answer(_ handler: (Request) throws -> Response) -> Response {
        Lambda.answer(Request("GET /api/v1/books/{id}", parameters: ["id": "a b"]), with: handler)
    }

    @Test func `a refusal is a problem in its own media type`() {
        let response = answer { _ in throw Missing() }
        #expect(response.statusCode == 404)
        #expect(response.headers == ["content-type": "application/problem+json", "retry-after": "5"])
        #expect(
            String(decoding: response.body, as: UTF8.self) == """
                {"detail":"There is no such book.","instance":"/api/v1/books/a%20b",\
                "requestId":"00000000-0000-0000-0000-000000000000","status":404,"title":"No such book",\
                "type":"no-such-book"}
                """)
    }

    @Test func `field by field`() {
        let response = answer { _ in
            throw Problem(
                400, "invalid", "Look.", title: "So",
                errors: [FieldError(pointer: "/a/0", "bad"), FieldError(parameter: "q", "worse")])
        }
        let body = String(decoding: response.body, as: UTF8.self)
        #expect(
            body.contains(#""errors":[{"detail":"bad","pointer":"/a/0"},{"detail":"worse","parameter":"q"}]"#)
        )
        #expect(body.contains(#""title":"So""#))
    }

    @Test func `what is not part of the API is told in nothing`() {
        let response = answer { _ in throw Breakdown() }
        #expect(response.statusCode == 500)
        #expect(!String(decoding: response.body, as: UTF8.self).contains("disk"))
    }

    @Test func `a problem of ours is logged, one of the client's is not`() {
        let ours = logged { _ = answer { _ in throw Problem(503, "storage-away", "Later.") } }
        #expect(ours.map { $0["message"]?.text } == ["unable to serve", "request"])
        #expect(ours.first?["level"]?.text == "WARN")
        let theirs = logged { _ = answer { _ in throw Missing() } }
        #expect(theirs.map { $0["message"]?.text } == ["request"])
    }

    @Test func `a request is one line`() throws {
        let line = try #require(logged { _ = answer { _ in .noContent } }.first)
        #expect(line["fields"]?.members?.keys.sorted() == ["milliseconds", "route", "status"])
        #expect(line["fields"]?["route"]?.text == "GET /api/v1/books/{id}")
        #expect(line["fields"]?["status"] == .number("204"))
    }
}

struct LogTests {
    @Test func `a line is one line of JSON, whatever is in it`() throws {
        let lines = Lines()
        Log.$sink.withValue({ lines.append($0) }) {
            Log.$invocation.withValue(Invocation(id: "i1", traceID: "Root=1")) {
                log(
                    "order placed",
                    ["order": "a\"\n\u{1}", "count": 3, "free": true, "share": 0.5, "bad": Double.nan],
                    level: .error)
            }
        }
        let raw = try #require(lines.raw.first)
        #expect(raw.hasSuffix("}\n"))
        #expect(raw.filter { $0 == "\n" }.count == 1)
        let line = try #require(lines.parsed.first)
        #expect(line["level"]?.text == "ERROR")
        #expect(line["message"]?.text == "order placed")
        #expect(line["requestId"]?.text == "i1")
        #expect(line["traceId"]?.text == "Root=1")
        #expect(
            line["fields"]
                == .object([
                    "order": .string("a\"\n\u{1}"), "count": .number("3"), "free": .boolean(true),
                    "share": .number("0.5"), "bad": .string("nan"),
                ]))
        #expect(line["time"]?.text?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
    }

    @Test func `outside of an event there is no request to name`() throws {
        let line = try #require(logged { log("started") }.first)
        #expect(line.members?.keys.sorted() == ["level", "message", "time"])
    }

    @Test func `what is less grave than the threshold is not written`() {
        #expect(logged { log("detail", level: .debug) }.isEmpty)
        #expect(LogLevel.trace < .debug && LogLevel.warning < .error && !(LogLevel.info < .info))
    }

    @Test func `a field has an end`() throws {
        let line = try #require(logged { log("x", ["long": String(repeating: "ä", count: 100_000)]) }.first)
        #expect(try #require(line["fields"]?["long"]?.text).utf8.count < 17_000)
    }
}
