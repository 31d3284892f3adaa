import Foundation
import Platform
import Synchronization
import Template
import Testing

/// A function host in a folder of its own, whose functions are Python scripts.
struct TestHost {
    let folder: URL
    let host: FunctionHost
    let lines: CollectedLines

    /// What a script begins with: a runtime as small as one can be.
    static let prelude = #"""
        #!/usr/bin/python3
        import http.client, json, os, signal, socket, subprocess, sys, time
        api = os.environ["AWS_LAMBDA_RUNTIME_API"]
        connection = http.client.HTTPConnection(api)
        def call(method, path, body=None, headers={}):
            path = path if path.startswith("/") else "/2018-06-01/runtime/" + path
            connection.request(method, path, body, headers)
            reply = connection.getresponse()
            return reply.status, {k.lower(): v for k, v in reply.getheaders()}, reply.read()
        def poll():
            status, headers, body = call("GET", "invocation/next")
            assert status == 200, (status, body)
            return headers["lambda-runtime-aws-request-id"], headers, body
        def answer(id, value, headers={}):
            body = value if isinstance(value, bytes) else json.dumps(value).encode()
            return call("POST", f"invocation/{id}/response", body, headers)
        def fail(id, type, body=b'{"errorMessage":"no"}'):
            return call("POST", f"invocation/{id}/error", body, {"Lambda-Runtime-Function-Error-Type": type})
        def kind(reply):
            return [reply[0], json.loads(reply[2]).get("errorType")]
        """# + "\n"

    /// Answers each event with `handle(event)`.
    static func handler(_ body: String) -> String {
        prelude + body + "\n"
            + """
            while True:
                id, headers, event = poll()
                answer(id, handle(json.loads(event)))
            """
    }

    init(
        _ scripts: [String: String], place: (inout Function) -> Void = { _ in },
        configure: (inout HostConfiguration) -> Void = { _ in }
    ) async throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "earshelf-\(UUID().uuidString)")
        let code = folder.appending(path: "code")
        try FileManager.default.createDirectory(at: code, withIntermediateDirectories: true)
        var functions: [Function] = []
        for (name, script) in scripts {
            try Self.write(script, to: code.appending(path: name))
            var function = Function(
                logicalID: name, name: name, arn: "arn:aws:lambda:eu-central-1:000000000000:function:\(name)",
                handler: name, timeoutSeconds: 30)
            place(&function)
            functions.append(function)
        }
        var configuration = HostConfiguration(
            stateFolder: folder.appending(path: "state"), codeFolder: code,
            executable: { code.appending(path: $0.handler) })
        let lines = CollectedLines()
        configuration.log = { lines.add($0) }
        configure(&configuration)
        self.lines = lines
        host = try FunctionHost(Template(functions: functions), configuration)
        try await host.start()
    }

    static func write(_ script: String, to file: URL) throws {
        try script.write(to: file, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file.path)
    }

    func end() async {
        await host.shutdown()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Waits until every environment of the function has polled again after its last answer.
    func settled() async throws {
        try await eventually("every environment is at rest") {
            await host.status().allSatisfy { function in
                function.environments.allSatisfy { ["ready", "frozen"].contains($0.state) }
            }
        }
    }

    /// Invokes once nothing else is under way, so that an environment which is there is used again.
    func send(_ function: String, _ event: String = "{}") async throws -> InvocationOutcome {
        try await settled()
        return await host.invoke(function, payload: Array(event.utf8))
    }

    /// Sends and expects an answer of JSON.
    func ask(_ function: String, _ event: String = "{}") async throws -> Any {
        let outcome = try await send(function, event)
        guard case .response(let payload, _) = outcome else {
            Issue.record("\(function) answered \(outcome.summary); \(lines.text)")
            throw CancellationError()
        }
        return try JSONSerialization.jsonObject(with: Data(payload), options: .fragmentsAllowed)
    }
}

extension InvocationOutcome {
    var summary: String {
        switch self {
        case .response(let payload, _): "response \(String(decoding: payload.prefix(300), as: UTF8.self))"
        case .functionError(let type, let payload, _): "\(type) \(String(decoding: payload, as: UTF8.self))"
        case .throttled: "throttled"
        case .noSuchFunction: "no such function"
        case .tooLarge: "too large"
        }
    }

    var errorType: String? {
        guard case .functionError(let type, _, _) = self else { return nil }
        return type
    }
}

final class CollectedLines: Sendable {
    private let lines = Mutex<[LogLine]>([])

    func add(_ line: LogLine) {
        lines.withLock { $0.append(line) }
    }

    var all: [LogLine] {
        lines.withLock { $0 }
    }

    var text: String {
        all.map(\.text).joined(separator: "\n")
    }
}

/// Waits until something becomes true, and fails after a time no machine needs.
func eventually(
    _ what: String, within limit: Duration = .seconds(20), _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while ContinuousClock.now < deadline {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(5))
    }
    Issue.record("never happened: \(what)")
}

/// `R`, `S`, `T` …; nil where there is no such process.
func processState(_ process: Int32) -> String? {
    guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
        let end = text.lastIndex(of: ")")
    else { return nil }
    let state = text[text.index(end, offsetBy: 2)...].prefix(1)
    return state == "Z" ? nil : String(state)
}
