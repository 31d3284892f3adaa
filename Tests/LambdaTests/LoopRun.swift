import Synchronization
import Testing

@testable import Lambda

/// What became of a loop that ran against a platform until its script was over.
struct LoopRun {
    let status: Int32
    let requests: [Recorded]
    let extensionRequests: [Recorded]
    /// The lines of the log, taken apart.
    let log: [JSON]
    /// The trace that was published before each event.
    let traces: [String?]

    func request(_ index: Int) throws -> Recorded {
        try #require(index < requests.count ? requests[index] : nil, "\(log)")
    }

    /// What was asked, in short: `["next", "response", "next"]`.
    var steps: [String] { requests.map(\.step) }
    var messages: [String] { log.compactMap { $0["message"]?.text } }
}

/// A world that remembers of which events it was told.
final class World: Serving {
    var begun: [Invocation] = []
    func begin(_ invocation: Invocation) { begun.append(invocation) }
}

/// An error that is not part of the API.
struct Breakdown: Error, CustomStringConvertible { let description = "the disk \"C:\\\" is\nfull" }

func runLoop(
    _ platform: Platform, start: () throws -> World = { World() }, exporter: TraceExporter? = nil,
    _ triggers: Triggers<World>
) -> LoopRun {
    let lines = Lines()
    var traces: [String?] = []
    let loop = RuntimeLoop(
        RuntimeAPI(platform.address), shutdown: platform.shutdown, trace: { traces.append($0) },
        exporter: exporter)
    let status = Log.$sink.withValue({ lines.append($0) }) { loop.run(start, triggers) }
    platform.close()
    return LoopRun(
        status: status, requests: platform.requests, extensionRequests: platform.extensionRequests,
        log: lines.parsed, traces: traces)
}

/// A loop whose function echoes what it gets.
func runEcho(_ script: [Reply], extensions: [Reply] = []) -> LoopRun {
    runLoop(Platform(script, extensions: extensions), Triggers(direct: { payload, _ in payload }))
}

/// The lines of a log.
final class Lines: Sendable {
    private let lines = Mutex<[[UInt8]]>([])

    func append(_ line: [UInt8]) { lines.withLock { $0.append(line) } }
    var raw: [String] { lines.withLock { $0 }.map { String(decoding: $0, as: UTF8.self) } }
    var parsed: [JSON] { lines.withLock { $0 }.map { (try? JSON(parsing: $0)) ?? .null } }
}

/// What `body` logs, taken apart.
func logged(_ body: () throws -> Void) rethrows -> [JSON] {
    let lines = Lines()
    try Log.$sink.withValue({ lines.append($0) }) { try body() }
    return lines.parsed
}
