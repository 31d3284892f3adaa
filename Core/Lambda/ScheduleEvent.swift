public import FoundationEssentials

/// A moment that a schedule was waiting for. It may come twice, and while the last one is still being
/// handled.
/// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-run-lambda-schedule.html
public struct ScheduleEvent: Hashable, Sendable {
    public var id: String
    /// When it was due.
    public var time: Date
    public var ruleName: String?

    public init(id: String = "event", time: Date, ruleName: String? = nil) {
        (self.id, self.time, self.ruleName) = (id, time, ruleName)
    }
}

extension ScheduleEvent {
    /// The rule is the last part of the first resource:
    /// `arn:aws:events:eu-central-1:123456789012:rule/relay`.
    init(_ event: JSON) throws(MalformedEvent) {
        guard let id = event["id"]?.text, let time = try? event["time"]?.decoded(as: Date.self) else {
            throw MalformedEvent("a scheduled event with an id and a time")
        }
        let rule = event["resources"]?.elements?.first?.text?.split(separator: "/").last
        self.init(id: id, time: time, ruleName: rule.map(String.init))
    }
}
