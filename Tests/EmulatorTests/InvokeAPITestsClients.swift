import Foundation
import Platform
import Template
import Testing

/// Clients and runtimes that nobody here wrote, where they are installed.
@Suite struct InvokeAPIClientTests {
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
        try await ServedHost.with(
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
