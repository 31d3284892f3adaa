import Foundation
import Groundwork
import HTTP
import Logging
import Synchronization

@testable import StandIns

/// A folder of its own, gone with the test.
func withFolder<Result>(_ body: (URL) async throws -> Result) async throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appending(path: "earshelf-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
}

/// Runs a server beside the body, and ends it with the body.
func running<Result: Sendable>(
    _ run: @escaping @Sendable () async throws -> Void, _ body: () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await run() }
        let result = try await body()
        group.cancelAll()
        return result
    }
}

let quiet: Logger = {
    var logger = Logger(label: "test")
    logger.logLevel = .critical
    return logger
}()

/// An answer as a test reads it.
struct Reply: Sendable {
    var status: Int
    var headers: [String: String]
    var body: [UInt8]
    var text: String { String(decoding: body, as: UTF8.self) }
    var json: JSON { (try? JSON(parsing: body)) ?? .null }
}

func send(
    _ method: String, _ url: String, headers: [String: String] = [:], body: [UInt8] = []
) async throws -> Reply {
    let request = Request(
        method, url, headers: headers.map(Header.init), body: body, timeoutMilliseconds: 60_000,
        repeatable: false)
    let response = try await Outbound.send(request, largestBody: 64 << 20)
    return Reply(status: response.status, headers: response.headers, body: response.body)
}

func form(_ fields: [(String, String)]) -> [UInt8] {
    Array(fields.map { "\($0.0.percentEncoded)=\($0.1.percentEncoded)" }.joined(separator: "&").utf8)
}

func send(
    form fields: [(String, String)], to url: String, headers: [String: String] = [:]
) async throws -> Reply {
    try await send(
        "POST", url,
        headers: headers.merging(["content-type": "application/x-www-form-urlencoded"]) { own, _ in own },
        body: form(fields))
}

/// A server that takes whatever it is sent, and shows it in the order of arrival.
final class Receiver: Sendable {
    private let server = LocalServer()
    private let calls: AsyncStream<Call>
    private let arrived: AsyncStream<Call>.Continuation
    private let statuses: Mutex<[Int]>

    /// The statuses it answers with, in order; 200 once they are used up.
    init(answering statuses: [Int] = []) {
        self.statuses = Mutex(statuses)
        (calls, arrived) = AsyncStream.makeStream()
    }

    var address: String { get async throws { try await server.address } }

    func run() async throws {
        try await server.run(
            name: "receiver", port: 0, bodyLimitBytes: 1 << 20, logger: quiet, tooLarge: { .text(413, "") },
            answer: { [self] call in
                arrived.yield(call)
                return .text(statuses.withLock { $0.isEmpty ? 200 : $0.removeFirst() }, "")
            })
    }

    /// The next ones that arrive; waits for them.
    func next(_ count: Int) async -> [Call] {
        var taken: [Call] = []
        for await call in calls {
            taken.append(call)
            if taken.count == count { break }
        }
        return taken
    }
}
