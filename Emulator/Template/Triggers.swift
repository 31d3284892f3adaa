/// An `HttpApi` event: one route of one API.
public struct Route: Hashable, Sendable {
    /// The event's name in the template.
    public var name: String
    /// Logical id of the `HTTPAPI` it belongs to.
    public var api: String
    /// Upper case; `ANY` for every method.
    public var method: String
    /// `/cart/items/{id}`, `/files/{proxy+}`; `$default` for what no other route takes.
    public var path: String
    public var authorization: RouteAuthorization
    /// 50 to 30,000: how long the gateway waits for the function.
    public var timeoutMilliseconds: Int

    public init(
        name: String, api: String, method: String, path: String, authorization: RouteAuthorization = .none,
        timeoutMilliseconds: Int = 30_000
    ) {
        self.name = name
        self.api = api
        self.method = method
        self.path = path
        self.authorization = authorization
        self.timeoutMilliseconds = timeoutMilliseconds
    }

    /// As payload format 2.0 spells it: `GET /cart/items/{id}` or `$default`.
    public var key: String {
        path == "$default" ? path : "\(method) \(path)"
    }
}

public enum RouteAuthorization: Hashable, Sendable {
    case none
    /// The name of a `JWTAuthorizer` of the route's API, and the scopes of which a token must hold one
    /// (none needed when empty).
    case jwt(authorizer: String, scopes: [String])
}

/// An `S3` event, or a line of a bucket's own `NotificationConfiguration.LambdaConfigurations`.
public struct StorageTrigger: Hashable, Sendable {
    public var name: String
    /// Physical name of the bucket.
    public var bucket: String
    /// `s3:ObjectCreated:*`, `s3:ObjectRemoved:Delete` …
    public var events: [String]
    public var prefix: String
    public var suffix: String

    public init(name: String, bucket: String, events: [String], prefix: String = "", suffix: String = "") {
        self.name = name
        self.bucket = bucket
        self.events = events
        self.prefix = prefix
        self.suffix = suffix
    }

    /// `eventName` as records carry it, without `s3:`: `ObjectCreated:Put`.
    public func matches(eventName: String, key: String) -> Bool {
        guard key.hasPrefix(prefix), key.hasSuffix(suffix) else { return false }
        let full = "s3:\(eventName)"
        return events.contains { $0.hasSuffix("*") ? full.hasPrefix($0.dropLast()) : full == $0 }
    }
}

/// An `SQS` event: the function is handed batches of the queue's messages.
public struct QueueTrigger: Hashable, Sendable {
    public var name: String
    public var queueARN: String
    public var batchSize: Int
    public var batchingWindowSeconds: Int
    /// `ScalingConfig.MaximumConcurrency`: how many batches may be under way at once.
    public var maximumConcurrency: Int?
    /// `FunctionResponseTypes: [ReportBatchItemFailures]`.
    public var reportsBatchItemFailures: Bool
    public var enabled: Bool

    public init(
        name: String, queueARN: String, batchSize: Int = 10, batchingWindowSeconds: Int = 0,
        maximumConcurrency: Int? = nil, reportsBatchItemFailures: Bool = false, enabled: Bool = true
    ) {
        self.name = name
        self.queueARN = queueARN
        self.batchSize = batchSize
        self.batchingWindowSeconds = batchingWindowSeconds
        self.maximumConcurrency = maximumConcurrency
        self.reportsBatchItemFailures = reportsBatchItemFailures
        self.enabled = enabled
    }

    /// The last part of the ARN.
    public var queueName: String {
        String(queueARN.split(separator: ":").last ?? "")
    }
}

/// A `Schedule` event (an EventBridge rule) or `ScheduleV2` event (EventBridge Scheduler).
public struct Schedule: Hashable, Sendable {
    /// The event's name in the template.
    public var name: String
    /// The physical name of the rule or schedule: what a scheduled event's `resources` name.
    public var ruleName: String
    public var arn: String
    public var kind: Kind
    public var expression: Expression
    /// JSON text sent instead of the default event.
    public var input: String?
    public var enabled: Bool
    /// IANA name; UTC for rules.
    public var timeZone: String

    public enum Kind: Hashable, Sendable {
        case rule
        case scheduler
    }

    public enum Expression: Hashable, Sendable {
        case rate(seconds: Int)
        /// Six fields: minutes, hours, day of month, month, day of week, year.
        case cron(fields: [String])
        /// `yyyy-mm-ddThh:mm:ss` in the schedule's time zone; `ScheduleV2` only.
        case at(String)
    }

    public init(
        name: String, ruleName: String, arn: String, kind: Kind, expression: Expression, input: String? = nil,
        enabled: Bool = true, timeZone: String = "UTC"
    ) {
        self.name = name
        self.ruleName = ruleName
        self.arn = arn
        self.kind = kind
        self.expression = expression
        self.input = input
        self.enabled = enabled
        self.timeZone = timeZone
    }
}
