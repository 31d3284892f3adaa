import Foundation
import Groundwork
import Synchronization

/// A program that runs beside the emulator until it ends or is ended.
///
/// In a process group of its own, so that Ctrl-C at the terminal reaches the emulator alone, and with no
/// signal blocked or ignored: the threads of Swift's pools block nearly all, and Foundation's `Process` hands
/// that on.
final class ChildProcess: Sendable {
    private enum State {
        case running([CheckedContinuation<Int32, Never>])
        case ended(Int32)
    }

    enum Input {
        case none
        case text(String)
        case file(FileHandle)
    }

    let identifier: Int32
    private let state = Mutex(State.running([]))

    /// Its environment is what is given here and nothing else: settings of the user's own PostgreSQL, say,
    /// do not reach ours. Both its outputs go to the one file.
    init(
        _ program: [String], output: FileHandle, input: Input = .none,
        environment: [String: String] = ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"]
    ) throws {
        let source: FileHandle
        switch input {
        case .none: source = .nullDevice
        case .text(let text): source = try Self.file(holding: text)
        case .file(let file): source = file
        }
        defer { withExtendedLifetime(source) {} }
        identifier = try Self.spawn(
            program, environment.map { "\($0)=\($1)" }, input: source.fileDescriptor,
            output: output.fileDescriptor)
        let (process, settle) = (identifier, settle)
        Thread.detachNewThread {
            var status: Int32 = 0
            while waitpid(process, &status, 0) < 0, errno == EINTR {}
            settle(status & 0x7F == 0 ? status >> 8 & 0xFF : status & 0x7F)
        }
    }

    /// No pipe: its other end would be inherited by whoever is started at the same time.
    private static func file(holding text: String) throws(Refusal) -> FileHandle {
        guard let file = tmpfile() else {
            throw Refusal("No file can be made in /tmp: \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        fputs(text, file)
        rewind(file)
        return FileHandle(fileDescriptor: dup(fileno(file)), closeOnDealloc: true)
    }

    private static func spawn(
        _ program: [String], _ environment: [String], input: Int32, output: Int32
    ) throws(Refusal) -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP
        posix_spawnattr_setflags(&attributes, Int16(flags))
        var arguments = program.map { strdup($0) } + [nil]
        var variables = environment.map { strdup($0) } + [nil]
        defer { (arguments + variables).forEach { free($0) } }
        var process: pid_t = 0
        let problem = posix_spawn(&process, program[0], &actions, &attributes, &arguments, &variables)
        guard problem == 0 else {
            throw Refusal("\(program[0]) cannot be started: \(String(cString: strerror(problem)))")
        }
        return process
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
        await result(within: limit) { await self.wait() } != nil
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
