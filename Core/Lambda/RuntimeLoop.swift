internal import Glibc

/// Polls, handles, answers and polls again, until the platform wants this process to end or leaves no way to
/// go on.
struct RuntimeLoop {
    private let api: RuntimeAPI
    private let shutdown: Shutdown
    /// Publishes the trace of the current event to the process, or takes it back.
    private let trace: (String?) -> Void
    /// Takes the spans of an event once it is answered; nil where nobody collects them.
    private let exporter: TraceExporter?

    /// So often is an address tried at which nobody listens, in about two seconds.
    private static let attempts = 10

    init(
        _ api: RuntimeAPI, shutdown: Shutdown, trace: @escaping (String?) -> Void,
        exporter: TraceExporter? = nil
    ) {
        (self.api, self.shutdown, self.trace, self.exporter) = (api, shutdown, trace, exporter)
    }

    /// The status with which the process is to exit.
    func run<World: Serving>(_ start: () throws -> World, _ triggers: Triggers<World>) -> Int32 {
        let world: World
        do { world = try start() } catch {
            logFailure("the function could not start", error, level: .fatal)
            _ = api.reportInit(FailureReport(error))
            return 1
        }
        api.registerForShutdown()
        var isFirst = true
        while true {
            switch next() {
            case .end(let status): return status
            case .event(let event):
                trace(event.invocation.traceID)
                world.begin(event.invocation)
                let status = Log.$invocation.withValue(event.invocation) {
                    Metrics.event(event.invocation, isFirst: isFirst) {
                        Trace.invocation(event.invocation, isFirst: isFirst, exporter?.recorder) {
                            handle(event, triggers, in: world)
                        }
                    }
                }
                exporter?.send()
                isFirst = false
                if let status { return status }
            }
        }
    }

    private enum Next {
        case event(RuntimeEvent)
        case end(status: Int32)
    }

    /// A poll that was closed has taken no event, so it is simply made again, and so is one that broke off in
    /// the middle of an event: the platform then hands out the same event once more.
    private func next() -> Next {
        var failures = 0
        while !shutdown.isRequested {
            do {
                let answer = try api.poll(endingWith: shutdown)
                if let event = RuntimeEvent(answer), answer.status == 200 { return .event(event) }
                // 403: the platform and we disagree about whose turn it is, and polling on would spin. 500:
                // it broke.
                return giveUp("the poll was refused", ["status": answer.status])
            } catch .tooLarge(let answer) {
                guard let event = RuntimeEvent(answer) else {
                    return giveUp("an event too large, without an id")
                }
                if let status = refuseOversized(event) { return .end(status: status) }
            } catch .malformed(let reason) {
                return giveUp("the poll was answered with something else than HTTP", ["reason": reason])
            } catch {
                failures += 1
                if error == .refused && failures >= Self.attempts { return giveUp("nobody listens") }
                pause(after: failures)
            }
        }
        return .end(status: 0)
    }

    private func giveUp(
        _ message: StaticString, _ fields: [String: any CustomStringConvertible & Sendable] = [:]
    ) -> Next {
        log(message, fields, level: .fatal)
        return .end(status: 1)
    }

    /// Not after the first failure, for an idle connection may be closed at any time; then 2, 4, 8 …
    /// milliseconds, a second at most.
    private func pause(after failures: Int) {
        guard failures > 1, !shutdown.isRequested else { return }
        usleep(UInt32(min(1_000_000, 1_000 << min(failures, 10))))
    }

    private func handle<World>(_ event: RuntimeEvent, _ triggers: Triggers<World>, in world: World) -> Int32?
    {
        do {
            switch try triggers.outcome(of: event.payload, event.invocation, in: world) {
            case .answer(let body): return status(after: api.respond(body, to: event))
            case .stream(let response): return status(after: api.stream(response, to: event))
            }
        } catch {
            logFailure("the event failed", error)
            Telling.fault(error)
            return status(after: api.report(FailureReport(error), for: event))
        }
    }

    private func refuseOversized(_ event: RuntimeEvent) -> Int32? {
        log("an event too large", ["limit": AnswerReader.largestBody], level: .error)
        let report = FailureReport(
            reason: "EventTooLarge", message: "The event is larger than any event may be.")
        return status(after: api.report(report, for: event))
    }

    /// A refused answer is lost, and so is only this event: after 413 and the like the platform wants the
    /// next poll, and no `/error`.
    private func status(after delivery: RuntimeAPI.Delivery) -> Int32? {
        switch delivery {
        case .accepted: return nil
        case .refused(let status): log("the answer was refused", ["status": status], level: .error)
        case .lost: log("the answer could not be sent", level: .error)
        case .fatal(let status):
            log("the platform broke", ["status": status], level: .fatal)
            return 1
        }
        return nil
    }
}
