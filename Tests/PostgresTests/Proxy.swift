import Foundation
import Glibc
import Testing

/// Stands between a connection and the server's Unix socket, passes bytes both ways, and misbehaves when told
/// to.
final class Proxy: @unchecked Sendable {
    let url: String
    private let folder: String
    private let server: String
    private let listener: Int32
    private let lock = NSLock()
    private var silence: (after: [UInt8], hangUp: Bool)?
    private var abandoned: Set<Int32> = []
    private var open: Set<Int32> = []

    init(to target: String) throws {
        let host = try #require(URLComponents(string: target)?.queryItems?.first { $0.name == "host" }?.value)
        folder = "/tmp/proxy-" + UUID().uuidString.prefix(8)
        server = host + "/.s.PGSQL.5432"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        url = target.replacing("host=" + host, with: "host=" + folder)
        listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        try #require(Self.withAddress(folder + "/.s.PGSQL.5432") { bind(listener, $0, $1) } == 0)
        try #require(listen(listener, 8) == 0)
        Thread.detachNewThread { [self] in
            while case let client = accept(listener, nil, nil), client >= 0 { serve(client) }
        }
    }

    deinit {
        close(listener)
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// From the client's next message that holds `text` on, no answer comes back; the message still arrives.
    func answersNothing(after text: String, thenHangsUp hangUp: Bool) {
        lock.withLock { silence = (Array(text.utf8), hangUp) }
    }

    func answers() { lock.withLock { silence = nil } }

    /// As a network does that forgets a connection: nothing more passes, and nobody is told.
    func abandonsWhatIsOpen() { lock.withLock { abandoned = open } }

    private func serve(_ client: Int32) {
        let upstream = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard Self.withAddress(server, { connect(upstream, $0, $1) }) == 0 else { return }
        lock.withLock { _ = open.insert(client) }
        Thread.detachNewThread { [self] in
            pump(client, upstream)
            shutdown(client, Int32(SHUT_RDWR))
        }
    }

    private func pump(_ client: Int32, _ upstream: Int32) {
        defer { close(upstream) }
        var isSilent = false
        while true {
            var both = [
                pollfd(fd: client, events: Int16(POLLIN), revents: 0),
                pollfd(fd: upstream, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&both, 2, 30_000) > 0 else { return }
            if both[0].revents != 0 {
                guard let bytes = Self.read(client) else { return }
                if lock.withLock({ abandoned.contains(client) }) { continue }
                let rule = lock.withLock { silence }
                if let rule, rule.after.isEmpty || bytes.contains(rule.after) { isSilent = true }
                _ = send(upstream, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            }
            if both[1].revents != 0 {
                guard let bytes = Self.read(upstream) else { return }
                if isSilent {
                    if lock.withLock({ silence?.hangUp == true }) { return }
                    continue
                }
                _ = send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            }
        }
    }

    private static func read(_ descriptor: Int32) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return count > 0 ? Array(buffer[..<count]) : nil
    }

    private static func withAddress(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
