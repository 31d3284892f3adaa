/// An `AWS::S3::Bucket`. Triggers of functions are with the functions.
public struct Bucket: Hashable, Sendable {
    public var logicalID: String
    public var name: String
    public var arn: String
    public var cors: [CORSRule]
    /// `NotificationConfiguration.QueueConfigurations`.
    public var queueNotifications: [QueueNotification]
    public var lifecycle: [LifecycleRule]
    public var isVersioned: Bool

    public struct CORSRule: Hashable, Sendable {
        public var allowedOrigins: [String]
        public var allowedMethods: [String]
        public var allowedHeaders: [String]
        public var exposedHeaders: [String]
        public var maxAgeSeconds: Int?

        public init(
            allowedOrigins: [String], allowedMethods: [String], allowedHeaders: [String] = [],
            exposedHeaders: [String] = [], maxAgeSeconds: Int? = nil
        ) {
            self.allowedOrigins = allowedOrigins
            self.allowedMethods = allowedMethods
            self.allowedHeaders = allowedHeaders
            self.exposedHeaders = exposedHeaders
            self.maxAgeSeconds = maxAgeSeconds
        }
    }

    public struct QueueNotification: Hashable, Sendable {
        public var queueARN: String
        public var trigger: StorageTrigger

        public init(queueARN: String, trigger: StorageTrigger) {
            self.queueARN = queueARN
            self.trigger = trigger
        }
    }

    public struct LifecycleRule: Hashable, Sendable {
        public var prefix: String
        public var isEnabled: Bool
        public var expirationDays: Int?
        public var abortIncompleteUploadDays: Int?

        public init(
            prefix: String = "", isEnabled: Bool = true, expirationDays: Int? = nil,
            abortIncompleteUploadDays: Int? = nil
        ) {
            self.prefix = prefix
            self.isEnabled = isEnabled
            self.expirationDays = expirationDays
            self.abortIncompleteUploadDays = abortIncompleteUploadDays
        }
    }

    public init(
        logicalID: String, name: String, arn: String, cors: [CORSRule] = [],
        queueNotifications: [QueueNotification] = [], lifecycle: [LifecycleRule] = [],
        isVersioned: Bool = false
    ) {
        self.logicalID = logicalID
        self.name = name
        self.arn = arn
        self.cors = cors
        self.queueNotifications = queueNotifications
        self.lifecycle = lifecycle
        self.isVersioned = isVersioned
    }
}
