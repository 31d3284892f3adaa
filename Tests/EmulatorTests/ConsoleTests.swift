import Foundation
import Groundwork
import HTTP
import Platform
import Testing

@testable import emulator

@Suite struct ConsoleTests {
    private let trace = "5759e988bd862e3fe1be46a994272793"

    private func span(_ index: Int, in trace: String? = nil) -> ConsoleSpan {
        ConsoleSpan(
            trace: trace ?? self.trace, span: "\(index)", name: "n\(index)", service: "s", kind: "client",
            start: Int64(index), end: Int64(index + 1), attributes: [:])
    }

    @Test func `what is kept has its limits`() {
        let records = ConsoleRecords()
        records.take((0..<1_500).map { span($0) })
        #expect(records.spans(of: trace).count == ConsoleRecords.mostSpans)
        for index in 0..<ConsoleRecords.mostTraces { records.take([span(1, in: "t\(index)")]) }
        #expect(records.summaries.count == ConsoleRecords.mostListed)
        #expect(records.spans(of: trace).isEmpty, "the oldest trace is forgotten")
        for index in 0..<ConsoleRecords.mostInvocations + 1 {
            records.take(
                .began(InvocationEvent(payload: [], requestID: "r\(index)"), function: "f", environment: "e"))
        }
        #expect(records.invocations.count == ConsoleRecords.mostListed)
        #expect(records.invocations.first?.id == "r2000")
        for index in 0..<300 {
            records.take(
                LogLine(
                    function: "f", environment: "e", requestID: "r2000", isFromPlatform: false,
                    text: "\(index) " + String(repeating: "x", count: 5_000)))
        }
        let lines = records.lines(of: "r2000")
        #expect(lines.count == ConsoleRecords.mostLines && lines.last?.text.hasPrefix("299 ") == true)
        #expect(lines.allSatisfy { $0.text.count <= ConsoleRecords.longestLine + 1 })
    }

    @Test func `the oldest go when all together are too much`() {
        var recent = Recent<[Int]>(most: 3, mostWeight: 5, weigh: { $0.count })
        for (name, value) in [("a", [1, 2]), ("b", [1]), ("a", [1, 2, 3, 4]), ("c", [1])] {
            recent.put(value, under: name)
        }
        #expect(recent.newestFirst(9) == [[1], [1]] && recent["a"] == nil && recent.weight == 2)
        recent.put([1, 2, 3, 4, 5, 6], under: "d")
        #expect(recent.newestFirst(9) == [[1, 2, 3, 4, 5, 6]], "the last is always there")
        for name in ["e", "f", "g", "h"] { recent.put([], under: name) }
        #expect(recent.newestFirst(9).count == 3 && recent.newestFirst(1).count == 1 && recent.weight == 0)
    }

    @Test func `who watches is told of what happens`() async throws {
        let records = ConsoleRecords()
        let (id, messages) = records.watch()
        let header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
        records.take(
            .began(
                InvocationEvent(payload: [], requestID: "r", traceID: header), function: "checkout",
                environment: "e"))
        records.take([span(1)])
        records.unwatch(id)
        var told: [String] = []
        for await message in messages { told.append(message) }
        #expect(told.count == 2)
        #expect(told[0].hasPrefix("event: invocation\ndata: {") && told[0].hasSuffix("}\n\n"))
        #expect(told[0].contains(trace) && told[0].contains("checkout"))
        #expect(told[1].hasPrefix("event: trace\n"))
    }

    private func withConsole(_ body: @escaping @Sendable (_ origin: String, Console) async throws -> Void)
        async throws
    {
        try await withTemporaryFolder { folder in
            try Data("<p>here</p>".utf8).write(to: URL(fileURLWithPath: folder + "/index.html"))
            let port = try Addresses(base: 0, parts: [.console]).port(.console)
            let console = Console(folder: URL(fileURLWithPath: folder, isDirectory: true), port: port)
            try await serving({ try await console.run(onRunning: $0) }) { port in
                try await body("http://127.0.0.1:\(port)", console)
            }
        }
    }

    private func ask(
        _ method: String, _ url: String, _ headers: [(String, String)] = [], _ body: String = ""
    ) async throws -> (status: Int, text: String, policy: String) {
        let request = Request(
            method, url, headers: headers.map(Header.init), body: Array(body.utf8),
            timeoutMilliseconds: 20_000,
            repeatable: false)
        let answer = try await Outbound.send(request)
        let text = String(decoding: answer.body, as: UTF8.self)
        return (answer.status, text, answer.headers["content-security-policy"] ?? "")
    }

    @Test func `spans are taken by OpenTelemetry's protocol, and what is none is refused`() async throws {
        try await withConsole { origin, console in
            let json = [("content-type", "application/json")]
            let document = """
                {"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"cart"}}]},
                "scopeSpans":[{"spans":[{"traceId":"\(trace)","spanId":"00f067aa0ba902b7","name":"GET /x","kind":2,
                "startTimeUnixNano":"1800000000000001000","endTimeUnixNano":"1800000000000002000",
                "attributes":[{"key":"n","value":{"intValue":"7"}}],"status":{"code":2,"message":"Breakdown"},
                "links":[{"traceId":"\(trace)","spanId":"1"}]},
                {"traceId":"none","spanId":"1","name":"x","startTimeUnixNano":"1","endTimeUnixNano":"2"}]}]}]}
                """
            #expect(try await ask("POST", origin + "/v1/traces", json, document).status == 200)
            let span = try #require(console.records.spans(of: trace).first)
            #expect(console.records.summaries.map(\.spans) == [1])
            #expect(span.service == "cart" && span.kind == "server" && span.fault == "Breakdown")
            #expect(span.start == 1_800_000_000_000_001 && span.end - span.start == 1)
            #expect(span.attributes == ["n": "7"] && span.links.map(\.span) == ["1"])
            #expect(try await ask("POST", origin + "/v1/traces", json, "{").status == 400)
            #expect(
                try await ask("POST", origin + "/v1/traces", [("content-type", "text/plain")], document)
                    .status == 415)
        }
    }

    @Test func `it is shown to this machine alone, and nothing but its own page is`() async throws {
        try await withConsole { origin, _ in
            let page = try await ask("GET", origin + "/")
            #expect(page.status == 200 && page.text == "<p>here</p>")
            #expect(page.policy.contains("default-src 'none'; script-src 'self'"))
            #expect(try await ask("GET", origin + "/", [("host", "evil.test")]).status == 403)
            for path in [
                "/..%2f..%2fetc%2fpasswd.html", "/.hidden.html", "/none.js", "/index.html/x", "/api/none",
            ] {
                #expect(try await ask("GET", origin + path).status == 404, "\(path)")
            }
            // As a form of another page would send it.
            #expect(try await ask("POST", origin + "/api/events/x/replay").status == 403)
            let own = [("x-earshelf-console", "1")]
            #expect(try await ask("POST", origin + "/api/events/x/replay", own).status == 404)
            #expect(try await ask("GET", origin + "/api/state").text.contains(#""queues":[]"#))
        }
    }
}
