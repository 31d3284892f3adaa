import Foundation
import Synchronization

/// A program that runs beside the emulator until it ends or is ended.
final class ChildProcess: Sendable {
    private enum State {
        case running([CheckedContinuation<Int32, Never>])
        case ended(Int32)
    }

    let identifier: Int32
    private let state: Mutex<State>

    /// Its environment is what is given here and nothing else: settings of the user's own PostgreSQL, say,
    /// do not reach ours. Both its outputs go to the one file.
    init(
        _ program: [String], output: FileHandle, input: String? = nil,
        environment: [String: String] = ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"]
    ) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program[0])
        process.arguments = Array(program.dropFirst())
        process.environment = environment
        process.standardOutput = output
        process.standardError = output
        let pipe = input.map { _ in Pipe() }
        process.standardInput = pipe ?? FileHandle.nullDevice
        let (statuses, ended) = AsyncStream<Int32>.makeStream()
        process.terminationHandler = { ended.yield($0.terminationStatus) }
        try process.run()
        identifier = process.processIdentifier
        state = Mutex(.running([]))
        if let input, let pipe {
            try pipe.fileHandleForWriting.write(contentsOf: Data(input.utf8))
            try pipe.fileHandleForWriting.close()
        }
        Task { [self] in
            for await status in statuses {
                settle(status)
                break
            }
        }
    }

    /// nil while it runs.
    var status: Int32? {
        state.withLock { state in
            guard case .ended(let status) = state else { return nil }
            return status
        }
    }

    func wait() async -> Int32 {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                switch state {
                case .running(let waiting): state = .running(waiting + [continuation])
                case .ended(let status): continuation.resume(returning: status)
                }
            }
        }
    }

    func signal(_ signal: Int32) {
        if status == nil { kill(identifier, signal) }
    }

    /// Whether it ended within the time.
    func hasEnded(within limit: Duration) async -> Bool {
        let end = ContinuousClock.now + limit
        while status == nil, .now < end { try? await Task.sleep(for: .milliseconds(10)) }
        return status != nil
    }

    private func settle(_ status: Int32) {
        let waiting = state.withLock { state -> [CheckedContinuation<Int32, Never>] in
            defer { state = .ended(status) }
            guard case .running(let waiting) = state else { return [] }
            return waiting
        }
        for continuation in waiting { continuation.resume(returning: status) }
    }
}

extension FileHandle {
    /// For appending; made if it is not there.
    static func log(at path: String) throws -> FileHandle {
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw Refusal("\(path) cannot be written: \(String(cString: strerror(errno)))")
        }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }
}
