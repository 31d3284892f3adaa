internal import FoundationEssentials

/// One message of a queue. It may come more than once.
/// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
public struct QueueMessage: Hashable, Sendable {
    public var id: String
    public var body: String
    /// What the queue knows of the message: `SentTimestamp`, `MessageGroupId` …
    public var attributes: [String: String]
    /// How often it has been received by now; one at the first time.
    public var receiveCount: Int

    public init(
        id: String = "message", body: String, attributes: [String: String] = [:], receiveCount: Int = 1
    ) {
        (self.id, self.body, self.attributes, self.receiveCount) = (id, body, attributes, receiveCount)
    }

    /// The body as a value; a `DecodingError` names the place that is wrong.
    public func decoded<Body: Decodable>(as type: Body.Type = Body.self) throws -> Body {
        do { return try JSON(parsing: [UInt8](body.utf8)).decoded(as: type) } catch let error
            as JSONSyntaxError
        {
            let place = "This is not JSON: at byte \(error.offset), \(error.expected) is expected."
            throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: place))
        }
    }
}

extension QueueMessage {
    init(_ record: JSON) throws(MalformedEvent) {
        guard let id = record["messageId"]?.text, !id.isEmpty, let body = record["body"]?.text else {
            throw MalformedEvent("queue messages with an id and a body")
        }
        let attributes = record["attributes"]?.texts ?? [:]
        let count = attributes["ApproximateReceiveCount"].flatMap { unsignedDecimal($0.utf8) }
        self.init(id: id, body: body, attributes: attributes, receiveCount: count ?? 1)
    }
}
