internal import Glibc

/// One TCP connection to the platform, kept open from event to event, and opened again when it was closed.
final class RuntimeConnection {
    private let address: RuntimeAddress
    private var descriptor: Int32 = -1
    private var reader = AnswerReader()

    init(_ address: RuntimeAddress) { self.address = address }
    deinit { close() }

    /// Sends one request and waits for the answer, however long it takes: the environment may be frozen
    /// meanwhile.
    ///
    /// While `shutdown` is given, a signal to end closes the connection under the wait.
    func exchange(
        _ request: [UInt8], endingWith shutdown: Shutdown? = nil
    ) throws(ConnectionFailure) -> RuntimeAnswer {
        try open()
        shutdown?.wait(on: descriptor)
        defer { shutdown?.wait(on: -1) }
        // A large body may be refused before it is read: then the rest of it cannot be sent, but an answer is
        // there.
        let isSent = send(request)
        do { return try answer() } catch {
            close()
            throw isSent ? error : .closed
        }
    }

    func open() throws(ConnectionFailure) {
        if descriptor >= 0 { return }
        guard let descriptor = address.connect() else { throw .refused }
        self.descriptor = descriptor
        reader = AnswerReader()
    }

    func close() {
        if descriptor >= 0 { _ = Glibc.close(descriptor) }
        descriptor = -1
    }

    /// Sends all of it, or tells that the connection is gone.
    func send(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { bytes in
            var sent = 0
            while sent < bytes.count {
                let count = Glibc.send(
                    descriptor, bytes.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
                if count < 0 && errno != EINTR { return false }
                sent += max(0, count)
            }
            return true
        }
    }

    func answer() throws(ConnectionFailure) -> RuntimeAnswer {
        let descriptor = descriptor
        let answer = try reader.answer { buffer in
            while true {
                let count = read(descriptor, buffer.baseAddress, buffer.count)
                if count >= 0 || errno != EINTR { return count }
            }
        }
        if !answer.keepsOpen { close() }
        return answer
    }

    /// For a question that may stay unanswered: this connection then gives up.
    func limitWait(seconds: Int) {
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }
}
