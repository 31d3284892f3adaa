internal import CCurl
internal import FoundationEssentials
internal import Glibc
public import HTTP

/// What we call the outside world with: one libcurl handle, whose connections stay open between events.
/// Blocking, and not `Sendable`, as the function is that calls.
///
/// TLS certificates are always verified; plain HTTP is spoken with this machine alone; no redirect is
/// followed, for a signed request is meant for one address; no proxy is asked, whatever the environment says.
public final class Client {
    /// When the event must have been answered. A request ends a little before it, however long it might have
    /// taken.
    public var deadline: ContinuousClock.Instant?

    private let handle = Handle()
    private let certificates: String
    private let largestBody: Int

    /// - Parameters:
    ///   - certificates: a folder of trusted roots named by hash (`openssl rehash`), read only as needed.
    ///   - largestBody: the most bytes of an answer that are taken in.
    public init(certificates: String = Client.certificates(), largestBody: Int = 16 << 20) {
        (self.certificates, self.largestBody) = (certificates, largestBody)
    }

    /// `SSL_CERT_DIR` when it is set, else the bundle's own `certs`, else the system's.
    public static func certificates() -> String {
        if let folder = getenv("SSL_CERT_DIR") { return String(cString: folder) }
        if let root = getenv("LAMBDA_TASK_ROOT"), case let folder = String(cString: root) + "/certs",
            access(folder, R_OK) == 0
        {
            return folder
        }
        return "/etc/ssl/certs"
    }

    /// Sends the request, and where it may be repeated sends it again after a failure that may pass: a
    /// connection that was not made or broke, or an answer of 429, 502, 503 or 504. All of it ends with the
    /// request's own time, or the event's.
    public func send(_ request: Request) throws(Failure) -> Response {
        let end = end(of: request)
        var attempt = 1
        while true {
            let outcome = Result { () throws(Failure) in
                try handle.send(request, until: end, certificates: certificates, largestBody: largestBody)
            }
            guard request.repeatable, attempt < Self.attempts, let pause = pause(after: outcome, attempt),
                .now + .milliseconds(pause) < end
            else { return try outcome.get() }
            poll(nil, 0, Int32(pause))
            attempt += 1
        }
    }

    private static let attempts = 4

    private func end(of request: Request) -> ContinuousClock.Instant {
        let own = ContinuousClock.Instant.now + .milliseconds(request.timeoutMilliseconds)
        guard let deadline else { return own }
        let left = deadline - .now
        return min(own, deadline - min(left / 10, .milliseconds(250)))
    }

    /// How long to wait before the next attempt, in milliseconds; nil when another would do no better. What
    /// the server asks for is obeyed; what we choose ourselves grows, and is never the same for two who
    /// failed together.
    private func pause(after outcome: Result<Response, Failure>, _ attempt: Int) -> Int? {
        let chosen = Int.random(in: 50...(100 << attempt))
        switch outcome {
        case .success(let response):
            guard [429, 502, 503, 504].contains(response.status) else { return nil }
            return response.retryAfterMilliseconds(now: Date()).map { max($0, chosen) } ?? chosen
        case .failure(let failure):
            return failure.kind == .connect || failure.kind == .timeout ? chosen : nil
        }
    }
}
