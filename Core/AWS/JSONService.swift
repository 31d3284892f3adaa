import FoundationEssentials
import HTTP

/// A service of AWS that is spoken to in JSON: its actions by their names, one POST each.
struct JSONService: Sendable {
    private let origin: String
    private let signer: Signer
    /// `application/x-amz-json-1.0`
    private let contentType: String
    /// `AmazonSQS`
    private let target: String

    /// The service is reached at the URL's own origin.
    init(_ location: Location, target: String, version: String, _ signer: Signer) {
        (origin, self.target, self.signer) = (location.origin, target, signer)
        contentType = "application/x-amz-json-\(version)"
    }

    func call<Answer>(
        _ action: String, _ body: [UInt8], repeatable: Bool, timeoutMilliseconds: Int, at instant: Instant,
        read: @escaping ([UInt8]) throws(AWSError) -> Answer
    ) throws(SigningError) -> Call<Answer> {
        let headers = [Header("content-type", contentType), Header("x-amz-target", "\(target).\(action)")]
        let request = Request(
            "POST", "\(origin)/", headers: headers, body: body, timeoutMilliseconds: timeoutMilliseconds,
            repeatable: repeatable)
        return Call(request: try signer.signed(request, at: instant)) { (response) throws(AWSError) in
            guard response.status == 200 else { throw Self.refusal(response) }
            return try read(response.body)
        }
    }

    private static func refusal(_ response: Response) -> AWSError {
        let type = (try? JSONDecoder().decode(ErrorAnswer.self, from: Data(response.body)))?.type
        let code = type?.split(separator: "#").last.map(String.init) ?? "Unknown"
        return .refused(
            status: response.status, code: code, requestID: response.headers["x-amzn-requestid"])
    }
}

struct ErrorAnswer: Decodable {
    /// `com.amazonaws.sqs#QueueDoesNotExist`
    let type: String

    enum CodingKeys: String, CodingKey { case type = "__type" }
}

func decoded<Value: Decodable>(_ bytes: [UInt8], as: Value.Type) throws(AWSError) -> Value {
    do { return try JSONDecoder().decode(Value.self, from: Data(bytes)) } catch {
        throw .unreadable("JSON")
    }
}

extension Encodable {
    /// With sorted keys, so that one call is one text.
    var json: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(self) else {
            preconditionFailure("Texts, numbers and lists of them always have a JSON form.")
        }
        return Array(data)
    }
}
