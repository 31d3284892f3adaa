import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import Template

/// How an environment starts, rests and ends.
extension ExecutionEnvironment {
    func start() {
        phase = .starting
        let bound = ServerBootstrap(group: loop)
            .serverChannelOption(ChannelOptions.backlog, value: 64)
            .childChannelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .childChannelOption(ChannelOptions.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let decoder = HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)
                    try channel.pipeline.syncOperations.addHandlers([
                        ByteToMessageHandler(decoder), RuntimeConnection(self),
                    ])
                }
            }
            .bind(host: "127.0.0.1", port: 0)
        bound.whenComplete { result in
            self.assumeIsolated { $0.listening(result) }
        }
    }

    private func listening(_ result: Result<any Channel, any Error>) {
        switch result {
        case .success(let channel):
            guard phase == .starting else {
                channel.close(promise: nil)
                return
            }
            server = channel
            launch()
        case .failure(let error):
            finish(.failed("Sandbox.Failure", "no address for the runtime API: \(error)"))
            end()
        }
    }

    /// The first start has the init phase to itself; a second one, after a failed first, takes its time from
    /// the event it is for, which Lambda calls a suppressed init.
    private func launch() {
        guard let port = server?.localAddress?.port else { return }
        startAttempts += 1
        initStart = .now()
        initError = nil
        if startAttempts == 1 {
            let seconds = function.settings.initSeconds
            timeLimit = after(.nanoseconds(Int64(seconds * 1e9))) { $0.initTookTooLong() }
        } else if let work {
            beginTurn(work.event)
        }
        do {
            let program = try function.program(runtimeAPI: "127.0.0.1:\(port)", environment: id)
            let attempt = startAttempts
            process = ChildProcess(
                program, guardian: guardian, onLine: { [log] in log.add($0) },
                onEnd: { end in
                    self.loop.execute { self.assumeIsolated { $0.ended(attempt, end) } }
                })
            schedule(tickIn: .milliseconds(50))
        } catch {
            fail("Runtime.InvalidEntrypoint", "\(error)")
        }
    }

    private func fail(_ type: String, _ message: String) {
        if let requestID = work?.event.requestID {
            finish(.failed(type, "RequestId: \(requestID) Error: \(message)"))
        }
        end()
    }

    /// The first poll has come.
    func started() {
        initMilliseconds = Double((NIODeadline.now() - initStart).nanoseconds) / 1_000_000
        if startAttempts == 1 { timeLimit?.cancel() }
        phase = .ready
        if work != nil { deliver() } else { rest() }
    }

    /// Nothing is under way: the pool may hand over the next event.
    func rest() {
        phase = .ready
        timeLimit?.cancel()
        turn = nil
        idleSince = .now()
        if function.settings.freezesImmediately {
            freeze()
        } else {
            schedule(tickIn: .milliseconds(Int64(function.settings.freezeMilliseconds)))
        }
        notify(.ready, self)
    }

    private func initTookTooLong() {
        guard phase == .starting, startAttempts == 1 else { return }
        initFailed(.failed("Sandbox.Timedout", "the init phase was not over in time"), status: "timeout")
    }

    func initFailed(_ outcome: InvocationOutcome, status: String) {
        process?.drain()
        let milliseconds = Double((NIODeadline.now() - initStart).nanoseconds) / 1_000_000
        let line = function.initLine(milliseconds: milliseconds, status: status, errorType: outcome.errorType)
        log.add(line, isFromPlatform: true)
        guard startAttempts == 1, work != nil else {
            finish(outcome)
            end()
            return
        }
        timeLimit?.cancel()
        closeConnections()
        guard let process else { return launch() }
        // Two processes at one address would take each other's events.
        isRestarting = true
        process.signal(SIGKILL)
    }

    private func ended(_ attempt: Int, _ end: ChildProcess.End) {
        guard attempt == startAttempts else { return }
        process = nil
        if isRestarting, phase == .starting {
            isRestarting = false
            return launch()
        }
        let requestID = work?.event.requestID ?? ""
        let reason =
            end == .exited(code: 0)
            ? "Runtime exited without providing a reason"
            : "Runtime exited with error: \(end.description)"
        let crash = InvocationOutcome.failed("Runtime.ExitError", "RequestId: \(requestID) Error: \(reason)")
        switch phase {
        case .starting:
            if case .neverStarted = end { return fail("Runtime.InvalidEntrypoint", end.description) }
            initFailed(initError ?? crash, status: "error")
        case .running:
            log.add("RequestId: \(requestID) Error: \(reason)\nRuntime.ExitError", isFromPlatform: true)
            finish(crash)
            self.end()
        case .unstarted, .ready, .answered:
            self.end()
        case .gone:
            leave()
        }
    }

    /// Nothing that happens to an environment that has ended is heard any more.
    func end() {
        guard phase != .gone else { return }
        phase = .gone
        timeLimit?.cancel()
        tick?.cancel()
        server?.close(promise: nil)
        notify(.gone, self)
        guard let process else { return leave() }
        process.signal(SIGCONT)
        guard !extensions.isEmpty else {
            process.signal(SIGKILL)
            return
        }
        // What a runtime is granted that registered an internal extension.
        process.signal(SIGTERM)
        loop.scheduleTask(in: .milliseconds(500)) { process.signal(SIGKILL) }
    }

    private func leave() {
        closeConnections()
        leavers.forEach { $0.resume() }
        leavers = []
    }

    private func closeConnections() {
        parked = nil
        extensions = []
        connections.values.forEach { $0.close() }
    }

    // MARK: Rest

    func freeze() {
        guard phase == .ready, !isFrozen else { return }
        isFrozen = true
        process?.signal(SIGSTOP)
        schedule(tickIn: .nanoseconds(Int64(function.settings.idleSeconds * 1e9)))
    }

    func thaw() {
        guard isFrozen else { return }
        isFrozen = false
        process?.signal(SIGCONT)
    }

    /// One timer for all that is looked after now and then; an earlier one than wanted does no harm.
    func schedule(tickIn delay: TimeAmount) {
        let due = NIODeadline.now() + delay
        guard tick == nil || due < tickDue else { return }
        tick?.cancel()
        tickDue = due
        tick = after(delay) { environment in
            environment.tick = nil
            environment.lookAfter()
        }
    }

    private func lookAfter() {
        switch phase {
        case .unstarted, .gone: return
        case .starting, .running, .answered:
            sampleMemory()
            guard memoryBytes > function.memoryLimitBytes else {
                return schedule(tickIn: .milliseconds(50))
            }
            finish(outOfMemory(work?.event.requestID ?? ""))
            end()
        case .ready:
            let idle = NIODeadline.now() - idleSince
            let freeze = TimeAmount.milliseconds(Int64(function.settings.freezeMilliseconds))
            let expiry = TimeAmount.nanoseconds(Int64(function.settings.idleSeconds * 1e9))
            if idle >= expiry { return notify(.unused, self) }
            if idle < freeze { return schedule(tickIn: min(freeze, expiry) - idle) }
            self.freeze()
            schedule(tickIn: expiry - idle)
        }
    }

    func sampleMemory() {
        memorySampled = .now()
        guard let identifier = process?.identifier else { return }
        memoryBytes = max(ProcessMemory.used(by: identifier), 0)
    }

    func after(
        _ delay: TimeAmount, _ body: @escaping @Sendable (isolated ExecutionEnvironment) -> Void
    ) -> Scheduled<Void> {
        loop.scheduleTask(in: delay) { [weak self] in
            self?.assumeIsolated { body($0) }
        }
    }
}
