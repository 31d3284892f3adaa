import CProcess
import Foundation
import Synchronization

/// One program in a process group of its own. A thread of its own starts it, reads what it prints and waits
/// for its end: the kernel kills the process when that thread dies, which is when the emulator does.
final class ChildProcess: Sendable {
    struct Program: Sendable {
        var path: String
        var variables: [String: String]
        var folder: String
    }

    enum End: Hashable, Sendable {
        case exited(code: Int32)
        case killed(signal: Int32)
        case neverStarted(errno: Int32)

        /// As Go's `os/exec` says it, and with it Lambda.
        var description: String {
            switch self {
            case .exited(let code): "exit status \(code)"
            case .killed(SIGKILL): "signal: killed"
            case .killed(let signal): "signal: \(String(cString: strsignal(signal)).lowercased())"
            case .neverStarted(let errno): String(cString: strerror(errno)).lowercased()
            }
        }
    }

    private struct State {
        /// 0 before the start; negative once it is gone, when its number may belong to another.
        var process: pid_t = 0
        var isUnwanted = false
        var lines = LineSplitter()
        var output: Int32
    }

    private let program: Program
    private let guardian: Guardian
    private let state: Mutex<State>
    private let onLine: @Sendable (String) -> Void
    private let onEnd: @Sendable (End) -> Void

    /// `onLine` is called for each line of output, in order, by whoever drains; `onEnd` once, when the whole
    /// group was killed and all output was read.
    init(
        _ program: Program, guardian: Guardian, onLine: @escaping @Sendable (String) -> Void,
        onEnd: @escaping @Sendable (End) -> Void
    ) {
        self.program = program
        self.guardian = guardian
        self.onLine = onLine
        self.onEnd = onEnd
        state = Mutex(State(output: -1))
        let keeper = Thread { self.keep() }
        keeper.name = "function"
        keeper.stackSize = 256 << 10
        keeper.start()
    }

    /// The process and, being the leader of its group, the group; nil before the start and after the end.
    var identifier: pid_t? {
        state.withLock { $0.process > 0 ? $0.process : nil }
    }

    /// Sends a signal to the whole group.
    func signal(_ number: Int32) {
        state.withLock { state in
            if state.process > 0 {
                kill(-state.process, number)
            } else if state.process == 0, number == SIGKILL {
                state.isUnwanted = true
            }
        }
    }

    /// Reads what was printed so far without waiting: the lines printed before an answer are told before it.
    func drain() {
        _ = state.withLock { read(&$0) }
    }

    private func keep() {
        var ends: [Int32] = [0, 0]
        guard process_pipe(&ends) == 0 else { return onEnd(.neverStarted(errno: errno)) }
        let problem = start(output: ends[1])
        close(ends[1])
        guard problem == 0, let process = identifier else {
            close(ends[0])
            state.withLock { $0.process = -1 }
            return onEnd(.neverStarted(errno: problem))
        }
        state.withLock { $0.output = ends[0] }
        guardian.watch(process)
        wait(for: process, output: ends[0])
        let end = reap(process)
        guardian.forget(process)
        onEnd(end)
    }

    private func start(output: Int32) -> Int32 {
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup(program.path), nil]
        var variables = program.variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (arguments + variables).forEach { free($0) } }
        // A linker may still be writing the new binary.
        for _ in 0..<100 {
            let problem = state.withLock { state -> Int32 in
                guard !state.isUnwanted else { return ECANCELED }
                return process_start(
                    program.path, &arguments, &variables, program.folder, output, &state.process)
            }
            guard problem == ETXTBSY else { return problem }
            usleep(20_000)
        }
        return ETXTBSY
    }

    private func wait(for process: pid_t, output: Int32) {
        let descriptor = process_descriptor(process)
        defer { if descriptor >= 0 { close(descriptor) } }
        var waiting = [
            pollfd(fd: output, events: Int16(POLLIN), revents: 0),
            pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
        ]
        while process_has_ended(process) == 0 {
            _ = poll(&waiting, 2, descriptor >= 0 ? -1 : 20)
            if waiting[0].revents != 0, state.withLock({ read(&$0) }) { waiting[0].fd = -1 }
        }
    }

    /// The group is killed while its leader, though dead, still holds its number.
    private func reap(_ process: pid_t) -> End {
        let status = state.withLock { state -> Int32 in
            kill(-process, SIGKILL)
            var status: Int32 = 0
            while waitpid(process, &status, 0) < 0, errno == EINTR {}
            state.process = -1
            read(&state)
            state.lines.finish().map(onLine)
            close(state.output)
            state.output = -1
            return status
        }
        let signal = status & 0x7f
        return signal == 0 ? .exited(code: (status >> 8) & 0xff) : .killed(signal: signal)
    }

    /// True at the end of the output.
    @discardableResult
    private func read(_ state: inout State) -> Bool {
        guard state.output >= 0 else { return false }
        return withUnsafeTemporaryAllocation(byteCount: 16 << 10, alignment: 1) { buffer in
            while true {
                let count = Foundation.read(state.output, buffer.baseAddress, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return count == 0 }
                state.lines.add(UnsafeRawBufferPointer(rebasing: buffer[..<count])).forEach(onLine)
            }
        }
    }
}
