import Cryptography
public import Foundation
public import Groundwork
import HTTPTypes
import Hummingbird
public import Logging

/// Object storage on S3's own protocol, kept in a folder. It starts with the buckets described and tells
/// `onEvent` of every change their rules cover, at least once, even if the process was killed in between.
public final class S3Server: Sendable {
    let store: ObjectStore
    let verifier: SignatureVerifier
    let region: String
    let logger: Logger
    let now: @Sendable () -> Date
    private let onEvent: @Sendable (StorageNotification) async throws -> Void

    /// When `onEvent` throws, the notification is told again later; once it returns, never more.
    public init(
        folder: String, credentials: [AccessKey], region: String, buckets: [BucketDescription],
        logger: Logger = Logger(label: "storage"), now: @escaping @Sendable () -> Date = { Date() },
        onEvent: @escaping @Sendable (StorageNotification) async throws -> Void
    ) throws {
        store = try ObjectStore(folder: folder, descriptions: buckets, now: now)
        verifier = SignatureVerifier(keys: credentials, region: region, service: .s3, now: now)
        (self.region, self.logger, self.now, self.onEvent) = (region, logger, now, onEvent)
    }

    /// Serves on 127.0.0.1 until the task is cancelled. `onRunning` is given the port, which 0 leaves to
    /// chance.
    public func run(port: Int, onRunning: @escaping @Sendable (Int) async -> Void = { _ in }) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await Listener.run(port: port, logger: self.logger, onRunning: onRunning) {
                    await self.respond(to: $0)
                }
            }
            group.addTask { await self.deliver() }
            try await group.next()
            group.cancelAll()
        }
    }

    /// What `onEvent` has not yet taken.
    public func pendingNotifications() async -> [StorageNotification] { await store.pendingNotifications() }

    /// It will not be told again, not even after a restart.
    public func acknowledge(_ notification: StorageNotification) async {
        await store.acknowledge(notification)
    }

    private func deliver() async {
        await withDiscardingTaskGroup { group in
            for await notification in store.notifications {
                group.addTask { await self.tell(notification) }
            }
        }
    }

    private func tell(_ notification: StorageNotification) async {
        for attempt in 0... {
            do {
                try await onEvent(notification)
                guard !Task.isCancelled else { return }
                return await store.acknowledge(notification)
            } catch {
                logger.warning(
                    "storage event not taken", metadata: ["attempt": "\(attempt)", "error": "\(error)"])
                try? await Task.sleep(for: .seconds(1 << min(attempt, 5)))
                if Task.isCancelled { return }
            }
        }
    }
}

extension S3Server {
    func respond(to request: Request) async -> Response {
        let id = Hex.encoded(randomBytes(8)).uppercased()
        var response: Response
        do {
            let request = try S3Request(request, id: id)
            do {
                response = try await answer(request)
            } catch {
                response = refusal(error, to: request.arrival, id: id)
            }
            await allowOrigin(of: request, in: &response)
        } catch {
            response = refusal(error, to: Arrival(request), id: id)
        }
        response.headers.put("x-amz-request-id", id)
        response.headers.put("Server", "AmazonS3")
        return response
    }

    private func answer(_ request: S3Request) async throws -> Response {
        if request.arrival.method == "OPTIONS" { return try await preflight(request) }
        let authority = try authority(of: request)
        try refuseUnknown(request)
        guard let bucket = request.bucket else { return try await service(request) }
        guard let key = request.key else { return try await self.bucket(request, bucket, authority) }
        return try await object(request, bucket, key, authority)
    }

    private func authority(of request: S3Request) throws -> S3Authority {
        do throws(SignatureRefusal) {
            return .signed(try verifier.verify(request.arrival))
        } catch {
            guard case .unsigned = error, let bucket = request.bucket, let key = request.key,
                ["GET", "HEAD"].contains(request.arrival.method), store.isPublic(bucket, key)
            else { throw S3Error(error, region: region) }
            guard request.arrival.query.isEmpty else {
                throw S3Error.invalidRequest(
                    "Request specific response headers cannot be used for anonymous GET requests.")
            }
            return .anonymous
        }
    }

    private func refusal(_ error: any Error, to arrival: Arrival?, id: String) -> Response {
        let refusal: S3Error
        switch error {
        case let error as S3Error: refusal = error
        case let fault as SystemFault where fault.isDiskFull:
            logger.error("the disk is full", metadata: ["fault": "\(fault)"])
            refusal = S3Error(
                HTTPResponse.Status(code: 507), "InternalError", "The disk of the storage server is full.")
        default:
            logger.error("storage failed", metadata: ["error": "\(error)", "request": "\(id)"])
            refusal = S3Error(
                .internalServerError, "InternalError", "We encountered an internal error. Please try again.")
        }
        let path = arrival.map { String(decoding: $0.path, as: UTF8.self) } ?? ""
        let details = refusal.details.map { XMLElement($0.element, $0.value) }
        let document = XMLElement(
            "Error",
            [XMLElement("Code", refusal.code), XMLElement("Message", refusal.message)] + details
                + [
                    XMLElement("Resource", path), XMLElement("RequestId", id),
                    XMLElement("HostId", "earshelf"),
                ])
        var response = Response(refusal.status, document, inNamespace: false)
        if arrival?.method == "HEAD" || refusal.status == .notModified { response.body = ResponseBody() }
        return response
    }
}

extension Response {
    init(_ status: HTTPResponse.Status, _ document: XMLElement, inNamespace: Bool = true) {
        let body = ByteBuffer(string: document.document(inNamespace: inNamespace))
        self.init(status: status, headers: [.contentType: "application/xml"], body: .init(byteBuffer: body))
    }
}

extension HTTPFields {
    /// What HTTP cannot hold as a name is left out.
    mutating func put(_ name: String, _ value: String) {
        if let name = HTTPField.Name(name) { self[name] = value }
    }
}
