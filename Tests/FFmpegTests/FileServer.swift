import Foundation
import Glibc
import Testing

/// A server on this machine that answers ranges of some bytes, or a status, or nothing at all.
final class FileServer: @unchecked Sendable {
    enum Content {
        case bytes([UInt8])
        case status(Int)
        case silence
    }

    let port: Int
    private let content: Content
    private let lock = NSLock()
    private var asked: [String] = []
    private var bytesSent = 0
    private let listener: Int32

    var url: String { "http://127.0.0.1:\(port)/object?X-Amz-Signature=secret" }
    /// The `Range` fields of the requests, in order.
    var ranges: [String] { lock.withLock { asked } }
    /// What was taken from here, with what is under way to a client that wants no more.
    var sent: Int { lock.withLock { bytesSent } }

    init(_ content: Content) throws {
        self.content = content
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let socket = listener
        let named = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, size) == 0 && listen(socket, 16) == 0 && getsockname(socket, $0, &size) == 0
            }
        }
        try #require(named)
        port = Int(UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [weak self] in
            while case let client = accept(socket, nil, nil), client >= 0 {
                guard let server = self else { return }
                Thread.detachNewThread { server.serve(client) }
            }
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    private func serve(_ client: Int32) {
        defer { close(client) }
        // What lies here unsent was not read by anybody.
        var unsent: Int32 = 65_536
        setsockopt(client, SOL_SOCKET, SO_SNDBUF, &unsent, socklen_t(MemoryLayout<Int32>.size))
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(client, &buffer, buffer.count, 0)
        guard count > 0 else { return }
        let range =
            String(decoding: buffer[..<count], as: UTF8.self).split(separator: "\r\n")
            .first { $0.hasPrefix("Range: bytes=") }.map { $0.dropFirst(13) } ?? "0-"
        lock.withLock { asked.append(String(range)) }
        switch content {
        case .silence: _ = recv(client, &buffer, buffer.count, 0)
        case .status(let status): send(client, "HTTP/1.1 \(status) So\r\nContent-Length: 0\r\n\r\n", [])
        case .bytes(let bytes):
            let limits = range.split(separator: "-").compactMap { Int($0) }
            let start = limits.first ?? 0
            let end = min(limits.count > 1 ? limits[1] : bytes.count - 1, bytes.count - 1)
            guard start <= end else {
                return send(client, "HTTP/1.1 416 Not\r\nContent-Length: 0\r\n\r\n", [])
            }
            let head =
                "HTTP/1.1 206 Partial\r\nAccept-Ranges: bytes\r\nConnection: close\r\n"
                + "Content-Range: bytes \(start)-\(end)/\(bytes.count)\r\n"
                + "Content-Length: \(end - start + 1)\r\n\r\n"
            send(client, head, Array(bytes[start...end]))
        }
    }

    private func send(_ client: Int32, _ head: String, _ body: [UInt8]) {
        var rest = (Array(head.utf8) + body)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            lock.withLock { bytesSent += count }
            rest = rest.dropFirst(count)
        }
    }
}
