import Foundation
import Groundwork
import NIOCore
import Template

/// One sandbox of a function: an address of its own for the runtime API, and the process that polls it, which
/// is given one event at a time. All of it happens on one event loop.
actor ExecutionEnvironment {
    /// What the pool is told.
    enum Notice: Sendable {
        /// The answer has come; the next poll, with which the environment is free, has not.
        case answered
        case ready
        /// Not needed for so long that it may go.
        case unused
        case gone
    }

    enum Phase: String, Sendable {
        case unstarted, starting, ready, running, answered, gone
    }

    /// An event and who waits for its outcome.
    struct Work {
        var event: InvocationEvent
        var outcome: CheckedContinuation<InvocationOutcome?, Never>
    }

    /// When the event under way was handed over, and when its time is up.
    struct Turn {
        var requestID: String
        var start: NIODeadline
        var deadlineMilliseconds: Int
    }

    nonisolated let id = UUID().uuidString.lowercased()
    nonisolated let function: DeployedFunction
    nonisolated let loop: any EventLoop
    nonisolated let unownedExecutor: UnownedSerialExecutor
    private let executor: any SerialExecutor
    let guardian: Guardian
    let log: FunctionLog
    let notify: @Sendable (Notice, ExecutionEnvironment) -> Void

    var phase = Phase.unstarted
    var work: Work?
    var turn: Turn?
    /// The id of an event whose answer was refused, e.g. as too large: it cannot be answered again.
    var refusedID: String?
    var server: (any Channel)?
    var connections: [ObjectIdentifier: RuntimeConnection] = [:]
    /// The connection that waits for an event.
    var parked: RuntimeConnection?
    var extensions: [RuntimeExtension] = []

    var process: ChildProcess?
    var isFrozen = false
    var startAttempts = 0
    var initStart = NIODeadline.now()
    /// Told once, in the first report.
    var initMilliseconds: Double?
    var initError: InvocationOutcome?
    /// A process whose init failed is being killed, and another one will take its place.
    var isRestarting = false
    var leavers: [CheckedContinuation<Void, Never>] = []

    var timeLimit: Scheduled<Void>?
    var tick: Scheduled<Void>?
    var tickDue = NIODeadline.now()
    var idleSince = NIODeadline.now()
    var memorySampled = NIODeadline.now()
    var memoryBytes = 0
    var invocations = 0

    init(
        _ function: DeployedFunction, on loop: any EventLoop, guardian: Guardian,
        notify: @escaping @Sendable (Notice, ExecutionEnvironment) -> Void
    ) {
        self.function = function
        self.loop = loop
        self.guardian = guardian
        self.notify = notify
        executor = loop.executor
        unownedExecutor = executor.asUnownedSerialExecutor()
        log = FunctionLog(function: function.name, environment: id, sink: function.settings.log)
    }

    /// nil when the environment had gone before the event was handed over: another one may take it.
    func invoke(_ event: InvocationEvent) async -> InvocationOutcome? {
        await withCheckedContinuation { outcome in
            work = Work(event: event, outcome: outcome)
            switch phase {
            case .unstarted: start()
            case .ready where process?.hasEnded == false: deliver()
            case .ready, .starting, .running, .answered, .gone:
                work = nil
                outcome.resume(returning: nil)
            }
        }
    }

    /// Ends the process, gracefully where it asked for that, and returns when nothing of it is left.
    func stop() async {
        if let work {
            self.work = nil
            log.add("The emulator stops while the event is under way.", isFromPlatform: true)
            work.outcome.resume(
                returning: .failed("Sandbox.Failure", "the emulator was stopped", log: log.end()))
        }
        end()
        guard process != nil else { return }
        await withCheckedContinuation { leavers.append($0) }
    }

    func status() -> EnvironmentStatus {
        EnvironmentStatus(
            id: id, state: isFrozen ? "frozen" : phase.rawValue, process: process?.identifier,
            invocations: invocations, memoryBytes: memoryBytes)
    }

    // MARK: An event

    /// Hands the event to the runtime, which waits for one.
    func deliver() {
        guard let work else { return }
        thaw()
        if turn == nil { beginTurn(work.event) }
        phase = .running
        sendEvent()
        extensions.indices.forEach { tellExtension(at: $0) }
        schedule(tickIn: .milliseconds(50))
    }

    /// From now on the event's time runs.
    func beginTurn(_ event: InvocationEvent) {
        let seconds = function.template.timeoutSeconds
        let milliseconds = Int(Date().timeIntervalSince1970 * 1_000) + seconds * 1_000
        turn = Turn(requestID: event.requestID, start: .now(), deadlineMilliseconds: milliseconds)
        timeLimit?.cancel()
        timeLimit = after(.seconds(Int64(seconds))) { $0.timeIsUp() }
        process?.drain()
        log.begin(event.requestID)
        function.settings.observe(.began(event, function: function.name, environment: id))
        log.add(function.startLine(event.requestID), isFromPlatform: true)
    }

    func sendEvent() {
        guard let connection = parked, let event = work?.event, let turn else { return }
        parked = nil
        var headers = [
            ("Content-Type", "application/json"),
            ("Lambda-Runtime-Aws-Request-Id", event.requestID),
            ("Lambda-Runtime-Deadline-Ms", String(turn.deadlineMilliseconds)),
            ("Lambda-Runtime-Invoked-Function-Arn", function.template.arn),
            ("Lambda-Runtime-Trace-Id", event.traceID),
        ]
        if let context = event.clientContext { headers.append(("Lambda-Runtime-Client-Context", context)) }
        connection.reply(RuntimeReply(status: 200, headers: headers, body: ByteBuffer(bytes: event.payload)))
    }

    /// The event's outcome is known; the environment is free again with the next poll.
    func finish(_ outcome: InvocationOutcome) {
        guard let work else { return }
        self.work = nil
        if turn == nil { beginTurn(work.event) }
        process?.drain()
        if NIODeadline.now() - memorySampled > .milliseconds(20) { sampleMemory() }
        let isWithinMemory = memoryBytes <= function.memoryLimitBytes
        let outcome = isWithinMemory ? outcome : outOfMemory(work.event.requestID)
        if phase == .running { phase = .answered }
        invocations += 1
        report(work.event.requestID, outcome)
        let logged = outcome.logged(log.end())
        notify(.answered, self)
        work.outcome.resume(returning: logged)
        if !isWithinMemory { end() }
    }

    func outOfMemory(_ requestID: String) -> InvocationOutcome {
        .failed(
            "Runtime.OutOfMemory",
            "RequestId: \(requestID) Error: Runtime exited with error: signal: killed")
    }

    private func timeIsUp() {
        guard let turn, phase != .ready, phase != .gone else { return }
        let seconds = function.template.timeoutSeconds
        let text = "Task timed out after \(seconds).00 seconds"
        if work != nil {
            process?.drain()
            log.add("\(Timestamp.extended(Date())) \(turn.requestID) \(text)", isFromPlatform: true)
            finish(.failed("Sandbox.Timedout", "RequestId: \(turn.requestID) Error: \(text)"))
        }
        end()
    }

    private func report(_ requestID: String, _ outcome: InvocationOutcome) {
        let duration = turn.map { Double((NIODeadline.now() - $0.start).nanoseconds) / 1_000_000 } ?? 0
        let lines = function.reportLines(
            requestID, milliseconds: duration, memoryBytes: memoryBytes, initMilliseconds: initMilliseconds,
            errorType: outcome.errorType)
        let told = InvocationReport(
            requestID: requestID, errorType: outcome.errorType, milliseconds: duration,
            initMilliseconds: initMilliseconds, memoryBytes: memoryBytes)
        initMilliseconds = nil
        defer { function.settings.observe(.ended(told)) }
        lines.forEach { log.add($0, isFromPlatform: true) }
    }
}
