/// What a queue promises. Times in seconds, as SQS has them.
public struct QueueSettings: Codable, Hashable, Sendable {
    public var visibilityTimeoutSeconds: Int
    public var delaySeconds: Int
    public var retentionSeconds: Int
    public var receiveWaitSeconds: Int
    /// Of a message with its attributes.
    public var maximumBytes: Int
    public var redrive: Redrive?

    /// Messages received so often and never deleted go to another queue.
    public struct Redrive: Codable, Hashable, Sendable {
        public var deadLetterQueue: String
        public var maximumReceiveCount: Int

        public init(deadLetterQueue: String, maximumReceiveCount: Int) {
            (self.deadLetterQueue, self.maximumReceiveCount) = (deadLetterQueue, maximumReceiveCount)
        }
    }

    /// The defaults are SQS's own.
    public init(
        visibilityTimeoutSeconds: Int = 30, delaySeconds: Int = 0, retentionSeconds: Int = 345_600,
        receiveWaitSeconds: Int = 0, maximumBytes: Int = 1 << 20, redrive: Redrive? = nil
    ) {
        (self.visibilityTimeoutSeconds, self.delaySeconds) = (visibilityTimeoutSeconds, delaySeconds)
        (self.retentionSeconds, self.receiveWaitSeconds) = (retentionSeconds, receiveWaitSeconds)
        (self.maximumBytes, self.redrive) = (maximumBytes, redrive)
    }

    static let visibilitySeconds = 0...43_200
    static let delaySeconds = 0...900
    static let retentionSeconds = 60...1_209_600
    static let waitSeconds = 0...20
    static let maximumBytes = 1024...(1 << 20)
}
