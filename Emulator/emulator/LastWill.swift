import Foundation

/// Ends a process when the emulator is gone, even if it was killed and could not do so itself.
///
/// A shell waits at the end of a pipe whose other end is open here and nowhere else; when that closes, by
/// whatever means, the shell sends the signal.
final class LastWill: Sendable {
    private let watcher: ChildProcess
    private let life: Int32

    init(end process: Int32, named name: String, with signal: String, log: FileHandle) throws {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0, ends.allSatisfy({ fcntl($0, F_SETFD, FD_CLOEXEC) == 0 }) else {
            throw Refusal("No pipe can be made: \(String(cString: strerror(errno)))")
        }
        life = ends[1]
        // The number may long be another program's when the shell wakes.
        let script = #"read -r _; [ "$(cat /proc/$1/comm)" = "$2" ] && kill -s "$3" "$1""#
        watcher = try ChildProcess(
            ["/bin/sh", "-c", script, "last-will", "\(process)", name, signal], output: log,
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
