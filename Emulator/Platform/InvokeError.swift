import HTTPTypes
import Hummingbird

/// Lambda's own refusals, in the shape its clients know.
enum InvokeError: Error {
    case noSuchFunction(String)
    case throttled(reserved: Bool)
    case tooLarge(Int, String, Int)
    case content(String)
    case parameter(String)
    case service(String)

    var response: Response {
        let (status, type, body) = parts
        var headers = HTTPFields()
        headers[.contentType] = "application/json"
        headers[.errorType] = type
        return Response(
            status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: body)))
    }

    private var parts: (HTTPResponse.Status, type: String, body: String) {
        func body(_ type: String, _ message: String, key: String = "message") -> String {
            #"{"Type":"\#(type)","\#(key)":\#(RuntimeReply.quoted(message))}"#
        }
        switch self {
        case .noSuchFunction(let arn):
            return (
                .notFound, "ResourceNotFoundException",
                body("User", "Function not found: \(arn)", key: "Message")
            )
        case .throttled(let reserved):
            let reason =
                reserved
                ? "ReservedFunctionConcurrentInvocationLimitExceeded" : "ConcurrentInvocationLimitExceeded"
            return (
                .tooManyRequests, "TooManyRequestsException",
                #"{"Reason":"\#(reason)","Type":"User","message":"Rate Exceeded."}"#
            )
        case .tooLarge(let count, let type, let limit):
            return (
                .contentTooLarge, "RequestEntityTooLargeException",
                body(
                    "User",
                    "\(count) byte payload is too large for the \(type) invocation type (limit \(limit) bytes)"
                )
            )
        case .content(let message):
            return (.badRequest, "InvalidRequestContentException", body("User", message))
        case .parameter(let message):
            return (.badRequest, "InvalidParameterValueException", body("User", message))
        case .service(let message):
            return (.internalServerError, "ServiceException", body("Service", message))
        }
    }
}

extension HTTPField.Name {
    // Each is a literal, and so a valid name.
    static let invocationType = HTTPField.Name("X-Amz-Invocation-Type")!
    static let logType = HTTPField.Name("X-Amz-Log-Type")!
    static let logResult = HTTPField.Name("X-Amz-Log-Result")!
    static let clientContext = HTTPField.Name("X-Amz-Client-Context")!
    static let functionError = HTTPField.Name("X-Amz-Function-Error")!
    static let executedVersion = HTTPField.Name("X-Amz-Executed-Version")!
    static let errorType = HTTPField.Name("x-amzn-ErrorType")!
    static let requestID = HTTPField.Name("x-amzn-RequestId")!
    static let traceID = HTTPField.Name("X-Amzn-Trace-Id")!
}
