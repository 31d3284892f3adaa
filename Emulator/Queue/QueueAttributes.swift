import Foundation
import Groundwork

/// Settings as SQS's attributes: names, and values that are all texts.
extension QueueSettings {
    static let attributeNames: Set<String> = [
        "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesDelayed",
        "ApproximateNumberOfMessagesNotVisible", "CreatedTimestamp", "DelaySeconds", "KmsMasterKeyId",
        "LastModifiedTimestamp", "MaximumMessageSize", "MessageRetentionPeriod", "Policy", "QueueArn",
        "ReceiveMessageWaitTimeSeconds", "RedrivePolicy", "RedriveAllowPolicy", "SqsManagedSseEnabled",
        "VisibilityTimeout",
    ]

    private struct RedrivePolicy: Codable {
        let deadLetterTargetArn: String
        let maxReceiveCount: Int

        private enum CodingKeys: CodingKey { case deadLetterTargetArn, maxReceiveCount }

        init(arn: String, count: Int) { (deadLetterTargetArn, maxReceiveCount) = (arn, count) }

        /// The count may come as a number or as a text of one.
        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            deadLetterTargetArn = try values.decode(String.self, forKey: .deadLetterTargetArn)
            if let count = try? values.decode(Int.self, forKey: .maxReceiveCount) {
                maxReceiveCount = count
            } else {
                maxReceiveCount = Int(try values.decode(String.self, forKey: .maxReceiveCount)) ?? 0
            }
        }
    }

    func attributes(
        arn: (String) -> String, of name: String, _ counts: QueueStore.Counts
    ) -> [String: String] {
        let created = String(Int(counts.created.timeIntervalSince1970))
        var attributes = [
            "QueueArn": arn(name), "CreatedTimestamp": created, "LastModifiedTimestamp": created,
            "ApproximateNumberOfMessages": String(counts.visible),
            "ApproximateNumberOfMessagesNotVisible": String(counts.inFlight),
            "ApproximateNumberOfMessagesDelayed": String(counts.delayed),
            "VisibilityTimeout": String(visibilityTimeoutSeconds), "DelaySeconds": String(delaySeconds),
            "MessageRetentionPeriod": String(retentionSeconds), "MaximumMessageSize": String(maximumBytes),
            "ReceiveMessageWaitTimeSeconds": String(receiveWaitSeconds), "SqsManagedSseEnabled": "false",
        ]
        if let redrive {
            let policy = RedrivePolicy(arn: arn(redrive.deadLetterQueue), count: redrive.maximumReceiveCount)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            let text = try? encoder.encode(policy)
            attributes["RedrivePolicy"] = text.map { String(decoding: $0, as: UTF8.self) }
        }
        return attributes
    }

    func with(_ attributes: [String: String], arnBeginning: String) throws -> QueueSettings {
        var settings = self
        for (name, value) in attributes {
            func number(_ range: ClosedRange<Int>) throws -> Int {
                guard let number = Int(value), range.contains(number), String(number) == value else {
                    throw QueueError.invalidValue(name)
                }
                return number
            }
            switch name {
            case "VisibilityTimeout": settings.visibilityTimeoutSeconds = try number(Self.visibilitySeconds)
            case "DelaySeconds": settings.delaySeconds = try number(Self.delaySeconds)
            case "MessageRetentionPeriod": settings.retentionSeconds = try number(Self.retentionSeconds)
            case "ReceiveMessageWaitTimeSeconds": settings.receiveWaitSeconds = try number(Self.waitSeconds)
            case "MaximumMessageSize": settings.maximumBytes = try number(Self.maximumBytes)
            case "RedrivePolicy": settings.redrive = try Self.redrive(value, arnBeginning)
            case "SqsManagedSseEnabled", "FifoQueue":
                guard value == "false" else { throw QueueError.invalidValue(name) }
            default: throw QueueError.invalidAttribute(name)
            }
        }
        return settings
    }

    private static func redrive(_ text: String, _ arnBeginning: String) throws -> Redrive? {
        if text.isEmpty { return nil }
        guard let policy = try? JSONDecoder().decode(RedrivePolicy.self, from: Data(text.utf8)),
            policy.deadLetterTargetArn.hasPrefix(arnBeginning), (1...1000).contains(policy.maxReceiveCount)
        else { throw QueueError.invalidValue("RedrivePolicy") }
        return Redrive(
            deadLetterQueue: String(policy.deadLetterTargetArn.dropFirst(arnBeginning.count)),
            maximumReceiveCount: policy.maxReceiveCount)
    }
}
