import Foundation
import Testing

/// A script of Tests/Conformance, run as a child against servers of the test's own.
struct PythonSuite {
    let script: String
    var environment: [String: String]

    /// The whole of its output is the failure's text.
    func expectSuccess() async throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let process = Process()
        let outer = ProcessInfo.processInfo.environment
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [outer["EARSHELF_PYTHON"] ?? "python3", folder.path + "/Conformance/" + script]
        process.environment = outer.filter { !$0.key.hasPrefix("AWS_") }
            .merging(environment) { $1 }
            .merging(["AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/dev/null"]) { $1 }
        let log = FileManager.default.temporaryDirectory.path + "/earshelf-" + UUID().uuidString
        defer { unlink(log) }
        try Data().write(to: URL(filePath: log))
        let output = FileHandle(forWritingAtPath: log)
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        // No thread may wait for the child: the servers it talks to run on the same few.
        try await withCheckedThrowingContinuation { (ended: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in ended.resume() }
            do { try process.run() } catch { ended.resume(throwing: error) }
        }
        let text = try Data(contentsOf: URL(filePath: log))
        #expect(process.terminationStatus == 0, "\(script):\n\(String(decoding: text, as: UTF8.self))")
    }
}

/// A folder of the test's own, removed after it.
func withTemporaryFolder<Outcome>(_ body: (String) async throws -> Outcome) async throws -> Outcome {
    let folder = FileManager.default.temporaryDirectory.path + "/earshelf-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try await body(folder)
}

/// Runs a server while `body` runs, which is given its port.
func serving(
    _ run: @escaping @Sendable (_ onRunning: @escaping @Sendable (Int) async -> Void) async throws -> Void,
    _ body: @escaping @Sendable (Int) async throws -> Void
) async throws {
    let (ports, port) = AsyncStream<Int>.makeStream()
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
            defer { port.finish() }
            try await run { port.yield($0) }
        }
        for await port in ports {
            try await body(port)
            break
        }
        group.cancelAll()
        do { try await group.waitForAll() } catch is CancellationError {}
    }
}
