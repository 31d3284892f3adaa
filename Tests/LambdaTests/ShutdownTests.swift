import Glibc
import Testing

@testable import Lambda

struct ShutdownTests {
    private static let registered = Reply.status(
        200, #"{"functionName":"cart"}"#, headers: "Lambda-Extension-Identifier: ext-1\r\n")

    @Test func `an extension without events is registered, and polls, so that SIGTERM is sent`() throws {
        let shutdown = Shutdown()
        // The poll of the extension is never answered; the loop ends at its own second poll.
        let silence = Reply("").before { while !shutdown.isRequested { usleep(1000) } }
        let run = runLoop(
            Platform([.event("1"), .accepted], extensions: [Self.registered, silence], shutdown: shutdown),
            Triggers(direct: { payload, _ in payload }))
        #expect(run.steps == ["next", "response", "next"])
        #expect(run.extensionRequests.map(\.path).first == "/2020-01-01/extension/register")
        let register = try #require(run.extensionRequests.first)
        #expect(register.headers["lambda-extension-name"] == "earshelf-shutdown")
        #expect(register.text == #"{"events":[]}"#)
        if let poll = run.extensionRequests.dropFirst().first {
            #expect(poll.path == "/2020-01-01/extension/event/next")
            #expect(poll.headers["lambda-extension-identifier"] == "ext-1")
        }
        #expect(run.status == 0)
    }

    @Test(arguments: [Reply.status(403), .closed, .reset, .status(200), Reply("nonsense\r\n")])
    func `where extensions are refused, events are served without`(refusal: Reply) {
        let run = runEcho([.event("1"), .accepted], extensions: [refusal])
        #expect(run.steps == ["next", "response", "next"])
        #expect(run.status == 0)
        #expect(run.messages.isEmpty)
    }

    @Test func `a wait for the next event is cut short`() {
        let shutdown = Shutdown()
        let platform = Platform(
            [Reply.closed.before { shutdown.request() }, .event("1")], shutdown: shutdown)
        let run = runLoop(platform, Triggers(direct: { payload, _ in payload }))
        #expect(run.status == 0)
        #expect(run.steps == ["next"])
    }

    @Test func `a wish to end that comes just before a wait is granted at once`() {
        var pair: [Int32] = [0, 0]
        socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair)
        let shutdown = Shutdown()
        shutdown.request()
        shutdown.wait(on: pair[0])
        var byte: UInt8 = 0
        #expect(recv(pair[0], &byte, 1, Int32(MSG_DONTWAIT)) == 0)
        pair.forEach { close($0) }
    }

    @Test func `an event that is being handled is answered first`() {
        let shutdown = Shutdown()
        let run = runLoop(
            Platform([.event("1"), .accepted, .event("2")], shutdown: shutdown),
            Triggers(direct: { payload, _ in
                shutdown.request()
                return payload
            }))
        #expect(run.status == 0)
        #expect(run.steps == ["next", "response"])
    }
}

/// Whole processes, as the platform starts them.
struct ProcessTests {
    @Test func `SIGTERM ends an idle process with status 0`() async {
        await #expect(processExitsWith: .exitCode(0)) {
            let platform = Platform([.event("1"), .accepted, Reply("").before { kill(getpid(), SIGTERM) }])
            setenv("AWS_LAMBDA_RUNTIME_API", platform.address.authority, 1)
            Lambda.serve({ World() }, direct: { payload, _ in payload })
        }
    }

    @Test func `the trace of an event is published to the process, and taken back`() async {
        await #expect(processExitsWith: .exitCode(0)) {
            let platform = Platform(
                [
                    .event("1", headers: "Lambda-Runtime-Trace-Id: Root=1-2\r\n"), .accepted, .event("2"),
                    .accepted,
                    Reply("").before { kill(getpid(), SIGTERM) },
                ])
            setenv("AWS_LAMBDA_RUNTIME_API", platform.address.authority, 1)
            setenv("_X_AMZN_TRACE_ID", "stale", 1)
            Lambda.serve(
                { World() },
                direct: { payload, _ in
                    let isFirst = payload == [UInt8(ascii: "1")]
                    if environment("_X_AMZN_TRACE_ID") != (isFirst ? "Root=1-2" : nil) { exit(7) }
                    return payload
                })
        }
    }

    @Test func `a start that fails ends the process with another status than 0`() async {
        await #expect(processExitsWith: .exitCode(1)) {
            let platform = Platform([.accepted])
            setenv("AWS_LAMBDA_RUNTIME_API", platform.address.authority, 1)
            Lambda.serve({ () throws -> World in throw Breakdown() }, direct: { payload, _ in payload })
        }
    }

    @Test func `a process that no platform started says so and ends`() async {
        await #expect(processExitsWith: .exitCode(1)) {
            setenv("AWS_LAMBDA_RUNTIME_API", "http://nonsense", 1)
            Lambda.serve({ World() }, direct: { payload, _ in payload })
        }
    }
}
