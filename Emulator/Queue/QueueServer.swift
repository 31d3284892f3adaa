import Cryptography
public import Foundation
public import Groundwork
import HTTPTypes
import Hummingbird
import HummingbirdCore
public import Logging
import NIOCore

/// SQS's JSON protocol (`AmazonSQS.…` in `x-amz-target`) over a store that others may use directly.
public final class QueueServer: Sendable {
    let store: QueueStore
    let region: String
    let account: String
    private let verifier: SignatureVerifier
    private let logger: Logger

    public init(
        store: QueueStore, credentials: [AccessKey], region: String, account: String = "000000000000",
        logger: Logger = Logger(label: "queue"), now: @escaping @Sendable () -> Date = { Date() }
    ) {
        (self.store, self.region, self.account, self.logger) = (store, region, account, logger)
        verifier = SignatureVerifier(keys: credentials, region: region, service: .other("sqs"), now: now)
    }

    /// Serves on 127.0.0.1 until the task is cancelled. `onRunning` is given the port, which 0 leaves to
    /// chance.
    public func run(port: Int, onRunning: @escaping @Sendable (Int) async -> Void = { _ in }) async throws {
        try await Listener.run(port: port, logger: logger, onRunning: onRunning) {
            await self.respond(to: $0)
        }
    }

    /// A whole batch with what JSON adds to it.
    private static let largestBodyBytes = 8 << 20

    private func respond(to request: Request) async -> Response {
        var response: Response
        do {
            let body = try await request.body.collect(upTo: Self.largestBodyBytes)
            response = try await answer(request, Array(body.readableBytesView))
        } catch let error as QueueError {
            response = refusal(.badRequest, error)
        } catch let error as SignatureRefusal {
            let refused = QueueError(error)
            response = refusal(refused.name == "IncompleteSignature" ? .badRequest : .forbidden, refused)
        } catch is NIOTooManyBytesError {
            response = refusal(.badRequest, .tooLong(QueueSettings.maximumBytes.upperBound))
        } catch {
            logger.error("queue failed", metadata: ["error": "\(error)"])
            response = refusal(
                .internalServerError,
                QueueError(
                    "InternalFailure", "The request processing has failed because of an unknown error."))
        }
        response.headers[.contentType] = "application/x-amz-json-1.0"
        if let name = HTTPField.Name("x-amzn-RequestId") {
            response.headers[name] = UUID().uuidString.lowercased()
        }
        return response
    }

    private func answer(_ request: Request, _ body: [UInt8]) async throws -> Response {
        guard let arrival = Arrival(request), arrival.method == "POST" else {
            throw QueueError("InvalidAction", "Only POST of the JSON protocol is spoken here.")
        }
        let signature = try verifier.verify(arrival, payloadHash: Hex.encoded(SHA256.hash(body)))
        guard arrival.header("content-type")?.hasPrefix("application/x-amz-json-1.0") == true else {
            throw QueueError("InvalidAction", "The content type must be application/x-amz-json-1.0.")
        }
        let target = arrival.header("x-amz-target") ?? ""
        guard target.hasPrefix("AmazonSQS."), let action = QueueAction(rawValue: String(target.dropFirst(10)))
        else {
            throw QueueError(
                "UnsupportedOperation", code: "AWS.SimpleQueueService.UnsupportedOperation",
                "The action \(target) is not valid for this endpoint.")
        }
        let call = QueueCall(
            server: self, body: Data(body), senderID: signature.accessKeyID,
            host: arrival.header("host") ?? "localhost")
        let content = try await call.answer(action)
        return Response(status: .ok, body: .init(byteBuffer: ByteBuffer(bytes: content)))
    }

    private func refusal(_ status: HTTPResponse.Status, _ error: QueueError) -> Response {
        let document = ["__type": "com.amazonaws.sqs#\(error.name)", "message": error.message]
        let content = (try? JSONEncoder().encode(document)) ?? Data()
        var response = Response(status: status, body: .init(byteBuffer: ByteBuffer(bytes: content)))
        let fault = status.kind == .serverError ? "Receiver" : "Sender"
        if let name = HTTPField.Name("x-amzn-query-error") {
            response.headers[name] = "\(error.code);\(fault)"
        }
        return response
    }
}

extension QueueError {
    init(_ refusal: SignatureRefusal) {
        switch refusal {
        case .unsigned:
            self.init("MissingAuthenticationToken", "Request is missing Authentication Token")
        case .unknownKey, .invalidToken:
            self.init("InvalidClientTokenId", "The security token included in the request is invalid.")
        case .skewed(let requested, let now):
            self.init(
                "SignatureDoesNotMatch",
                "Signature expired: \(requested) is more than 15 minutes from \(Timestamp.basic(now))")
        case .expired, .notYetValid:
            self.init("SignatureDoesNotMatch", "Signature expired")
        case .wrongRegion(let region, _):
            self.init(
                "SignatureDoesNotMatch", "Credential should be scoped to a valid region, not '\(region)'.")
        case .wrongService:
            self.init("SignatureDoesNotMatch", "Credential should be scoped to correct service: 'sqs'.")
        case .malformed(let message, _): self.init("IncompleteSignature", message)
        case .severalCarriers, .unsupportedMechanism, .missingDate:
            self.init("IncompleteSignature", "The request signature does not conform to AWS standards.")
        default:
            self.init(
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided. "
                    + "Check your AWS Secret "
                    + "Access Key and signing method. Consult the service documentation for details.")
        }
    }
}
