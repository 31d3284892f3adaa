internal import Glibc

/// Sends spans to a collector by OTLP over HTTP, in its JSON form: after an event was answered, before the
/// next is asked for.
///
/// It speaks plain HTTP alone, for functions that call nobody outside carry no TLS client: the collector is
/// an extension at `http://localhost:4318`, or stands in the function's own network. Whatever it does, the
/// function goes on: a quarter of a second is the longest it may take, and a collector that failed is left
/// alone for ten.
/// https://opentelemetry.io/docs/specs/otlp/#otlphttp
final class TraceExporter {
    let recorder = TraceRecorder()
    private let address: RuntimeAddress
    private let path: String
    private let document: TraceDocument
    private var connection: TimedConnection?
    private var restsUntil = ContinuousClock.Instant.now

    static let patience = Duration.milliseconds(250)
    static let rest = Duration.seconds(10)

    /// Of a URL like `http://localhost:4318/v1/traces`; nil for what is no plain HTTP.
    init?(_ url: String, service: String) {
        let scheme = "http://"
        guard url.hasPrefix(scheme) else { return nil }
        let rest = url.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" }
        let hasPort = authority.last != "]" && authority.contains(":")
        guard let address = RuntimeAddress(hasPort ? String(authority) : authority + ":80"),
            rest.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "@") })
        else { return nil }
        (self.address, path) = (
            address, rest.count > authority.count ? String(rest.dropFirst(authority.count)) : "/"
        )
        document = TraceDocument(service: service)
    }

    /// - `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`: where spans go, as it is; or
    /// - `OTEL_EXPORTER_OTLP_ENDPOINT`: where `/v1/traces` is. Without either, nothing is collected
    /// - `OTEL_SERVICE_NAME`, or else the function's own: whose spans they are
    static func live() -> TraceExporter? {
        func setting(_ name: String) -> String? { environment(name).flatMap { $0.isEmpty ? nil : $0 } }
        let base = setting("OTEL_EXPORTER_OTLP_ENDPOINT").map {
            $0.hasSuffix("/") ? String($0.dropLast()) : $0
        }
        guard let url = setting("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") ?? base.map({ $0 + "/v1/traces" })
        else {
            return nil
        }
        let service = setting("OTEL_SERVICE_NAME") ?? setting("AWS_LAMBDA_FUNCTION_NAME") ?? "function"
        guard let exporter = TraceExporter(url, service: service) else {
            log("no spans are sent: only http://host:port is spoken with a collector", level: .warning)
            return nil
        }
        return exporter
    }

    /// Sends what has ended, if anything has. What cannot be sent is lost.
    func send() {
        let spans = recorder.take()
        guard !spans.isEmpty, .now >= restsUntil else { return }
        let body = document.encoded(spans)
        let head = """
            POST \(path) HTTP/1.1\r\nHost: \(address.authority)\r\nContent-Type: application/json\r\n\
            Content-Length: \(body.count)\r\nUser-Agent: Earshelf/1.0\r\n\r\n
            """
        let end = ContinuousClock.Instant.now + Self.patience
        // A connection of an earlier event may have been closed since, which says nothing of the collector.
        let status = connection?.status(of: [UInt8](head.utf8) + body, until: end)
        if let status = status ?? fresh(end)?.status(of: [UInt8](head.utf8) + body, until: end) {
            if connection?.isOpen == false { connection = nil }
            if !(200..<300).contains(status) { giveUp("status \(status)") }
        } else {
            giveUp("no answer in time")
        }
    }

    private func fresh(_ end: ContinuousClock.Instant) -> TimedConnection? {
        connection = TimedConnection(address, until: end)
        return connection
    }

    private func giveUp(_ reason: String) {
        connection = nil
        restsUntil = .now + Self.rest
        log("spans were not taken", ["reason": reason], level: .warning)
    }
}

/// A connection on which no wait is without its limit.
private final class TimedConnection {
    /// Whether it may carry another request.
    private(set) var isOpen = true
    private let descriptor: Int32
    private var reader = AnswerReader()

    init?(_ address: RuntimeAddress, until end: ContinuousClock.Instant) {
        guard let descriptor = address.connect(limitMilliseconds: milliseconds(until: end)) else {
            return nil
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// The status of the answer; nil when there was none in time.
    func status(of request: [UInt8], until end: ContinuousClock.Instant) -> Int? {
        guard send(request, until: end) else { return nil }
        let answer = try? reader.answer { buffer in
            while isReady(POLLIN, until: end) {
                let count = recv(descriptor, buffer.baseAddress, buffer.count, Int32(MSG_DONTWAIT))
                if count >= 0 || errno != EINTR && errno != EAGAIN { return count }
            }
            return -1
        }
        isOpen = answer?.keepsOpen ?? false
        return answer?.status
    }

    private func send(_ bytes: [UInt8], until end: ContinuousClock.Instant) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                guard isReady(POLLOUT, until: end) else { return false }
                let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
                let count = Glibc.send(descriptor, bytes.baseAddress! + sent, bytes.count - sent, flags)
                if count < 0 && errno != EINTR && errno != EAGAIN { return false }
                sent += max(0, count)
            }
            return true
        }
    }

    private func isReady(_ event: Int32, until end: ContinuousClock.Instant) -> Bool {
        while true {
            let left = milliseconds(until: end)
            guard left > 0 else { return false }
            var descriptor = pollfd(fd: descriptor, events: Int16(event), revents: 0)
            let ready = poll(&descriptor, 1, Int32(left))
            if ready > 0 { return true }
            if ready == 0 || errno != EINTR { return false }
        }
    }
}

private func milliseconds(until end: ContinuousClock.Instant) -> Int {
    max(0, Int(ContinuousClock.now.duration(to: end) / .milliseconds(1)))
}
