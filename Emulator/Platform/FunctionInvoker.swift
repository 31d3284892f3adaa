/// What runs functions, as the gateway, the triggers and the scheduler see it.
public protocol FunctionInvoker: Sendable {
    /// Waits for the answer. Throttled, crashed and timed-out are values, not errors.
    func invoke(_ function: String, payload: [UInt8], traceID: String?) async -> InvocationOutcome
}

public enum InvocationOutcome: Sendable, Hashable {
    /// What the function answered, and the last lines it logged.
    case response([UInt8], log: [String])
    /// The function failed, crashed or ran out of time. `type` is what the platform makes of it
    /// (`Function.…`, `Runtime.…`, `Sandbox.Timedout`), `payload` the JSON error document.
    case functionError(type: String, payload: [UInt8], log: [String])
    /// Every environment the function may have is busy.
    case throttled
    case noSuchFunction
    /// The event is larger than a synchronous event may be (6 MiB).
    case tooLarge
}
