internal import Glibc

/// The runtime of a function: ask for an event, handle it, answer, ask again.
public enum Lambda {
    /// Serves events for as long as the process lives, each to the trigger whose shape it has.
    ///
    /// - `start` makes the world once, before the first event; when it throws, the process ends.
    /// - `http` answers requests; what it throws becomes a problem.
    /// - `storage`, `schedule` and `bus` take one record, one moment, one fact; when they throw, the event is sent
    ///   again.
    /// - `queue` takes one message; when it throws, only that message comes again.
    /// - `direct` takes what none of the others does, and answers bytes that must be JSON.
    public static func serve<World: Serving>(
        _ start: () throws -> World,
        http: ((Request, World) throws -> Response)? = nil,
        storage: ((StorageRecord, World) throws -> Void)? = nil,
        queue: ((QueueMessage, World) throws -> Void)? = nil,
        schedule: ((ScheduleEvent, World) throws -> Void)? = nil,
        bus: ((BusEvent, World) throws -> Void)? = nil,
        direct: (([UInt8], World) throws -> [UInt8])? = nil
    ) -> Never {
        let triggers = Triggers(
            http: http, storage: storage, queue: queue, schedule: schedule, bus: bus, direct: direct)
        run(start, triggers)
    }

    /// Serves requests whose answers are sent while they are made. The trigger must expect it: a function URL
    /// or an integration whose invoke mode is `RESPONSE_STREAM`.
    public static func serveStreaming<World: Serving>(
        _ start: () throws -> World, http: @escaping (Request, World) throws -> StreamedResponse
    ) -> Never {
        run(start, Triggers(streamedHTTP: http))
    }

    private static func run<World: Serving>(_ start: () throws -> World, _ triggers: Triggers<World>) -> Never
    {
        guard let address = environment("AWS_LAMBDA_RUNTIME_API").flatMap(RuntimeAddress.init) else {
            log("AWS_LAMBDA_RUNTIME_API is not set to a host and a port", level: .fatal)
            exit(1)
        }
        Shutdown.onSignal.listen()
        let loop = RuntimeLoop(
            RuntimeAPI(address), shutdown: .onSignal, trace: exportTrace, exporter: .live())
        exit(loop.run(start, triggers))
    }

    /// Where tracing libraries look for the trace of the current event.
    private static func exportTrace(_ trace: String?) {
        if let trace { setenv("_X_AMZN_TRACE_ID", trace, 1) } else { unsetenv("_X_AMZN_TRACE_ID") }
    }
}

public func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
