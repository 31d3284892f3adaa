import Foundation
import Platform
import Template
import Testing

@Suite struct RuntimeAPITests {
    @Test func `an event comes with its headers, and a process with its variables and no others`()
        async throws
    {
        let test = try await TestHost(
            [
                "f": TestHost.prelude + """
                    id, headers, event = poll()
                    answer(id, {"headers": headers, "event": event.decode(), "now": time.time() * 1000,
                        "variables": dict(os.environ), "folder": os.getcwd(), "open": os.listdir("/proc/self/fd")})
                    poll()
                    """
            ], place: { $0.environment = ["MODE": "own", "PLACE": "template"] },
            configure: { $0.variables = { _ in ["PLACE": "machine", "AWS_ACCESS_KEY_ID": "AKIA"] } })
        let event = InvocationEvent(
            payload: Array("[1]".utf8), requestID: "0b1f…".filter(\.isASCII) + "-id", traceID: "Root=1-2-3",
            clientContext: #"{"client":1}"#)
        let outcome = await test.host.invoke("f", event)
        guard case .response(let payload, _) = outcome else { throw CancellationError() }
        let told = try #require(try JSONSerialization.jsonObject(with: Data(payload)) as? [String: Any])
        let headers = try #require(told["headers"] as? [String: String])
        #expect(headers["lambda-runtime-aws-request-id"] == event.requestID)
        #expect(headers["lambda-runtime-trace-id"] == "Root=1-2-3")
        #expect(headers["lambda-runtime-client-context"] == #"{"client":1}"#)
        #expect(headers["content-type"] == "application/json")
        #expect(headers["content-length"] == "3")
        #expect(
            headers["lambda-runtime-invoked-function-arn"]
                == "arn:aws:lambda:eu-central-1:000000000000:function:f")
        let deadline = try #require(headers["lambda-runtime-deadline-ms"].flatMap { Double($0) })
        let left = try deadline - #require(told["now"] as? Double)
        #expect(left > 20_000 && left <= 30_000)
        let variables = try #require(told["variables"] as? [String: String])
        #expect(variables["MODE"] == "own")
        #expect(variables["PLACE"] == "machine")
        #expect(variables["LAMBDA_TASK_ROOT"] == told["folder"] as? String)
        #expect(
            Set(variables.keys).subtracting(["LC_CTYPE"]) == [
                "MODE", "PLACE", "AWS_ACCESS_KEY_ID", "AWS_LAMBDA_RUNTIME_API", "_HANDLER",
                "LAMBDA_TASK_ROOT",
                "LAMBDA_RUNTIME_DIR", "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_VERSION",
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
                "AWS_LAMBDA_LOG_FORMAT", "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_REGION", "AWS_DEFAULT_REGION",
                "PATH", "LANG", "TZ", "HOME", "TMPDIR",
            ])
        // Input, outputs, the connection, and the folder being listed.
        #expect((told["open"] as? [String])?.count == 5)
        await test.end()
    }

    @Test(arguments: [(2_048, false), (2_049, true), (100_000, true), (6_291_456, true)])
    func `longer events come in chunks`(count: Int, isChunked: Bool) async throws {
        let test = try await TestHost([
            "f": TestHost.prelude + """
                id, headers, event = poll()
                answer(id, [len(event), headers.get("transfer-encoding"), headers.get("content-length")])
                poll()
                """
        ])
        let event = "\"" + String(repeating: "x", count: count - 2) + "\""
        let told = try await test.ask("f", event) as? [Any]
        #expect(told?[0] as? Int == count)
        #expect(told?[1] as? String == (isChunked ? "chunked" : nil))
        await test.end()
    }

    @Test func `answers out of turn are refused`() async throws {
        let test = try await TestHost([
            "f": TestHost.prelude + """
                told = {}
                id, _, _ = poll()
                told["again"] = poll()[0] == id
                told["foreign"] = kind(answer("nobody", 1))
                told["late init error"] = kind(call("POST", "init/error", b"{}"))
                told["unknown"] = call("GET", "invocation/first")[0]
                told["method"] = call("DELETE", "invocation/next")[0]
                told["answer"] = answer(id, 1)[::2]
                told["twice"] = kind(answer(id, 1))
                told["error too"] = kind(fail(id, "Function.Late"))
                old = id
                id, _, _ = poll()
                told["old"] = kind(answer(old, 1))
                told["answer"] = [told["answer"][0], json.loads(told["answer"][1])]
                answer(id, told)
                poll()
                """
        ])
        _ = try await test.ask("f")
        let told = try #require(try await test.ask("f") as? NSDictionary)
        #expect(
            told == [
                "again": true, "foreign": [400, "InvalidRequestID"],
                "late init error": [403, "InvalidStateTransition"], "unknown": 404, "method": 405,
                "answer": [202, ["status": "OK"]], "twice": [400, "InvalidRequestID"],
                "error too": [400, "InvalidRequestID"], "old": [400, "InvalidRequestID"],
            ])
        await test.end()
    }

    @Test func `an oversized answer is refused and the environment goes on`() async throws {
        let test = try await TestHost([
            "f": TestHost.prelude + """
                id, _, size = poll()
                told = [kind(answer(id, b"x" * 6291557)), kind(fail(id, "Function.Late"))]
                id, _, size = poll()
                accepted = answer(id, b"x" * 6291556)[0]
                id, _, _ = poll()
                answer(id, told + [accepted, os.getpid()])
                poll()
                """
        ])
        #expect(try await test.send("f").errorType == "Function.ResponseSizeTooLarge")
        guard case .response(let payload, _) = try await test.send("f") else {
            throw CancellationError()
        }
        #expect(payload.count == 6_291_556)
        let told = try #require(try await test.ask("f") as? [Any])
        #expect(told[0] as? NSArray == [413, "RequestEntityTooLarge"])
        #expect(told[1] as? NSArray == [403, "InvalidStateTransition"])
        #expect(told[2] as? Int == 202)
        await test.end()
    }

    @Test(arguments: [
        ("Function.NoSuchBook", "Function.NoSuchBook"), ("Runtime.Broken", "Runtime.Broken"),
        ("Function.no", "Function.Unknown"), ("Unhandled", "Runtime.Unknown"), ("", "Runtime.Unknown"),
    ])
    func `error types are kept where they are well-formed`(given: String, kept: String) async throws {
        let test = try await TestHost([
            "f": TestHost.prelude + "id, _, _ = poll()\nfail(id, \"\(given)\")\npoll()\n"
        ])
        let outcome = try await test.send("f")
        #expect(outcome.summary == "\(kept) {\"errorMessage\":\"no\"}")
        await test.end()
    }

    @Test func `an init error is tried once more, then told`() async throws {
        let test = try await TestHost([
            "f": TestHost.prelude + """
                told = [kind(call("POST", "init/error", b'{"errorMessage":"no database"}',
                    {"Lambda-Runtime-Function-Error-Type": "Function.NoDatabase"})),
                    kind(call("POST", "init/error", b"{}")), kind(call("GET", "invocation/next"))]
                print(json.dumps(told), flush=True)
                sys.exit(1)
                """
        ])
        let outcome = try await test.send("f")
        #expect(outcome.summary == #"Function.NoDatabase {"errorMessage":"no database"}"#)
        let refused =
            #"[[202, null], [403, "InvalidStateTransition"], [403, "InvalidStateTransition"]]"#
        #expect(test.lines.all.filter { $0.text == refused }.count == 2)
        #expect(test.lines.all.filter { $0.text.hasPrefix("INIT_REPORT") }.count == 2)
        await test.end()
    }

    @Test func `a streamed answer is taken whole, with its trailers`() async throws {
        let test = try await TestHost([
            "f": TestHost.prelude + """
                id, _, _ = poll()
                s = socket.create_connection(api.split(":"))
                s.sendall((f"POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\\r\\nHost: x\\r\\n"
                    "Lambda-Runtime-Function-Response-Mode: streaming\\r\\nTransfer-Encoding: chunked\\r\\n"
                    "Trailer: Lambda-Runtime-Function-Error-Type\\r\\n\\r\\n").encode())
                for i in range(3):
                    s.sendall(b"2\\r\\nab\\r\\n")
                s.sendall(b"0\\r\\nLambda-Runtime-Function-Error-Type: Function.Late\\r\\n\\r\\n")
                assert b" 202 " in s.recv(1000)
                id, _, _ = poll()
                told = kind(answer(id, 1, {"Lambda-Runtime-Function-Response-Mode": "sideways"}))
                id, _, _ = poll()
                answer(id, told)
                poll()
                """
        ])
        #expect(try await test.send("f").summary == "response ababab")
        #expect(try await test.send("f").errorType == "Runtime.InvalidResponseModeHeader")
        #expect(try await test.ask("f") as? NSArray == [400, "InvalidFunctionResponseMode"])
        #expect(test.lines.text.contains("Function.Late"))
        await test.end()
    }

    @Test func `an answer that is cut off is an error`() async throws {
        let test = try await TestHost([
            "f": TestHost.prelude + """
                id, _, _ = poll()
                s = socket.create_connection(api.split(":"))
                s.sendall((f"POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\\r\\nHost: x\\r\\n"
                    "Content-Length: 100\\r\\n\\r\\nabc").encode())
                s.shutdown(socket.SHUT_WR)
                told = s.recv(1000).decode()
                id, _, _ = poll()
                answer(id, told)
                poll()
                """
        ])
        #expect(try await test.send("f").errorType == "Runtime.TruncatedResponse")
        let told = try await test.ask("f") as? String ?? ""
        #expect(told.contains("400 Bad Request") && told.contains("TruncatedHTTPRequest"))
        await test.end()
    }

    @Test func `the next poll may be sent right behind the answer, or on another connection`() async throws {
        let test = try await TestHost([
            "f": TestHost.prelude + """
                id, _, _ = poll()
                connection.close()
                s = socket.create_connection(api.split(":"))
                s.sendall((f"POST /2018-06-01/runtime/invocation/{id}/response HTTP/1.1\\r\\nHost: x\\r\\n"
                    "Content-Length: 1\\r\\n\\r\\n1"
                    "GET /2018-06-01/runtime/invocation/next HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n").encode())
                got = b""
                while b"Aws-Request-Id: " not in got or not got.endswith(b"{}"):
                    got += s.recv(10000)
                id = got.decode().split("Aws-Request-Id: ")[1].split("\\r")[0]
                s.close()
                answer(id, 2)
                poll()
                """
        ])
        #expect(try await test.ask("f") as? Int == 1)
        #expect(try await test.ask("f") as? Int == 2)
        await test.end()
    }

    @Test func `a runtime that registered an extension is asked to go before it is killed`() async throws {
        let test = try await TestHost([
            "f": TestHost.prelude + """
                def register(name, events):
                    return call("POST", "/2020-01-01/extension/register",
                        json.dumps({"events": events}).encode(), {"Lambda-Extension-Name": name})
                told = [kind(register("x", ["SHUTDOWN"])), register("x", [])[0], kind(register("x", [])),
                    kind(call("GET", "/2020-01-01/extension/event/next"))]
                def leave(*_):
                    print("leaving", flush=True)
                    os._exit(0)
                signal.signal(signal.SIGTERM, leave)
                id, _, _ = poll()
                told.append(kind(register("late", [])))
                answer(id, told)
                poll()
                """
        ])
        let told = try await test.ask("f") as? NSArray
        #expect(
            told == [
                [403, "Extension.InvalidEventType"], 200, [403, "Extension.InvalidExtensionState"],
                [403, "Extension.MissingExtensionIdentifier"], [403, "Extension.RegistrationClosed"],
            ])
        await test.host.shutdown()
        #expect(test.lines.all.last?.text == "leaving")
        await test.end()
    }

    @Test func `an extension is told of each event once`() async throws {
        let test = try await TestHost([
            "f": TestHost.prelude + """
                s, h, b = call("POST", "/2020-01-01/extension/register", b'{"events":["INVOKE"]}',
                    {"Lambda-Extension-Name": "x", "Lambda-Extension-Accept-Feature": "accountId"})
                told = json.loads(b)
                own = http.client.HTTPConnection(api)
                headers = {"Lambda-Extension-Identifier": h["lambda-extension-identifier"]}
                def wait():
                    own.request("GET", "/2020-01-01/extension/event/next", headers=headers)
                wait()
                while True:
                    id, _, _ = poll()
                    event = json.loads(own.getresponse().read())
                    answer(id, [told, event["eventType"], event["requestId"] == id])
                    wait()
                """
        ])
        for _ in 0..<3 {
            let told = try await test.ask("f") as? NSArray
            #expect(
                told == [
                    [
                        "functionName": "f", "functionVersion": "$LATEST", "handler": "f",
                        "accountId": "000000000000",
                    ], "INVOKE", true,
                ])
        }
        await test.end()
    }
}
