public import Bookshop
internal import Cryptography
import FoundationEssentials
public import Lambda
public import Postgres
internal import Records

extension Request {
    /// Tells one request from another under the same key: what was asked, of whom, byte for byte.
    public var fingerprint: [UInt8] { SHA256.hash(Array("\(method) \(path)\n".utf8) + body) }
}

extension Transaction {
    /// Answers a request that is sent again under its key as it was answered the first time. The answer is
    /// kept in the transaction that did the work, so that there is never one without the other.
    public func once(
        _ request: Request, of principal: Principal.ID, _ work: () throws -> Response
    ) throws -> Response {
        let key = try request.idempotencyKey
        switch try begin(key, of: principal.description, requestHash: request.fingerprint, lockSeconds: 60) {
        case .fresh:
            let response = try work()
            try answer(
                key, of: principal.description, status: response.statusCode,
                response: Array(JSONEncoder().encode(KeptAnswer(response))))
            return response
        case .inProgress:
            throw Problem(
                409, "in-progress", "The first request with this Idempotency-Key is still being worked on.",
                headers: ["retry-after": "2"])
        case .answered(_, let kept):
            return try JSONDecoder().decode(KeptAnswer.self, from: Data(kept)).response
        }
    }
}

private struct KeptAnswer: Codable {
    let status: Int
    let headers: [String: String]
    let body: [UInt8]

    init(_ response: Response) {
        (status, headers, body) = (response.statusCode, response.headers, response.body)
    }

    var response: Response {
        var response = Response(status, bytes: body, type: nil)
        response.headers = headers
        response.headers["idempotent-replayed"] = "true"
        return response
    }
}
