import Foundation
import Platform
import Synchronization
import Template
import Testing

private final class Attempts: Sendable {
    private let count = Mutex(0)

    func next() -> Int {
        count.withLock { count in
            count += 1
            return count
        }
    }
}

@Suite struct EnvironmentTests {
    let pid = TestHost.handler("def handle(event): return os.getpid()")

    /// Says that it began, and waits for leave to go on.
    static let gated = TestHost.handler(
        """
        def handle(event):
            open(event["began"], "w").close()
            while not os.path.exists(event["go"]): time.sleep(0.002)
            return os.getpid()
        """)

    private func gate(_ test: TestHost, _ name: String) -> (event: [UInt8], began: URL, go: URL) {
        let began = test.folder.appending(path: "began-\(name)")
        let go = test.folder.appending(path: "go")
        return (Array(#"{"began":"\#(began.path)","go":"\#(go.path)"}"#.utf8), began, go)
    }

    @Test func `events one after another share an environment`() async throws {
        let test = try await TestHost(["f": pid])
        var processes: Set<Int> = []
        for _ in 0..<50 {
            processes.insert(try #require(try await test.ask("f") as? Int))
        }
        #expect(processes.count == 1)
        await test.end()
    }

    @Test func `events at once have an environment each, up to the limit, and then are throttled`()
        async throws
    {
        let test = try await TestHost(["f": Self.gated], place: { $0.concurrencyLimit = 3 })
        let host = test.host
        let gates = (0..<3).map { gate(test, "\($0)") }
        async let outcomes = withTaskGroup(of: InvocationOutcome.self) { group in
            for gate in gates { group.addTask { await host.invoke("f", payload: gate.event) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        for gate in gates {
            try await eventually("event began") { FileManager.default.fileExists(atPath: gate.began.path) }
        }
        #expect(await host.invoke("f", payload: gates[0].event) == .throttled)
        try Data().write(to: gates[0].go)
        let answers = Set(await outcomes.map(\.summary))
        #expect(answers.count == 3)
        #expect(await host.status().first?.environments.count == 3)
        await test.end()
    }

    @Test func `beyond the machine's own limit events wait`() async throws {
        let test = try await TestHost(["f": Self.gated], configure: { $0.concurrencyPerFunction = 2 })
        let host = test.host
        let gates = (0..<6).map { gate(test, "\($0)") }
        async let outcomes = withTaskGroup(of: InvocationOutcome.self) { group in
            for gate in gates { group.addTask { await host.invoke("f", payload: gate.event) } }
            return await group.reduce(into: []) { $0.append($1) }
        }
        try await eventually("four wait") { await host.status().first?.waiting == 4 }
        try Data().write(to: gates[0].go)
        let answers = await outcomes.map(\.summary)
        #expect(answers.count == 6 && Set(answers).count == 2)
        await test.end()
    }

    @Test func `a function that takes too long is killed, and the next event finds a fresh one`() async throws
    {
        let test = try await TestHost(
            ["f": TestHost.handler("def handle(event): return time.sleep(event) or os.getpid()")],
            place: { $0.timeoutSeconds = 1 })
        let first = try #require(try await test.ask("f", "0") as? Int)
        let outcome = try await test.send("f", "60")
        #expect(outcome.errorType == "Sandbox.Timedout")
        #expect(outcome.summary.contains("Error: Task timed out after 1.00 seconds"))
        let second = try #require(try await test.ask("f", "0") as? Int)
        #expect(first != second)
        #expect(processState(Int32(first)) == nil)
        #expect(test.lines.text.contains("Status: timeout"))
        await test.end()
    }

    @Test func `a crash is an error of its event alone`() async throws {
        let test = try await TestHost([
            "f": TestHost.handler(
                """
                def handle(event):
                    if event == "exit": print("farewell"); sys.stdout.flush(); os._exit(3)
                    if event == "kill": os.kill(os.getpid(), signal.SIGKILL)
                    return os.getpid()
                """)
        ])
        let exit = try await test.send("f", #""exit""#)
        #expect(exit.errorType == "Runtime.ExitError")
        #expect(exit.summary.contains("Error: Runtime exited with error: exit status 3"))
        guard case .functionError(_, _, let log) = exit else { throw CancellationError() }
        #expect(log.contains("farewell"))
        let process = try #require(try await test.ask("f") as? Int)
        let killed = try await test.send("f", #""kill""#)
        #expect(killed.summary.contains("signal: killed"))
        let other = try #require(try await test.ask("f") as? Int)
        #expect(process != other)
        try await test.settled()
        // Killed while it had nothing to do: nobody notices.
        kill(Int32(other), SIGKILL)
        try await eventually("dead") { processState(Int32(other)) == nil }
        #expect(try await test.ask("f") as? Int != other)
        await test.end()
    }

    @Test func `an idle environment is frozen and thaws with the next event`() async throws {
        let test = try await TestHost(["f": pid], configure: { $0.freezesImmediately = true })
        let process = try #require(try await test.ask("f") as? Int)
        for _ in 0..<5 {
            try await test.settled()
            try await eventually("frozen") { processState(Int32(process)) == "T" }
            #expect(try await test.ask("f") as? Int == process)
        }
        try await eventually("told as frozen") {
            await test.host.status().first?.environments.first?.state == "frozen"
        }
        await test.end()
    }

    @Test func `environments without events go`() async throws {
        let test = try await TestHost(
            ["f": pid],
            configure: {
                $0.idleSeconds = 0.3; $0.freezeMilliseconds = 20
            })
        let process = try #require(try await test.ask("f") as? Int)
        try await eventually("gone") { await test.host.status().first?.environments.isEmpty == true }
        try await eventually("process gone") { processState(Int32(process)) == nil }
        #expect(try await test.ask("f") as? Int != process)
        await test.end()
    }

    @Test func `more memory than was asked for ends the function`() async throws {
        let test = try await TestHost([
            "f": TestHost.handler("def handle(event): x = b'x' * (event << 20); return len(x)")
        ])
        #expect(try await test.ask("f", "20") as? Int == 20 << 20)
        let outcome = try await test.send("f", "300")
        #expect(outcome.errorType == "Runtime.OutOfMemory")
        #expect(try await test.ask("f", "1") as? Int == 1 << 20)
        await test.end()
    }

    @Test func `an init phase that takes too long is begun anew with its event`() async throws {
        let test = try await TestHost(
            [
                "f": TestHost.prelude + """
                    if os.environ["ATTEMPT"] == "1": time.sleep(60)
                    while True:
                        id, _, _ = poll()
                        answer(id, os.getpid())
                    """
            ],
            configure: { configuration in
                let attempts = Attempts()
                configuration.initSeconds = 0.2
                configuration.variables = { _ in ["ATTEMPT": String(attempts.next())] }
            })
        _ = try await test.ask("f")
        #expect(test.lines.all.filter { $0.text.hasPrefix("INIT_REPORT") }.count == 1)
        #expect(test.lines.text.contains("Status: timeout"))
        await test.end()
    }

    @Test func `a program built anew replaces the old one`() async throws {
        let test = try await TestHost(["f": TestHost.handler("def handle(event): return 'old'")])
        #expect(try await test.ask("f") as? String == "old")
        try TestHost.write(
            TestHost.handler("def handle(event): return 'new'"), to: test.folder.appending(path: "code/f"))
        try await eventually("the new one answers") { try await test.ask("f") as? String == "new" }
        await test.end()
    }

    @Test func `a missing program is told as such`() async throws {
        let test = try await TestHost(["f": pid])
        try FileManager.default.removeItem(at: test.folder.appending(path: "code/f"))
        let outcome = await test.host.invoke("f", payload: [])
        #expect(outcome.errorType == "Runtime.InvalidEntrypoint")
        #expect(await test.host.invoke("nobody", payload: []) == .noSuchFunction)
        await test.end()
    }

    @Test func `what a function prints is told line by line between START and REPORT`() async throws {
        let test = try await TestHost([
            "f": TestHost.handler(
                """
                print("hello from init", flush=True)
                def handle(event):
                    print("one\\ntwo", flush=True)
                    print("three", file=sys.stderr, flush=True)
                    sys.stdout.write("unfinished"); sys.stdout.flush()
                    return 1
                """)
        ])
        let outcome = try await test.send("f", "{}")
        guard case .response(_, let log) = outcome else { throw CancellationError() }
        #expect(
            log.dropLast().map { $0.split(separator: " ")[0] } == ["START", "one", "two", "three", "END"])
        let report = try #require(log.last)
        #expect(
            report.wholeMatch(
                of:
                    /REPORT RequestId: [0-9a-f-]{36}\tDuration: [0-9.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\tMax Memory Used: \d+ MB\tInit Duration: [0-9.]+ ms/
            )
                != nil)
        #expect(test.lines.all.first?.text == "hello from init")
        #expect(test.lines.all.allSatisfy { $0.function == "f" })
        await test.end()
    }

    @Test func `nothing is left after the end, not even what functions started`() async throws {
        let test = try await TestHost([
            "f": TestHost.handler(
                """
                def handle(event):
                    return [os.getpid(), subprocess.Popen(["sleep", "1000"]).pid]
                """)
        ])
        let processes = try #require(try await test.ask("f") as? [Int])
        await test.end()
        for process in processes {
            try await eventually("\(process) is gone") { processState(Int32(process)) == nil }
        }
    }
}
