/// What any action of the queue may be told; what is absent is not sent.
struct QueueParameters: Encodable {
    struct Entry: Encodable {
        let id: String
        let body: String

        enum CodingKeys: String, CodingKey {
            case id = "Id"
            case body = "MessageBody"
        }
    }

    struct SystemAttribute: Encodable {
        let type = "String"
        let text: String

        init(text: String) { self.text = text }

        enum CodingKeys: String, CodingKey {
            case type = "DataType"
            case text = "StringValue"
        }
    }

    let url: String
    var body: String?
    var delaySeconds: Int?
    var systemAttributes: [String: SystemAttribute]?
    var entries: [Entry]?
    var limit: Int?
    var visibilitySeconds: Int?
    var waitSeconds: Int?
    var receipt: String?
    var attributes: [String]?
    var messageAttributes: [String]?

    enum CodingKeys: String, CodingKey {
        case url = "QueueUrl"
        case body = "MessageBody"
        case delaySeconds = "DelaySeconds"
        case systemAttributes = "MessageSystemAttributes"
        case entries = "Entries"
        case limit = "MaxNumberOfMessages"
        case visibilitySeconds = "VisibilityTimeout"
        case waitSeconds = "WaitTimeSeconds"
        case receipt = "ReceiptHandle"
        case attributes = "AttributeNames"
        case messageAttributes = "MessageSystemAttributeNames"
    }
}

struct SentAnswer: Decodable {
    let id: String
    let md5: String

    enum CodingKeys: String, CodingKey {
        case id = "MessageId"
        case md5 = "MD5OfMessageBody"
    }
}

struct BatchAnswer: Decodable {
    struct Sent: Decodable {
        let place: String
        let id: String

        enum CodingKeys: String, CodingKey {
            case place = "Id"
            case id = "MessageId"
        }
    }

    struct Refused: Decodable {
        let place: String
        let code: String
        let isSendersFault: Bool

        enum CodingKeys: String, CodingKey {
            case place = "Id"
            case code = "Code"
            case isSendersFault = "SenderFault"
        }
    }

    let sent: [Sent]?
    let refused: [Refused]?

    enum CodingKeys: String, CodingKey {
        case sent = "Successful"
        case refused = "Failed"
    }
}

struct ReceivedAnswer: Decodable {
    struct Message: Decodable {
        let id: String
        let receipt: String
        let md5: String
        let body: String
        let attributes: [String: String]?

        enum CodingKeys: String, CodingKey {
            case id = "MessageId"
            case receipt = "ReceiptHandle"
            case md5 = "MD5OfBody"
            case body = "Body"
            case attributes = "Attributes"
        }
    }

    /// SQS leaves it out when there is none.
    let messages: [Message]?

    enum CodingKeys: String, CodingKey { case messages = "Messages" }
}

struct AttributesAnswer: Decodable {
    let attributes: [String: String]

    enum CodingKeys: String, CodingKey { case attributes = "Attributes" }
}
