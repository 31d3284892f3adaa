import Foundation

/// Ends a process when the emulator is gone, even if it was killed and could not do so itself.
///
/// A shell waits at the end of a pipe whose other end is open here and nowhere else; when that closes, by
/// whatever means, the shell sends the signals, one after the other, until one was heeded: PostgreSQL, asked
/// to shut down while it still recovers from a crash, may wait for its own checkpointer for ever.
final class LastWill: Sendable {
    private let watcher: ChildProcess
    private let life: Int32

    /// Each signal is given so many tenths of a second.
    init(
        end process: Int32, named name: String, with signals: [String], tenths: Int = 50, log: FileHandle
    ) throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0, ends.allSatisfy({ fcntl($0, F_SETFD, FD_CLOEXEC) == 0 }) else {
            throw Refusal("No pipe can be made: \(String(cString: strerror(errno)))")
        }
        life = ends[1]
        // The number may long be another program's when the shell wakes.
        let script = """
            process=\(process) name=$1; shift
            is_there() { [ "$(cat /proc/$process/comm 2>/dev/null)" = "$name" ]; }
            read -r _
            for signal; do
                is_there && kill -s "$signal" "$process"
                for _ in $(seq \(tenths)); do is_there || exit; sleep 0.1; done
            done
            """
        watcher = try ChildProcess(
            ["/bin/sh", "-c", script, "last-will", name] + signals, output: log,
            input: .file(FileHandle(fileDescriptor: ends[0], closeOnDealloc: true)))
    }

    /// As the end of the emulator does it.
    func abandon() {
        close(life)
    }

    /// Nothing is to be done any more.
    func revoke() async {
        watcher.signal(SIGKILL)
        _ = await watcher.wait()
        close(life)
    }
}
