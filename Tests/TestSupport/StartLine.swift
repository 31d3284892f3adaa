import Foundation
import Synchronization

/// Where all wait until the last has come. Without it the first is done before the second begins, and a race
/// is never run.
public final class StartLine: Sendable {
    private let missing: Mutex<Int>
    private let open = DispatchSemaphore(value: 0)
    private let count: Int

    fileprivate init(of count: Int) {
        self.count = count
        missing = Mutex(count)
    }

    public func wait() {
        let isLast = missing.withLock { missing in
            missing -= 1
            return missing == 0
        }
        guard isLast else { return open.wait() }
        for _ in 1..<max(2, count) { open.signal() }
    }
}

/// Runs a body so many times at once, each on a thread of its own, and answers what each came to. Each gets
/// ready, waits at the line once, and goes.
public func atOnce<Value: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (_ index: Int, _ line: StartLine) throws -> Value
) -> [Result<Value, any Error>] {
    let line = StartLine(of: count)
    let results = Results<Value>()
    let finished = DispatchGroup()
    for index in 0..<count {
        finished.enter()
        Thread.detachNewThread {
            let result = Result { try body(index, line) }
            results.all.withLock { $0[index] = result }
            finished.leave()
        }
    }
    finished.wait()
    return results.all.withLock { all in (0..<count).compactMap { all[$0] } }
}

private final class Results<Value: Sendable>: Sendable {
    let all = Mutex<[Int: Result<Value, any Error>]>([:])
}

extension Sequence {
    /// What all came to, or the first failure.
    public func successes<Value>() throws -> [Value] where Element == Result<Value, any Error> {
        try map { try $0.get() }
    }
}

/// A line at which the same ones wait again and again: each round begins when all have come.
public final class RoundLine: @unchecked Sendable {
    private let condition = NSCondition()
    private let count: Int
    private var waiting = 0
    private var round = 0

    public init(of count: Int) { self.count = count }

    public func wait() {
        condition.lock()
        defer { condition.unlock() }
        let mine = round
        waiting += 1
        guard waiting < count else {
            (waiting, round) = (0, round + 1)
            return condition.broadcast()
        }
        while round == mine { condition.wait() }
    }
}
