import HTTP

/// One queue of SQS, spoken to in its JSON protocol. It only makes signed requests; sending is another's.
/// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-json.html
public struct Queue: Sendable {
    public let url: String
    private let service: JSONService

    /// The service is reached at the URL's own origin.
    public init(url: String, in region: Region, credentials: Credentials) throws(SigningError) {
        guard let location = Location(url), location.query.isEmpty else { throw .malformedEndpoint }
        self.url = url
        service = JSONService(
            location, target: "AmazonSQS", version: "1.0", Signer(.sqs, in: region, by: credentials))
    }

    func call<Answer>(
        _ action: String, _ parameters: QueueParameters, repeatable: Bool = true,
        timeoutMilliseconds: Int = 10_000,
        at instant: Instant, read: @escaping ([UInt8]) throws(AWSError) -> Answer
    ) throws(SigningError) -> Call<Answer> {
        try service.call(
            action, parameters.json, repeatable: repeatable, timeoutMilliseconds: timeoutMilliseconds,
            at: instant, read: read)
    }
}
