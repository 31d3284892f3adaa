import Glibc
import Testing

@testable import FFmpeg

@Suite struct ChildProcessTests {
    private func run(
        _ program: String, _ arguments: String..., milliseconds: Int = 20_000, outputBytes: Int = 1 << 20
    ) -> ChildProcess {
        ChildProcess.run(
            program, arguments,
            .init(end: .now + .milliseconds(milliseconds), outputBytes: outputBytes, memoryBytes: 1 << 30))
    }

    private func text(_ child: ChildProcess) -> String { String(decoding: child.output, as: UTF8.self) }

    @Test func `output, complaint and exit come back`() {
        let child = run("sh", "-c", "echo said; echo complained >&2; exit 7")
        #expect(child.ending == .exited(7))
        #expect(text(child) == "said\n")
        #expect(child.complaint == "complained\n")
    }

    @Test func `an argument is never a command`() {
        #expect(text(run("printf", "%s|", "a b", "$(id)", ";ls", "")) == "a b|$(id)|;ls||")
    }

    @Test func `out of time, it is killed, and what it started with it`() throws {
        let child = run("sh", "-c", "sleep 1000 & echo $!; wait", milliseconds: 500)
        #expect(child.ending == .outOfTime)
        let grandchild = try #require(pid_t(text(child).dropLast()))
        // It may be a zombie for a moment, until whoever adopted it has buried it.
        while kill(grandchild, 0) == 0, !isZombie(grandchild) { sched_yield() }
    }

    @Test func `who closes its pipes and lives on is out of time as well`() {
        #expect(run("sh", "-c", "exec >&- 2>&-; sleep 1000", milliseconds: 500).ending == .outOfTime)
    }

    @Test func `who says too much is cut short`() {
        let child = run("yes", outputBytes: 100_000)
        #expect(child.ending == .tooMuchOutput)
    }

    @Test func `of a long complaint the end is kept`() {
        let child = run("sh", "-c", "i=0; while [ $i -lt 9999 ]; do i=$((i+1)); echo line $i >&2; done")
        #expect(child.complaint.utf8.count <= 16 << 10)
        #expect(child.complaint.hasSuffix("line 9999\n"))
    }

    @Test func `it inherits no environment, no open file, no blocked signal`() {
        #expect(text(run("/usr/bin/env")) == "")
        // The fourth is the folder that is being listed.
        #expect(text(run("sh", "-c", "echo /proc/$$/fd/*")).split(separator: " ").count == 4)
        let status = text(run("grep", "-E", "^Sig(Blk|Ign)", "/proc/self/status"))
        let masks = status.split(separator: "\n").compactMap {
            UInt64($0.split(separator: "\t")[1], radix: 16)
        }
        // 32 and 33 are the C library's own.
        #expect(masks.map { $0 & ~(3 << 31) } == [0, 0])
    }

    @Test func `its memory is bounded, and it writes no file`() {
        let wait = "until [ $(ulimit -v)/$(ulimit -c) = 1048576/0 ]; do :; done; ulimit -v; ulimit -c"
        #expect(text(run("sh", "-c", wait)) == "1048576\n0\n")
        let write = "while [ $(ulimit -f) = unlimited ]; do :; done; echo x > /tmp/file-of-a-child"
        #expect(run("sh", "-c", write).ending != .exited(0))
    }

    @Test func `a program that is not there is missing`() {
        #expect(run("no-such-program").ending == .missing)
    }

    @Test func `a crash is told by its signal`() {
        #expect(run("sh", "-c", "kill -SEGV $$").ending == .killed(signal: SIGSEGV))
    }

    private func isZombie(_ process: pid_t) -> Bool {
        text(run("sh", "-c", "cat /proc/\(process)/stat")).contains(") Z ")
    }
}
