import FoundationEssentials
import HTTP

/// One queue of SQS, spoken to in its JSON protocol. It only makes signed requests; sending is another's.
/// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-json.html
public struct Queue: Sendable {
    public let url: String
    private let origin: String
    private let signer: Signer

    /// The service is reached at the URL's own origin.
    public init(url: String, in region: Region, credentials: Credentials) throws(SigningError) {
        guard let location = Location(url), location.query.isEmpty else { throw .malformedEndpoint }
        (self.url, origin) = (url, location.origin)
        signer = Signer(.sqs, in: region, by: credentials)
    }

    func call<Answer>(
        _ action: String, _ parameters: QueueParameters, repeatable: Bool = true,
        timeoutMilliseconds: Int = 10_000,
        at instant: Instant, read: @escaping ([UInt8]) throws(AWSError) -> Answer
    ) throws(SigningError) -> Call<Answer> {
        let headers = [
            Header("content-type", "application/x-amz-json-1.0"),
            Header("x-amz-target", "AmazonSQS.\(action)"),
        ]
        let request = Request(
            "POST", "\(origin)/", headers: headers, body: parameters.json,
            timeoutMilliseconds: timeoutMilliseconds, repeatable: repeatable)
        return Call(request: try signer.signed(request, at: instant)) { (response) throws(AWSError) in
            guard response.status == 200 else { throw Self.refusal(response) }
            return try read(response.body)
        }
    }

    func decoded<Value: Decodable>(_ bytes: [UInt8], as: Value.Type) throws(AWSError) -> Value {
        do { return try JSONDecoder().decode(Value.self, from: Data(bytes)) } catch {
            throw .unreadable("JSON")
        }
    }

    private static func refusal(_ response: Response) -> AWSError {
        let type = (try? JSONDecoder().decode(ErrorAnswer.self, from: Data(response.body)))?.type
        let code = type?.split(separator: "#").last.map(String.init) ?? "Unknown"
        return .refused(
            status: response.status, code: code, requestID: response.headers["x-amzn-requestid"])
    }
}
