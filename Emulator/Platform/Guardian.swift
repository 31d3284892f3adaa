import CProcess
import Foundation
import Synchronization

/// A second process that does nothing but wait for the emulator's end, however it comes, and then kill every
/// process group that is still there: the functions, and what they started themselves.
final class Guardian: Sendable {
    private let process: pid_t
    private let pipe: Mutex<Int32>

    struct CannotStart: Error {
        var errno: Int32
    }

    init() throws {
        var ends: [Int32] = [0, 0]
        guard process_pipe(&ends) == 0 else { throw CannotStart(errno: errno) }
        process = process_guardian(ends[0])
        let problem = errno
        close(ends[0])
        guard process > 0 else {
            close(ends[1])
            throw CannotStart(errno: problem)
        }
        pipe = Mutex(ends[1])
    }

    func watch(_ group: pid_t) {
        tell(group)
    }

    func forget(_ group: pid_t) {
        tell(-group)
    }

    /// Everything still watched is killed.
    func end() {
        pipe.withLock { pipe in
            guard pipe >= 0 else { return }
            close(pipe)
            pipe = -1
            while waitpid(process, nil, 0) < 0, errno == EINTR {}
        }
    }

    private func tell(_ number: Int32) {
        pipe.withLock { pipe in
            guard pipe >= 0 else { return }
            withUnsafeBytes(of: number) { bytes in
                while write(pipe, bytes.baseAddress, bytes.count) < 0, errno == EINTR {}
            }
        }
    }
}
