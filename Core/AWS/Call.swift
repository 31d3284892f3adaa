public import HTTP

/// A signed request and how its answer is read: a value, until it is sent.
public struct Call<Answer> {
    public let request: Request
    let read: (Response) throws(AWSError) -> Answer

    public func sent(by send: Send) throws(AWSError) -> Answer {
        let response: Response
        do throws(Failure) { response = try send(request) } catch { throw .unreachable(error) }
        return try read(response)
    }

    /// What an answer means, when what it says was already read.
    public func answer(to response: Response) throws(AWSError) -> Answer { try read(response) }
}

/// Why a call to AWS came to nothing. Neither values nor the service's own sentence are in it: both may quote
/// keys.
public enum AWSError: Error, Equatable, Sendable {
    case unreachable(Failure)
    /// The service's word for it: `NoSuchKey`, `PreconditionFailed`. A 200 may be a refusal too.
    case refused(status: Int, code: String, requestID: String?)
    /// An answer that is not what the protocol says.
    case unreadable(String)

    /// Whether the same call may succeed later.
    public var isTransient: Bool {
        switch self {
        case .unreachable(let failure): failure.kind != .tooLarge
        case .refused(let status, let code, _):
            // A refusal after a 200 is a fault of the storage's, met too late for a status of its own.
            status >= 500 || status == 429 || status == 200
                || ["SlowDown", "InternalError", "RequestTimeout", "ThrottlingException"].contains(code)
        case .unreadable: false
        }
    }
}
