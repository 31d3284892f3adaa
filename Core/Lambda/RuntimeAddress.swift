internal import Glibc

/// Where the platform listens, from `AWS_LAMBDA_RUNTIME_API`: a host and a port, without a scheme.
struct RuntimeAddress: Equatable {
    let host: String
    let port: String
    /// As it stands in the `Host` header.
    let authority: String

    init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        self.host = String(isBracketed ? host.dropFirst().dropLast() : host)
        self.port = String(text[text.index(after: colon)...])
        self.authority = text
        guard !self.host.isEmpty, let port = unsignedDecimal(port.utf8), (1...65_535).contains(port),
            text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
    }

    /// A connected TCP socket, or nil when nobody listens. What is sent goes out at once, and no child
    /// process inherits it. `limitMilliseconds` is how long each address of the host may take to take the
    /// connection.
    func connect(limitMilliseconds: Int? = nil) -> Int32? {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, port, &hints, &found) == 0 else { return nil }
        defer { freeaddrinfo(found) }
        var candidate = found
        while let entry = candidate?.pointee {
            let type = entry.ai_socktype | Int32(SOCK_CLOEXEC.rawValue)
            let descriptor = socket(entry.ai_family, type, entry.ai_protocol)
            if descriptor >= 0 {
                if let limitMilliseconds { limit(descriptor, to: limitMilliseconds) }
                if Glibc.connect(descriptor, entry.ai_addr, entry.ai_addrlen) == 0 {
                    var one: Int32 = 1
                    setsockopt(
                        descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size)
                    )
                    return descriptor
                }
                close(descriptor)
            }
            candidate = entry.ai_next
        }
        return nil
    }

    /// Linux ends a `connect` by the limit for sending (socket(7), SO_SNDTIMEO).
    private func limit(_ descriptor: Int32, to milliseconds: Int) {
        var limit = timeval(tv_sec: milliseconds / 1000, tv_usec: milliseconds % 1000 * 1000)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }
}
