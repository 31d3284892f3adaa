import Foundation

/// The documents of SQS's JSON protocol, named as it names their members.
enum QueueDocument {
    struct Queue: Decodable {
        let queueName: String?
        let queueNamePrefix: String?
        let queueUrl: String?
        let queueOwnerAWSAccountId: String?
        let attributes: [String: String]?
        let attributeNames: [String]?
        let maxResults: Int?
        let nextToken: String?
    }

    struct Attribute: Codable {
        let dataType: String?
        let stringValue: String?
        let binaryValue: Data?
    }

    struct Message: Decodable {
        let id: String?
        let queueUrl: String?
        let messageBody: String?
        let delaySeconds: Int?
        let messageAttributes: [String: Attribute]?
        let messageSystemAttributes: [String: Attribute]?
        let messageGroupId: String?
        let messageDeduplicationId: String?
    }

    struct Receive: Decodable {
        let attributeNames: [String]?
        let messageSystemAttributeNames: [String]?
        let messageAttributeNames: [String]?
        let maxNumberOfMessages: Int?
        let visibilityTimeout: Int?
        let waitTimeSeconds: Int?
    }

    /// One delivery, in a batch or alone.
    struct Delivery: Decodable {
        let id: String?
        let receiptHandle: String?
        let visibilityTimeout: Int?
    }

    struct Batch<Entry: Decodable>: Decodable {
        let entries: [Entry]?
    }

    struct Sent: Encodable {
        var id: String?
        let messageId: String
        let mD5OfMessageBody: String
        let mD5OfMessageAttributes: String?
    }

    struct Received: Encodable {
        let messageId: String
        let receiptHandle: String
        let mD5OfBody: String
        let body: String
        let attributes: [String: String]?
        let mD5OfMessageAttributes: String?
        let messageAttributes: [String: Attribute]?
    }

    struct Failed: Encodable {
        let id: String
        let senderFault: Bool
        let code: String
        let message: String
    }

    struct Outcome<Success: Encodable>: Encodable {
        let successful: [Success]
        let failed: [QueueDocument.Failed]
    }

    struct Done: Encodable { let id: String }
}
