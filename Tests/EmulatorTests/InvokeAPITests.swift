import Foundation
import Platform
import Synchronization
import Template
import Testing

@Suite struct InvokeAPITests {
    static let echo = TestHost.handler(
        """
        def handle(event):
            print("seen", json.dumps(event), flush=True)
            return event
        """)

    @Test(arguments: [
        "f", "f:$LATEST", "000000000000:function:f", "arn:aws:lambda:eu-central-1:000000000000:function:f",
        "arn%3Aaws%3Alambda%3Aeu-central-1%3A000000000000%3Afunction%3Af%3A%24LATEST",
    ])
    func `a function answers to all forms of its name`(name: String) async throws {
        try await ServedHost.with(["f": Self.echo]) { served in
            let reply = try await served.call("/\(name)/invocations", Array(#"{"a":1}"#.utf8))
            #expect(reply.status == 200)
            #expect(reply.body == #"{"a": 1}"#)
            #expect(reply.headers["x-amz-executed-version"] == "$LATEST")
            #expect(reply.headers["x-amz-function-error"] == nil)
            #expect(reply.headers["x-amz-log-result"] == nil)
        }
    }

    @Test func `the log's tail and the client's context go along`() async throws {
        let script =
            TestHost.prelude + """
                id, headers, _ = poll()
                print("x" * 5000, flush=True)
                answer(id, headers["lambda-runtime-client-context"])
                poll()
                """
        try await ServedHost.with(["f": script]) { served in
            let context = Data(#"{"app":1}"#.utf8).base64EncodedString()
            let reply = try await served.call(
                "/f/invocations", [],
                ["X-Amz-Log-Type": "Tail", "X-Amz-Client-Context": context, "X-Amzn-Trace-Id": "Root=1-a-b"])
            #expect(reply.body == #""{\"app\":1}""#)
            #expect(reply.headers["x-amzn-trace-id"] == "Root=1-a-b")
            let tail = try #require(reply.headers["x-amz-log-result"].flatMap { Data(base64Encoded: $0) })
            #expect(tail.count <= 4_096)
            #expect(String(decoding: tail, as: UTF8.self).contains("REPORT RequestId: "))
        }
    }

    @Test func `errors of the function are answers with a header`() async throws {
        let script = TestHost.prelude + "id, _, _ = poll()\nfail(id, 'Function.No')\npoll()\n"
        try await ServedHost.with(["f": script]) { served in
            let reply = try await served.call("/f/invocations")
            #expect(reply.status == 200)
            #expect(reply.headers["x-amz-function-error"] == "Unhandled")
            #expect(reply.body == #"{"errorMessage":"no"}"#)
        }
    }

    @Test func `refusals are Lambda's own`() async throws {
        try await ServedHost.with(
            ["f": Self.echo, "none": Self.echo],
            place: { function in
                if function.name == "none" { function.concurrencyLimit = 0 }
            }
        ) { served in
            func expect(
                _ path: String, _ body: [UInt8] = [], _ headers: [String: String] = [:], _ status: Int,
                _ type: String
            ) async throws {
                let reply = try await served.call(path, body, headers)
                #expect(reply.status == status)
                #expect(reply.headers["x-amzn-errortype"] == type, "\(reply.body)")
            }
            try await expect("/g/invocations", [], [:], 404, "ResourceNotFoundException")
            try await expect("/f:7/invocations", [], [:], 404, "ResourceNotFoundException")
            try await expect("/f/invocations?Qualifier=live", [], [:], 404, "ResourceNotFoundException")
            try await expect("/none/invocations", [], [:], 429, "TooManyRequestsException")
            try await expect("/f/invocations", Array("{".utf8), [:], 400, "InvalidRequestContentException")
            try await expect(
                "/f/invocations", [], ["X-Amz-Invocation-Type": "Later"], 400,
                "InvalidParameterValueException")
            let large = Array(#""\#(String(repeating: "x", count: 6_291_455))""#.utf8)
            try await expect("/f/invocations", large, [:], 413, "RequestEntityTooLargeException")
            let halfLarge = Array(large.suffix(1_048_577))
            try await expect(
                "/f/invocations", halfLarge, ["X-Amz-Invocation-Type": "Event"], 413,
                "RequestEntityTooLargeException")
        }
    }

    @Test func `a dry run runs nothing, and functions can be listed`() async throws {
        try await ServedHost.with(["f": Self.echo]) { served in
            let dry = try await served.call("/f/invocations", [], ["X-Amz-Invocation-Type": "DryRun"])
            #expect(dry.status == 204)
            #expect(served.test.lines.all.isEmpty)
            let list = try await served.call("/", method: "GET")
            #expect(list.body.contains(#""FunctionName":"f""#))
            let one = try await served.call("/f", method: "GET")
            #expect(one.body.contains(#""Configuration":{"#))
            let configuration = try await served.call("/f/configuration", method: "GET")
            #expect(configuration.body.contains(#""MemorySize":128"#))
        }
    }

    @Test func `an event without takers is tried three times and ends as a dead letter`() async throws {
        let letters = Mutex<[AsynchronousLetter]>([])
        let script =
            TestHost.prelude + """
                while True:
                    id, _, event = poll()
                    print("attempt", flush=True)
                    fail(id, "Function.No")
                """
        try await ServedHost.with(
            ["f": script],
            place: {
                $0.asynchronous.deadLetterTarget = "arn:dead"
                $0.asynchronous.onFailure = "arn:failed"
            },
            configure: {
                $0.retryDelaySeconds = [0.01, 0.02]
                $0.deliver = { letter in letters.withLock { $0.append(letter) } }
            }
        ) { served in
            let reply = try await served.call(
                "/f/invocations", Array("[1]".utf8), ["X-Amz-Invocation-Type": "Event"])
            #expect(reply.status == 202)
            #expect(reply.body.isEmpty)
            try await eventually("two letters") { letters.withLock { $0.count } == 2 }
            let (dead, failed) = letters.withLock { ($0[0], $0[1]) }
            #expect(dead.target == "arn:dead")
            #expect(dead.body == Array("[1]".utf8))
            #expect(dead.attributes["RequestID"] == reply.headers["x-amzn-requestid"])
            #expect(dead.attributes["ErrorMessage"] == #"{"errorMessage":"no"}"#)
            let record = try JSONSerialization.jsonObject(with: Data(failed.body)) as? [String: Any]
            let context = record?["requestContext"] as? [String: Any]
            #expect(context?["condition"] as? String == "RetriesExhausted")
            #expect(context?["approximateInvokeCount"] as? Int == 3)
            #expect(served.test.lines.all.filter { $0.text == "attempt" }.count == 3)
            let folder = served.test.folder.appending(path: "state/events")
            try await eventually("the file is gone") {
                try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty
            }
        }
    }

    @Test func `an accepted event outlives the emulator`() async throws {
        // Waits between two attempts when the first host ends.
        let script =
            TestHost.prelude + """
                while True:
                    id, _, event = poll()
                    print("attempt", event.decode(), flush=True)
                    if os.path.exists("/proc/self/cwd/../../ready"): answer(id, 1)
                    else: fail(id, "Function.NotYet")
                """
        let test = try await TestHost(["f": script], configure: { $0.retryDelaySeconds = [1_000] })
        try await test.host.enqueue("f", InvocationEvent(payload: Array("[7]".utf8)))
        try await eventually("first attempt") { test.lines.text.contains("REPORT") }
        await test.host.shutdown()
        let events = test.folder.appending(path: "state/events")
        #expect(try FileManager.default.contentsOfDirectory(atPath: events.path).count == 1)
        try Data().write(to: test.folder.appending(path: "state/ready"))
        let lines = CollectedLines()
        var configuration = test.host.configuration
        configuration.log = { lines.add($0) }
        let next = try FunctionHost(test.host.template, configuration)
        try await next.start()
        try await eventually("the event is done") {
            try FileManager.default.contentsOfDirectory(atPath: events.path).isEmpty
        }
        #expect(lines.text.contains("attempt [7]"))
        await next.shutdown()
        await test.end()
    }
}
