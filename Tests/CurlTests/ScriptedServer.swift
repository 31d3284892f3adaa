import Foundation
import Glibc
import Testing

/// A server on this machine that does for each request the next thing of its script, and remembers what it
/// was sent.
final class ScriptedServer: @unchecked Sendable {
    enum Act {
        /// A whole answer: head, body.
        case answer(String)
        /// The answer's bytes, and then the end of the connection.
        case answerAndHangUp(String)
        case hangUp
        case silence
    }

    let port: Int
    private let listener: Int32
    private let lock = NSLock()
    private var script: [Act]
    private var received: [String] = []
    private var accepted = 0

    var url: String { "http://127.0.0.1:\(port)" }
    var requests: [String] { lock.withLock { received } }
    var connections: Int { lock.withLock { accepted } }

    init(_ script: [Act]) throws {
        self.script = script
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
                server.lock.withLock { server.accepted += 1 }
                Thread.detachNewThread { server.serve(client) }
            }
        }
    }

    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    private func serve(_ client: Int32) {
        defer { close(client) }
        while let request = read(client) {
            let act = lock.withLock {
                received.append(request)
                return script.isEmpty ? Act.hangUp : script.removeFirst()
            }
            switch act {
            case .answer(let text): send(text, to: client)
            case .answerAndHangUp(let text): return send(text, to: client)
            case .hangUp: return
            case .silence: _ = read(client)
            }
        }
    }

    private func send(_ text: String, to client: Int32) {
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(client, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }

    /// One request, its body as long as `Content-Length` says.
    private func read(_ client: Int32) -> String? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let text = String(decoding: bytes, as: UTF8.self)
            if let end = text.range(of: "\r\n\r\n") {
                let lines = text[..<end.lowerBound].split(separator: "\r\n")
                let length = lines.first { $0.lowercased().hasPrefix("content-length:") }
                    .flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) }
                if text[end.upperBound...].utf8.count >= length ?? 0 { return text }
            }
            let count = recv(client, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            bytes += buffer[..<count]
        }
    }
}

func answer(_ status: Int, _ body: String = "", headers: String...) -> ScriptedServer.Act {
    let fields = (["HTTP/1.1 \(status) So", "Content-Length: \(body.utf8.count)"] + headers).map {
        $0 + "\r\n"
    }
    return .answer(fields.joined() + "\r\n" + body)
}
