import AsyncHTTPClient
import Foundation
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import Platform
import Synchronization
import Template
import Testing

/// The invoke API of a host, at an address of its own.
private struct Served {
    let test: TestHost
    let origin: String

    static func with(
        _ scripts: [String: String], place: (inout Function) -> Void = { _ in },
        configure: (inout HostConfiguration) -> Void = { _ in }, _ body: (Served) async throws -> Void
    ) async throws {
        let test = try await TestHost(scripts, place: place, configure: configure)
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        var logger = Logger(label: "test")
        logger.logLevel = .error
        let application = Application(
            router: InvokeAPI(test.host).router(),
            configuration: ApplicationConfiguration(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { port.yield($0.localAddress?.port ?? 0) }, logger: logger)
        let server = Task { try await application.run() }
        var address: Int?
        for await number in ports {
            address = number
            break
        }
        try await body(Served(test: test, origin: "http://127.0.0.1:\(address ?? 0)"))
        server.cancel()
        _ = try? await server.value
        await test.end()
    }

    func call(
        _ path: String, method: String = "POST", _ body: [UInt8] = [], _ headers: [String: String] = [:]
    ) async throws -> (status: Int, headers: [String: String], body: String) {
        var request = HTTPClientRequest(url: "\(origin)/2015-03-31/functions\(path)")
        request.method = .init(rawValue: method)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if !body.isEmpty { request.body = .bytes(body) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        let bytes = try await response.body.collect(upTo: 16 << 20)
        let pairs = response.headers.map { ($0.name.lowercased(), $0.value) }
        return (
            Int(response.status.code), Dictionary(pairs, uniquingKeysWith: { first, _ in first }),
            String(buffer: bytes)
        )
    }
}

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
        try await Served.with(["f": Self.echo]) { served in
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
        try await Served.with(["f": script]) { served in
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
        try await Served.with(["f": script]) { served in
            let reply = try await served.call("/f/invocations")
            #expect(reply.status == 200)
            #expect(reply.headers["x-amz-function-error"] == "Unhandled")
            #expect(reply.body == #"{"errorMessage":"no"}"#)
        }
    }

    @Test func `refusals are Lambda's own`() async throws {
        try await Served.with(
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
        try await Served.with(["f": Self.echo]) { served in
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
        try await Served.with(
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

    private static let hasBoto3 = succeeds("import boto3")
    private static let hasLambdaRIC = succeeds("import awslambdaric")

    private static func succeeds(_ program: String) -> Bool {
        (try? python(program))?.status == 0
    }

    private static func python(_ program: String) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-c", program]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }

    @Test(.enabled(if: hasBoto3))
    func `boto3 calls functions as it calls Lambda's`() async throws {
        let script = TestHost.handler("def handle(event): return event")
        try await Served.with(
            ["f": script, "none": script],
            place: { function in
                if function.name == "none" { function.concurrencyLimit = 0 }
            }
        ) { served in
            let program = """
                import base64, boto3, botocore, json
                config = botocore.config.Config(retries={"max_attempts": 1})
                client = boto3.client("lambda", endpoint_url="\(served.origin)", region_name="eu-central-1",
                    aws_access_key_id="a", aws_secret_access_key="b", config=config)
                r = client.invoke(FunctionName="f", Payload=b'{"a": 1}', LogType="Tail")
                assert r["StatusCode"] == 200 and json.load(r["Payload"]) == {"a": 1}, r
                assert b"START" in base64.b64decode(r["LogResult"]), r
                assert r["ExecutedVersion"] == "$LATEST" and "FunctionError" not in r, r
                arn = client.get_function(FunctionName="f")["Configuration"]["FunctionArn"]
                assert client.invoke(FunctionName=arn, InvocationType="Event")["StatusCode"] == 202
                assert client.invoke(FunctionName="f", InvocationType="DryRun")["StatusCode"] == 204
                for name, error in (("g", client.exceptions.ResourceNotFoundException),
                        ("none", client.exceptions.TooManyRequestsException)):
                    try: client.invoke(FunctionName=name); assert False
                    except error: pass
                assert sorted(f["FunctionName"] for f in client.list_functions()["Functions"]) == ["f", "none"]
                print("done")
                """
            // A blocking child, off the threads that answer it.
            let result = try await withCheckedThrowingContinuation { continuation in
                Thread.detachNewThread { continuation.resume(with: Result { try Self.python(program) }) }
            }
            #expect(result.output == "done\n")
        }
    }

    @Test(.enabled(if: hasLambdaRIC))
    func `AWS's own Python runtime serves events`() async throws {
        let path = try Self.python("import sys; print(sys.executable)").output
            .trimmingCharacters(in: .whitespacesAndNewlines)
        let script = """
            #!/bin/sh
            cd ../..
            printf 'def handler(event, context):\\n    return [event, context.function_name]\\n' > app.py
            exec \(path) -m awslambdaric app.handler
            """
        let test = try await TestHost(["f": script], place: { $0.memoryMegabytes = 256 })
        for number in 1...3 {
            #expect(try await test.ask("f", "\(number)") as? NSArray == [number, "f"])
        }
        await test.end()
    }
}
