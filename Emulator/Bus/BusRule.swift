/// Which events of a bus go to which function, how often that is tried, and where they end when nothing helps.
public struct BusRule: Sendable {
    public let name: String
    public let arn: String
    /// The bus's name.
    public let bus: String
    public let pattern: EventPattern
    public let target: Target
    /// JSON that the function is given in the place of the event.
    public let input: String?
    public let retries: Retries
    /// ARN of a queue.
    public let deadLetters: String?

    public struct Target: Hashable, Sendable {
        public let function: String
        public let arn: String

        public init(function: String, arn: String) { (self.function, self.arn) = (function, arn) }
    }

    public struct Retries: Hashable, Sendable {
        public var most: Int
        public var maximumAgeSeconds: Int

        /// EventBridge's own: a day.
        public init(most: Int = 185, maximumAgeSeconds: Int = 86_400) {
            (self.most, self.maximumAgeSeconds) = (most, maximumAgeSeconds)
        }
    }

    public init(
        name: String, arn: String, bus: String, pattern: EventPattern, target: Target, input: String? = nil,
        retries: Retries = Retries(), deadLetters: String? = nil
    ) {
        (self.name, self.arn, self.bus, self.pattern) = (name, arn, bus, pattern)
        (self.target, self.input, self.retries, self.deadLetters) = (target, input, retries, deadLetters)
    }
}
