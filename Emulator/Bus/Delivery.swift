import Foundation

/// One event on its way to the target of one rule.
struct Delivery: Codable, Hashable, Sendable {
    let event: String
    let rule: String
    /// What the target is given.
    let payload: String
    let accepted: Date
    /// X-Ray's, as the event came with it.
    let traceHeader: String?
    var attempts = 0

    var id: String { "\(event)/\(rule)" }
}

/// What happened on the bus.
enum BusRecord: Codable {
    case accepted(Delivery)
    case failed(id: String, attempts: Int)
    case ended(id: String)
}

/// What could not be delivered, for the queue of dead letters.
/// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
public struct DeadLetter: Hashable, Sendable {
    /// ARN of the queue.
    public let queue: String
    public let body: String
    public let attributes: [String: String]

    init(_ delivery: Delivery, of rule: BusRule, to queue: String, _ error: String, _ condition: String) {
        (self.queue, body) = (queue, delivery.payload)
        attributes = [
            "RULE_ARN": rule.arn, "TARGET_ARN": rule.target.arn, "ERROR_CODE": "SDK_CLIENT_ERROR",
            "ERROR_MESSAGE": String(error.prefix(1_000)), "RETRY_ATTEMPTS": "\(delivery.attempts - 1)",
            "EXHAUSTED_RETRY_CONDITION": condition,
        ]
    }
}
