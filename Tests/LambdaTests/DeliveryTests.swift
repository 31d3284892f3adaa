import Testing

@testable import Lambda

struct AnswerDeliveryTests {
    @Test(arguments: [413, 400, 403, 418])
    func `an answer that is refused is logged, without an error, and the next event is served`(status: Int) {
        let run = runEcho([.event("1"), .error(status, "RequestEntityTooLarge"), .event("2"), .accepted])
        #expect(run.steps == ["next", "response", "next", "response", "next"])
        #expect(run.messages == ["the answer was refused"])
        #expect(run.status == 0)
    }

    @Test func `an answer that is refused before it is read is no reason to end`() {
        let large = "\"" + String(repeating: "x", count: 6_000_000) + "\""
        let early = Reply.error(413, "RequestEntityTooLarge").withoutReadingTheBody().then(.closed)
        let run = runEcho([.event(large), early, .event("2"), .accepted])
        #expect(run.status == 0)
        #expect(run.steps == ["next", "response", "next", "response", "next"])
        #expect(run.requests.last { $0.step == "response" }?.text == "2")
    }

    @Test(arguments: [500, 503])
    func `an answer at which the platform breaks ends the process`(status: Int) {
        let run = runEcho([.event("1"), .error(status, "InternalError"), .event("2"), .accepted])
        #expect(run.status == 1)
        #expect(run.steps == ["next", "response"])
    }

    @Test(arguments: [Reply.closed, .reset])
    func `an answer whose connection closes is sent once more`(broken: Reply) throws {
        let run = runEcho([.event("1", id: "one"), broken, .accepted, .event("2"), .accepted])
        #expect(run.steps == ["next", "response", "response", "next", "response", "next"])
        #expect(try run.request(1).text == run.request(2).text)
        #expect(run.messages.isEmpty)
    }

    @Test(arguments: [(400, "InvalidRequestID"), (403, "InvalidStateTransition")])
    func `an answer unknown at the second try had arrived at the first`(status: Int, type: String) {
        let run = runEcho([.event("1"), .closed, .error(status, type), .event("2"), .accepted])
        #expect(run.steps == ["next", "response", "response", "next", "response", "next"])
        #expect(run.messages.isEmpty)
    }

    @Test func `an answer that cannot be sent twice is lost, and the next event is served`() {
        let run = runEcho([.event("1"), .closed, .closed, .event("2"), .accepted])
        #expect(run.steps == ["next", "response", "response", "next", "response", "next"])
        #expect(run.messages == ["the answer could not be sent"])
        #expect(run.status == 0)
    }
}

struct ErrorReportTests {
    private func run(_ error: any Error, _ answer: Reply = .accepted) -> LoopRun {
        let attempt = "Lambda-Runtime-Invocation-Id: attempt-7\r\n"
        return runLoop(
            Platform([.event("1", id: "one", headers: attempt), answer]),
            Triggers(direct: { _, _ in throw error }))
    }

    @Test func `an error is reported by the name of its type, and told in full to the log alone`() throws {
        let run = run(Breakdown())
        let report = try run.request(1)
        #expect(report.path == "/2018-06-01/runtime/invocation/one/error")
        #expect(report.headers["lambda-runtime-function-error-type"] == "Function.Breakdown")
        #expect(report.headers["lambda-runtime-invocation-id"] == "attempt-7")
        #expect(
            report.text
                == #"{"errorMessage":"The function failed; its log says why.","#
                + #""errorType":"Function.Breakdown","stackTrace":[]}"#
        )
        let line = try #require(run.log.first)
        #expect(line["fields"]?["error"]?.text == "the disk \"C:\\\" is\nfull")
        #expect(line["requestId"]?.text == "one")
        #expect(run.status == 0)
    }

    @Test func `an error of the API is told in its own words, as real JSON`() throws {
        let run = run(Problem(409, "conflict", "\"C:\\\"\u{1}\nis full"))
        let body = try JSON(parsing: run.request(1).body)
        #expect(body["errorMessage"]?.text == "\"C:\\\"\u{1}\nis full")
        #expect(body["errorType"]?.text == "Function.Problem")
    }

    struct Error404: Error {}
    struct Parse<Format>: Error {}
    struct lowercase: Error {}
    struct Ü: Error {}

    @Test(arguments: [
        (Error404() as any Error, "Function.Error"), (Parse<Int>(), "Function.ParseInt"),
        (lowercase(), "Function.Lowercase"), (Ü(), "Function.Unknown"),
    ])
    func `an error has a type that the platform keeps`(error: any Error, type: String) {
        #expect(FailureReport(error).type == type)
        #expect(type.wholeMatch(of: /(Runtime|Function)\.[A-Z][a-zA-Z]+/) != nil)
    }

    @Test func `an error in an event of unknown shape is named`() throws {
        let run = runLoop(
            Platform([.event(#"{"hello":"world"}"#), .accepted]),
            Triggers(queue: { _, _ in Issue.record("This is no message.") }))
        #expect(try run.request(1).headers["lambda-runtime-function-error-type"] == "Function.UnknownEvent")
    }

    @Test func `an error of the start is reported, and the process ends before it polls`() throws {
        let run = runLoop(
            Platform([.accepted]), start: { throw Breakdown() }, Triggers(direct: { payload, _ in payload }))
        #expect(run.status == 1)
        #expect(run.requests.map(\.path) == ["/2018-06-01/runtime/init/error"])
        #expect(try run.request(0).headers["lambda-runtime-function-error-type"] == "Function.Breakdown")
        #expect(run.extensionRequests.isEmpty)
    }

    @Test func `an error of the start ends the process even when it cannot be reported`() {
        let run = runLoop(
            Platform([.closed, .closed]), start: { throw Breakdown() },
            Triggers(direct: { payload, _ in payload }))
        #expect(run.status == 1)
    }

    @Test func `an error at which the platform breaks ends the process`() {
        #expect(run(Breakdown(), .error(500, "InternalError")).status == 1)
    }
}
