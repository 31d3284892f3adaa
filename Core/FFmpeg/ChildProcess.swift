internal import CSpawn
internal import Glibc

/// A program run to its end as a process of its own, within a time, a memory and an amount of output. No
/// shell is between us, and it inherits nothing: neither our environment nor our signal mask nor an open
/// file.
struct ChildProcess {
    struct Limits {
        var end: ContinuousClock.Instant
        var outputBytes: Int
        var memoryBytes: Int
        /// Of each file it writes.
        var fileBytes = 0
    }

    enum Ending: Equatable {
        case exited(Int32)
        case killed(signal: Int32)
        /// Killed by us.
        case outOfTime, tooMuchOutput
        /// There is no such program.
        case missing
    }

    let ending: Ending
    let output: [UInt8]
    /// What it said on its standard error: the first and the last of it.
    let complaint: String

    private static let complaintBytes = 16 << 10, firstBytes = 2 << 10

    static func run(_ program: String, _ arguments: [String], _ limits: Limits) -> ChildProcess {
        guard let output = Pipe(), let complaints = Pipe() else { return .notStarted }
        defer {
            output.close()
            complaints.close()
        }
        guard let child = spawn(program, arguments, output: output.writing, complaints: complaints.writing)
        else {
            return .notStarted
        }
        restrict(child, limits)
        output.closeWriting()
        complaints.closeWriting()
        var spoken: [UInt8] = [], complained: [UInt8] = []
        var ending = read(output.reading, complaints.reading, limits) { isComplaint, bytes in
            if isComplaint {
                complained.append(contentsOf: bytes)
                let surplus = complained.count - complaintBytes
                if surplus > 0 { complained.removeSubrange(firstBytes..<firstBytes + surplus) }
                return true
            }
            spoken.append(contentsOf: bytes)
            return spoken.count <= limits.outputBytes
        }
        if ending != nil { kill(-child, SIGKILL) }
        let status = reap(child, limits.end, &ending)
        return ChildProcess(
            ending: ending ?? status, output: spoken, complaint: String(decoding: complained, as: UTF8.self))
    }

    private static var notStarted: ChildProcess { ChildProcess(ending: .missing, output: [], complaint: "") }

    /// Its own process group, so that what it starts is killed with it; default signals, none of them
    /// blocked, which a child of a thread pool would otherwise be born with.
    private static func spawn(
        _ program: String, _ arguments: [String], output: Int32, complaints: Int32
    ) -> pid_t? {
        var actions = posix_spawn_file_actions_t(), attributes = posix_spawnattr_t()
        var all = sigset_t(), none = sigset_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, complaints, 2)
        posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        sigfillset(&all)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK
        posix_spawnattr_setflags(&attributes, Int16(flags))
        let words = ([program] + arguments).map { strdup($0) } + [nil]
        defer { words.forEach { free($0) } }
        let environment: [UnsafeMutablePointer<CChar>?] = [nil]
        var child: pid_t = 0
        guard posix_spawnp(&child, program, &actions, &attributes, words, environment) == 0 else {
            return nil
        }
        return child
    }

    /// Memory as address space. No core is dumped, and no file written but of those who say so.
    private static func restrict(_ child: pid_t, _ limits: Limits) {
        let limits = [
            (RLIMIT_AS, limits.memoryBytes), (RLIMIT_FSIZE, limits.fileBytes), (RLIMIT_CORE, 0),
        ]
        for (resource, most) in limits {
            var limit = rlimit(rlim_cur: rlim_t(most), rlim_max: rlim_t(most))
            _ = prlimit(child, Int32(resource.rawValue), &limit, nil)
        }
    }

    /// Until both pipes are closed; or why we listen no longer.
    private static func read(
        _ output: Int32, _ complaints: Int32, _ limits: Limits,
        _ take: (_ isComplaint: Bool, _ bytes: ArraySlice<UInt8>) -> Bool
    ) -> Ending? {
        var open = [output, complaints]
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while !open.isEmpty {
            var descriptors = open.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            let left = Int(((limits.end - .now) / .milliseconds(1)).rounded(.up))
            guard left > 0 else { return .outOfTime }
            guard poll(&descriptors, nfds_t(descriptors.count), Int32(clamping: left)) > 0 else { continue }
            for descriptor in descriptors where descriptor.revents != 0 {
                let count = Glibc.read(descriptor.fd, &buffer, buffer.count)
                if count > 0 {
                    guard take(descriptor.fd == complaints, buffer[..<count]) else { return .tooMuchOutput }
                } else if count == 0 || errno != EINTR {
                    open.removeAll { $0 == descriptor.fd }
                }
            }
        }
        return nil
    }

    /// Who has closed its pipes is about to end; who is not gets no more than the time it had.
    private static func reap(
        _ child: pid_t, _ end: ContinuousClock.Instant, _ ending: inout Ending?
    ) -> Ending {
        var status: Int32 = 0
        while waitpid(child, &status, ending == nil ? WNOHANG : 0) != child {
            if ending == nil, .now >= end {
                ending = .outOfTime
                kill(-child, SIGKILL)
            }
            poll(nil, 0, 1)
        }
        // What it started and left behind goes too.
        kill(-child, SIGKILL)
        let signal = status & 0x7F
        return signal == 0 ? .exited(status >> 8 & 0xFF) : .killed(signal: signal)
    }
}

private final class Pipe {
    let reading: Int32
    private(set) var writing: Int32

    init?() {
        var ends: [Int32] = [-1, -1]
        guard pipe2(&ends, O_CLOEXEC) == 0 else { return nil }
        (reading, writing) = (ends[0], ends[1])
    }

    func closeWriting() {
        if writing >= 0 { _ = Glibc.close(writing) }
        writing = -1
    }

    func close() {
        closeWriting()
        _ = Glibc.close(reading)
    }
}
