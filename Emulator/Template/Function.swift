/// An `AWS::Serverless::Function` after `Globals` were merged into it.
public struct Function: Hashable, Sendable {
    public var logicalID: String
    /// The physical name: `FunctionName`, or the logical id where none is given.
    public var name: String
    public var arn: String
    public var handler: String
    public var runtime: String
    /// Relative to the folder of the template; nil for a container image.
    public var codeURI: String?
    public var memoryMegabytes: Int
    public var timeoutSeconds: Int
    public var environment: [String: String]
    /// `ReservedConcurrentExecutions`.
    public var concurrencyLimit: Int?
    public var logFormat: LogFormat
    public var routes: [Route]
    public var storageTriggers: [StorageTrigger]
    public var queueTriggers: [QueueTrigger]
    public var schedules: [Schedule]
    public var busTriggers: [BusTrigger]
    public var asynchronous: AsynchronousInvocation
    /// Kept as written and not interpreted: who may do what is proven on the real platform.
    public var policies: Value

    public enum LogFormat: String, Hashable, Sendable {
        case text = "Text"
        case json = "JSON"
    }

    public init(
        logicalID: String, name: String, arn: String, handler: String = "bootstrap",
        runtime: String = "provided.al2023", codeURI: String? = nil, memoryMegabytes: Int = 128,
        timeoutSeconds: Int = 3, environment: [String: String] = [:], concurrencyLimit: Int? = nil,
        logFormat: LogFormat = .text, routes: [Route] = [], storageTriggers: [StorageTrigger] = [],
        queueTriggers: [QueueTrigger] = [], schedules: [Schedule] = [], busTriggers: [BusTrigger] = [],
        asynchronous: AsynchronousInvocation = AsynchronousInvocation(), policies: Value = .null
    ) {
        self.logicalID = logicalID
        self.name = name
        self.arn = arn
        self.handler = handler
        self.runtime = runtime
        self.codeURI = codeURI
        self.memoryMegabytes = memoryMegabytes
        self.timeoutSeconds = timeoutSeconds
        self.environment = environment
        self.concurrencyLimit = concurrencyLimit
        self.logFormat = logFormat
        self.routes = routes
        self.storageTriggers = storageTriggers
        self.queueTriggers = queueTriggers
        self.schedules = schedules
        self.busTriggers = busTriggers
        self.asynchronous = asynchronous
        self.policies = policies
    }
}

/// How events of the invocation type `Event` are retried, and where they end when nothing helps.
public struct AsynchronousInvocation: Hashable, Sendable {
    /// 0 to 2.
    public var maximumRetries: Int
    public var maximumAgeSeconds: Int
    /// ARN of `DeadLetterQueue` : gets the event itself.
    public var deadLetterTarget: String?
    /// ARNs of `EventInvokeConfig.DestinationConfig` : get a record about the event.
    public var onFailure: String?
    public var onSuccess: String?

    public init(
        maximumRetries: Int = 2, maximumAgeSeconds: Int = 21_600, deadLetterTarget: String? = nil,
        onFailure: String? = nil, onSuccess: String? = nil
    ) {
        self.maximumRetries = maximumRetries
        self.maximumAgeSeconds = maximumAgeSeconds
        self.deadLetterTarget = deadLetterTarget
        self.onFailure = onFailure
        self.onSuccess = onSuccess
    }
}
