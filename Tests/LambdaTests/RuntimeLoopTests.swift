import Testing

@testable import Lambda

struct RuntimeLoopTests {
    @Test func `polls, answers and polls again`() throws {
        let run = runEcho([.event(#"{"a":1}"#, id: "one"), .accepted, .event("2", id: "two"), .accepted])
        #expect(run.status == 0)
        #expect(run.steps == ["next", "response", "next", "response", "next"])
        #expect(try run.request(0).method == "GET")
        #expect(try run.request(0).path == "/2018-06-01/runtime/invocation/next")
        #expect(try run.request(0).headers["user-agent"] == "Earshelf/1.0")
        #expect(try run.request(1).method == "POST")
        #expect(try run.request(1).path == "/2018-06-01/runtime/invocation/one/response")
        #expect(try run.request(1).text == #"{"a":1}"#)
        #expect(try run.request(3).path == "/2018-06-01/runtime/invocation/two/response")
    }

    @Test(arguments: [1, 2, 3, 7, 4096], [true, false])
    func `reads an event however the packets fall`(packet: Int, chunked: Bool) throws {
        let body = "\"" + String(repeating: "ä, 0\\r\\n\\r\\n", count: 300) + "\""
        let run = runEcho([
            .event(body, chunked: chunked).inPackets(of: packet), .accepted.inPackets(of: packet),
        ])
        #expect(try run.request(1).text == body)
        #expect(run.status == 0)
    }

    @Test func `knows an event with all its headers, named in any case`() throws {
        let world = World()
        let headers = """
            lambda-runtime-trace-id: Root=1-2;Sampled=1\r
            LAMBDA-RUNTIME-DEADLINE-MS: 99999999999999999999999\r
            Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-central-1:0:function:cart\r
            Lambda-Runtime-Client-Context: {"a":1}\r
            Lambda-Runtime-Cognito-Identity: {"b":2}\r
            Lambda-Runtime-Aws-Tenant-Id: t1\r
            lambda-runtime-invocation-id: attempt-7\r

            """
        let run = runLoop(
            Platform([.event("{}", headers: headers), .accepted]), start: { world },
            Triggers(direct: { payload, _ in payload }))
        let invocation = try #require(world.begun.first)
        #expect(invocation.traceID == "Root=1-2;Sampled=1")
        #expect(invocation.functionARN == "arn:aws:lambda:eu-central-1:0:function:cart")
        #expect(invocation.clientContext == #"{"a":1}"#)
        #expect(invocation.cognitoIdentity == #"{"b":2}"#)
        #expect(invocation.tenantID == "t1")
        #expect(invocation.remaining <= .seconds(900))
        #expect(run.traces == ["Root=1-2;Sampled=1"])
        #expect(try run.request(1).headers["lambda-runtime-invocation-id"] == "attempt-7")
    }

    @Test func `needs no header but the id`() throws {
        let world = World()
        let run = runLoop(
            Platform([.event("1"), .accepted]), start: { world }, Triggers(direct: { payload, _ in payload }))
        #expect(run.steps == ["next", "response", "next"])
        #expect(run.traces == [nil])
        #expect(try #require(world.begun.first).traceID == nil)
    }

    @Test func `an event without an id cannot be answered, and ends the process`() {
        let run = runEcho([.status(200, "{}")])
        #expect(run.status == 1)
        #expect(run.steps == ["next"])
    }

    @Test(arguments: ["", "a/b", "a b", "x?y", String(repeating: "a", count: 129)])
    func `an id that is no word is none`(id: String) {
        #expect(runEcho([.event("{}", id: id)]).status == 1)
    }

    @Test(arguments: [Reply.closed, .reset, Reply("HTTP/1.1 200 OK\r\nContent-Le").then(.closed)])
    func `a poll that breaks off is made again`(broken: Reply) {
        let run = runEcho([broken, broken, broken, .event("1"), .accepted])
        #expect(run.steps == ["next", "next", "next", "next", "response", "next"])
        #expect(run.status == 0)
    }

    @Test func `an event that breaks off is fetched again`() throws {
        var half = Reply.event("[1,2,3]").then(.closed)
        half.bytes.removeLast(3)
        let run = runEcho([half, .event("[1,2,3]"), .accepted])
        #expect(run.steps == ["next", "next", "response", "next"])
        #expect(try run.request(2).text == "[1,2,3]")
    }

    @Test func `a connection that the platform closes after its answer is opened again`() {
        let closing = Reply.status(202, headers: "Connection: close\r\n").then(.closed)
        let run = runEcho([.event("1"), closing, .event("2"), .accepted])
        #expect(run.steps == ["next", "response", "next", "response", "next"])
    }

    @Test(arguments: [403, 500, 404, 301, 202])
    func `a poll that is refused ends the process`(status: Int) {
        let run = runEcho([.error(status, "InvalidStateTransition"), .event("1"), .accepted])
        #expect(run.status == 1)
        #expect(run.steps == ["next"])
    }

    @Test(arguments: [
        "SSH-2.0-OpenSSH\r\n\r\n", "HTTP/1.1 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nno header\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
    ])
    func `a platform that does not speak HTTP ends the process`(answer: String) {
        #expect(runEcho([Reply(answer)]).status == 1)
    }

    @Test func `when nobody listens any more the process ends`() {
        let platform = Platform([])
        platform.close()
        #expect(runLoop(platform, Triggers(direct: { payload, _ in payload })).status == 1)
    }

    @Test func `an event too large is refused, and the next one served`() throws {
        let huge = Reply(
            """
            HTTP/1.1 200 OK\r
            Lambda-Runtime-Aws-Request-Id: huge\r
            Content-Length: 99999999999999999999\r
            \r

            """)
        let run = runEcho([huge.then(.closed), .accepted, .event("1", id: "small"), .accepted])
        #expect(run.steps == ["next", "error", "next", "response", "next"])
        #expect(try run.request(1).headers["lambda-runtime-function-error-type"] == "Function.EventTooLarge")
        #expect(run.status == 0)
    }
}
