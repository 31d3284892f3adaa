import Foundation
import Groundwork
import Synchronization

/// The parts that run until they are told to stop, in the order they were started; they stop in the reverse.
final class Ensemble: Sendable {
    private struct Member: Sendable {
        var name: String
        var stopLimit: Duration
        var stop: @Sendable () async -> Void
    }

    private let members = Mutex<[Member]>([])
    private let ended = Mutex<Set<String>>([])
    /// One line for each part that ended by itself.
    let failures: AsyncStream<Refusal>
    private let failed: AsyncStream<Refusal>.Continuation

    /// How long one part may take to stop. Together they must leave a person at a terminal no doubt.
    static let usualStopLimit = Duration.seconds(3)

    init() {
        (failures, failed) = AsyncStream.makeStream()
    }

    /// Every part, and whether it still runs.
    var health: [String: Bool] {
        let gone = ended.withLock { $0 }
        let names = members.withLock { $0.map(\.name) }
        return Dictionary(names.map { ($0, !gone.contains($0)) }, uniquingKeysWith: { $0 && $1 })
    }

    func start(
        _ name: String, stopLimit: Duration = usualStopLimit,
        _ body: @escaping @Sendable () async throws -> Void
    ) {
        let task = Task { [self] in
            do {
                try await body()
                if !Task.isCancelled { end(name, "it ended by itself") }
            } catch {
                if !Task.isCancelled { end(name, "\(error)") }
            }
        }
        add(name, stopLimit: stopLimit) {
            task.cancel()
            await task.value
        }
    }

    /// A part that needs no task of its own, only to be stopped in its turn.
    func add(
        _ name: String, stopLimit: Duration = usualStopLimit, stop: @escaping @Sendable () async -> Void
    ) {
        members.withLock { $0.append(Member(name: name, stopLimit: stopLimit, stop: stop)) }
    }

    /// Starts a part and waits until it says that it is up, or fails.
    func start<Ready: Sendable>(
        _ name: String, until ready: @escaping @Sendable () async throws -> Ready,
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws -> Ready {
        start(name, body)
        return try await ready()
    }

    func stop() async {
        let stopping = members.withLock { members in
            defer { members = [] }
            return members.reversed()
        }
        for member in stopping {
            _ = await result(within: member.stopLimit, of: member.stop)
        }
    }

    private func end(_ name: String, _ reason: String) {
        _ = ended.withLock { $0.insert(name) }
        failed.yield(Refusal("\(name): \(reason)"))
    }
}
