public import Foundation
public import Template

/// How functions are run on this machine.
public struct HostConfiguration: Sendable {
    public var place: Place
    /// Task folders and undelivered asynchronous events are kept here.
    public var stateFolder: URL
    /// What `CodeUri` is relative to: the folder of the template.
    public var codeFolder: URL
    /// The program of a function; nil looks for `CodeUri`/bootstrap.
    public var executable: @Sendable (Function) -> URL?
    /// More that a bundle holds beside its program, by name: `Migrations`.
    public var taskLinks: [String: URL]
    /// Added to the template's own variables, and before them: addresses of stand-ins, keys of this machine.
    public var variables: @Sendable (Function) -> [String: String]
    /// How many environments a function may have that sets no `ReservedConcurrentExecutions`. This limit is
    /// the machine's, not the template's: beyond it events wait, up to `patienceSeconds`, before they are
    /// throttled, while beyond a limit of the template they are throttled at once.
    public var concurrencyPerFunction = 10
    public var patienceSeconds = 10.0
    /// An environment that had nothing to do for so long is ended.
    public var idleSeconds = 300.0
    /// An idle environment is stopped after so long, as Lambda freezes it, so that what a function does
    /// between events shows here first.
    public var freezeMilliseconds = 100
    public var freezesImmediately = false
    public var initSeconds = 10.0
    /// Between the attempts at an asynchronous event. A minute and two on the real platform; throttled events
    /// are tried again after the last of these until they are too old.
    public var retryDelaySeconds = [1.0, 2.0]
    /// Takes what an asynchronous event leaves behind to the queue or function of this ARN.
    public var deliver: @Sendable (AsynchronousLetter) async throws -> Void = { _ in }
    public var log: @Sendable (LogLine) -> Void = { _ in }
    /// Whether the trace of an event that comes without one is written down.
    public var samplesTraces = false
    /// Told when an event is handed over, and when its outcome is known.
    public var observe: @Sendable (InvocationNotice) -> Void = { _ in }

    public init(
        place: Place = Place(), stateFolder: URL, codeFolder: URL,
        executable: @escaping @Sendable (Function) -> URL? = { _ in nil }, taskLinks: [String: URL] = [:],
        variables: @escaping @Sendable (Function) -> [String: String] = { _ in [:] }
    ) {
        self.place = place
        self.stateFolder = stateFolder
        self.codeFolder = codeFolder
        self.executable = executable
        self.taskLinks = taskLinks
        self.variables = variables
    }
}

/// What happens to an event in an environment.
public enum InvocationNotice: Sendable {
    case began(InvocationEvent, function: String, environment: String)
    case ended(InvocationReport)
}

/// As the line REPORT tells it.
public struct InvocationReport: Sendable {
    public var requestID: String
    /// nil when the function answered.
    public var errorType: String?
    public var milliseconds: Double
    /// Of the first event of an environment.
    public var initMilliseconds: Double?
    public var memoryBytes: Int
}

/// What is left of an asynchronous event that nobody retries any more, or that succeeded and has a
/// destination for that.
public struct AsynchronousLetter: Hashable, Sendable {
    /// ARN of a queue or function.
    public var target: String
    public var body: [UInt8]
    /// Message attributes of a dead letter: `RequestID`, `ErrorCode`, `ErrorMessage`.
    public var attributes: [String: String]

    public init(target: String, body: [UInt8], attributes: [String: String] = [:]) {
        self.target = target
        self.body = body
        self.attributes = attributes
    }
}

public struct EnvironmentStatus: Hashable, Sendable, Codable {
    public var id: String
    /// `starting`, `ready`, `frozen`, `running`, `answered`, `gone`.
    public var state: String
    public var process: Int32?
    public var invocations: Int
    public var memoryBytes: Int
}

public struct FunctionStatus: Hashable, Sendable, Codable {
    public var name: String
    public var limit: Int
    /// Events that wait for an environment.
    public var waiting: Int
    public var environments: [EnvironmentStatus]
}
