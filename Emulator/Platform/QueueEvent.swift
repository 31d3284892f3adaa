import Foundation

/// The event a function gets for a batch of messages, and what its answer says about them.
enum QueueEvent {
    static func payload(of batch: [QueueDelivery], queueARN: String, region: String) -> [UInt8] {
        let records = batch.map { message in
            JSONValue.object([
                "messageId": .string(message.messageID), "receiptHandle": .string(message.receiptHandle),
                "body": .string(message.body), "md5OfBody": .string(message.md5OfBody),
                "attributes": .object(message.attributes.mapValues(JSONValue.string)),
                "messageAttributes": .object(message.messageAttributes.mapValues(attribute)),
                "eventSource": "aws:sqs", "eventSourceARN": .string(queueARN), "awsRegion": .string(region),
            ])
        }
        return JSONValue.object(["Records": .array(records)]).bytes
    }

    private static func attribute(_ attribute: QueueDelivery.Attribute) -> JSONValue {
        var members: [String: JSONValue] = [
            "dataType": .string(attribute.dataType), "stringListValues": .array([]),
            "binaryListValues": .array([]),
        ]
        members["stringValue"] = attribute.stringValue.map(JSONValue.string)
        members["binaryValue"] = attribute.binaryValue.map { .string(Data($0).base64EncodedString()) }
        return .object(members)
    }

    /// The messages that failed, by an answer of `ReportBatchItemFailures`.
    ///
    /// Nothing, `null`, `{}` and an empty list mean that all succeeded; what is malformed, and an identifier
    /// that is empty or of no message of the batch, mean that all failed.
    static func failures(in answer: [UInt8], of all: Set<String>) -> Set<String> {
        if answer.isEmpty { return [] }
        guard let document = try? JSONDecoder().decode(JSONValue.self, from: Data(answer)) else { return all }
        switch document {
        case .null, .string(""), .array([]): return []
        case .object(let members):
            switch members["batchItemFailures"] {
            case nil, .null: return []
            case .array(let items):
                let identifiers = items.compactMap { $0["itemIdentifier"]?.text }
                guard identifiers.count == items.count, identifiers.allSatisfy(all.contains) else {
                    return all
                }
                return Set(identifiers)
            default: return all
            }
        default: return all
        }
    }
}
