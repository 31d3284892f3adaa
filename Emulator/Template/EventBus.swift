/// An `AWS::Events::EventBus`.
public struct EventBus: Hashable, Sendable {
    public var logicalID: String
    public var name: String

    public init(logicalID: String, name: String) { (self.logicalID, self.name) = (logicalID, name) }
}

/// An `EventBridgeRule` event: the function is handed those events of a bus that the pattern takes.
public struct BusTrigger: Hashable, Sendable {
    /// The event's name in the template.
    public var name: String
    /// The physical name of the rule.
    public var ruleName: String
    public var arn: String
    /// The bus's name.
    public var bus: String
    /// JSON.
    public var pattern: String
    /// JSON text sent instead of the event.
    public var input: String?
    /// 0 to 185.
    public var maximumRetries: Int
    /// 60 to 86,400.
    public var maximumAgeSeconds: Int
    /// ARN of a queue.
    public var deadLetterTarget: String?
    public var enabled: Bool

    public init(
        name: String, ruleName: String, arn: String, bus: String, pattern: String, input: String? = nil,
        maximumRetries: Int = 185, maximumAgeSeconds: Int = 86_400, deadLetterTarget: String? = nil,
        enabled: Bool = true
    ) {
        (self.name, self.ruleName, self.arn, self.bus) = (name, ruleName, arn, bus)
        (self.pattern, self.input) = (pattern, input)
        (self.maximumRetries, self.maximumAgeSeconds) = (maximumRetries, maximumAgeSeconds)
        (self.deadLetterTarget, self.enabled) = (deadLetterTarget, enabled)
    }
}
