import Glibc
import Synchronization

@testable import Lambda

/// A platform that plays recorded answers, byte for byte, and writes down what it was asked. When its script
/// is over, it asks the loop to end at the next poll, so that no test has to wait.
final class Platform: Sendable {
    let address: RuntimeAddress
    let shutdown: Shutdown
    private let listener: Int32
    private let state: Mutex<State>

    private struct State {
        var script: [Reply]
        var extensions: [Reply]
        var requests: [Recorded] = []
    }

    init(_ script: [Reply], extensions: [Reply] = [], shutdown: Shutdown = Shutdown()) {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &place) { place in
            place.withMemoryRebound(to: sockaddr.self, capacity: 1) { place in
                precondition(bind(listener, place, length) == 0 && listen(listener, 16) == 0)
                getsockname(listener, place, &length)
            }
        }
        self.listener = listener
        address = RuntimeAddress("127.0.0.1:\(UInt16(bigEndian: place.sin_port))")!
        state = Mutex(State(script: script, extensions: extensions))
        self.shutdown = shutdown
        inThread { platform in
            while case let descriptor = accept(platform.listener, nil, nil), descriptor >= 0 {
                platform.inThread { platform in platform.serve(descriptor) }
            }
        }
    }

    /// What was asked of the runtime API, in order.
    var requests: [Recorded] { state.withLock { $0.requests }.filter { !$0.path.hasPrefix("/2020-01-01/") } }
    /// What was asked of the extensions API.
    var extensionRequests: [Recorded] {
        state.withLock { $0.requests }.filter { $0.path.hasPrefix("/2020-01-01/") }
    }

    /// Nobody listens any more.
    func close() { Glibc.shutdown(listener, Int32(SHUT_RDWR)) }

    private func serve(_ descriptor: Int32) {
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        var reader = RequestReader(descriptor: descriptor)
        defer { Glibc.close(descriptor) }
        while let request = reader.request(isHeadOnly: { self.nextReply?.ignoresBody ?? false }) {
            let reply = state.withLock { state -> Reply? in
                state.requests.append(request)
                if request.path.hasPrefix("/2020-01-01/") {
                    return state.extensions.isEmpty ? .status(404) : state.extensions.removeFirst()
                }
                return state.script.isEmpty ? nil : state.script.removeFirst()
            }
            guard let reply else { return shutdown.request() }
            if !reply.play(on: descriptor) { return }
        }
    }

    private var nextReply: Reply? { state.withLock { $0.script.first } }

    /// Everybody who waits in a thread of a test must not hold one of the few on which tests run.
    private func inThread(_ body: @escaping @Sendable (Platform) -> Void) {
        let work = Unmanaged.passRetained(Work { [self] in body(self) })
        var thread = pthread_t()
        pthread_create(
            &thread, nil,
            { work in
                Unmanaged<Work>.fromOpaque(work!).takeRetainedValue().body()
                return nil
            }, work.toOpaque())
        pthread_detach(thread)
    }

    private final class Work: Sendable {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
}

/// One recorded answer, and what becomes of the connection.
struct Reply: Sendable {
    enum Ending { case open, closed, reset }

    var bytes: [UInt8]
    /// Into packets of how many bytes the answer is cut.
    var packet = Int.max
    var ending = Ending.open
    /// Answers as soon as the head of the request is read.
    var ignoresBody = false
    /// Runs before anything is sent.
    var before: @Sendable () -> Void = {}

    init(_ text: String) { bytes = [UInt8](text.utf8) }

    static let closed = Reply("").then(.closed)
    static let reset = Reply("").then(.reset)
    static let accepted = Reply.status(202, #"{"status":"OK"}"#)

    static func status(_ status: Int, _ body: String = "{}", headers: String = "") -> Reply {
        Reply("HTTP/1.1 \(status) X\r\n\(headers)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    static func error(_ status: Int, _ type: String) -> Reply {
        .status(status, #"{"errorMessage":"no","errorType":"\#(type)"}"#)
    }

    /// An event, its body as it is or in chunks of seven bytes.
    static func event(
        _ body: String, id: String = "8476a536-e9f4-11e8-9739-2dfe598c3fcd", headers: String = "",
        chunked: Bool = false
    ) -> Reply {
        let head = "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: \(id)\r\n\(headers)"
        guard chunked else { return Reply("\(head)Content-Length: \(body.utf8.count)\r\n\r\n\(body)") }
        var reply = Reply("\(head)Transfer-Encoding: chunked\r\n\r\n")
        var rest = [UInt8](body.utf8)[...]
        while !rest.isEmpty {
            let piece = rest.prefix(7)
            reply.bytes += "\(String(piece.count, radix: 16))\r\n".utf8 + piece + "\r\n".utf8
            rest = rest.dropFirst(piece.count)
        }
        reply.bytes += "0\r\n\r\n".utf8
        return reply
    }

    func then(_ ending: Ending) -> Reply { changed { $0.ending = ending } }
    func inPackets(of size: Int) -> Reply { changed { $0.packet = size } }
    func before(_ body: @escaping @Sendable () -> Void) -> Reply { changed { $0.before = body } }
    func withoutReadingTheBody() -> Reply { changed { $0.ignoresBody = true } }

    private func changed(_ change: (inout Reply) -> Void) -> Reply {
        var copy = self
        change(&copy)
        return copy
    }

    /// Whether the connection may carry another request.
    func play(on descriptor: Int32) -> Bool {
        before()
        var rest = bytes[...]
        while !rest.isEmpty {
            let piece = Array(rest.prefix(packet))
            guard send(descriptor, piece, piece.count, Int32(MSG_NOSIGNAL)) == piece.count else {
                return false
            }
            rest = rest.dropFirst(piece.count)
        }
        if ending == .reset {
            var linger = linger(l_onoff: 1, l_linger: 0)
            setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<Glibc.linger>.size))
        }
        return ending == .open
    }
}

/// One request as it came over the wire.
struct Recorded: Sendable {
    let method: String
    let path: String
    /// By lower-case name.
    let headers: [String: String]
    /// Without the framing of chunks, if there was any.
    let body: [UInt8]
    let trailers: [String: String]
    /// How many chunks there were.
    let chunks: Int

    var text: String { String(decoding: body, as: UTF8.self) }
    /// The last part of the path: `next`, `response`, `error`.
    var step: String { String(path.split(separator: "/").last ?? "") }
}

private struct RequestReader {
    let descriptor: Int32
    private var buffer: [UInt8] = []

    init(descriptor: Int32) { self.descriptor = descriptor }

    mutating func request(isHeadOnly: () -> Bool) -> Recorded? {
        guard let (first, headers) = head() else { return nil }
        let words = first.split(separator: " ").map(String.init)
        var (body, trailers, chunks): ([UInt8], [String: String], Int) = ([], [:], 0)
        if isHeadOnly() {
            // The body stays where it is.
        } else if headers["transfer-encoding"] == "chunked" {
            while let size = line().flatMap({ Int($0, radix: 16) }), size > 0 {
                guard let piece = bytes(size), line() == "" else { return nil }
                body += piece
                chunks += 1
            }
            trailers = fields() ?? [:]
        } else if let length = headers["content-length"].flatMap({ Int($0) }) {
            guard let whole = bytes(length) else { return nil }
            body = whole
        }
        return Recorded(
            method: words[0], path: words[1], headers: headers, body: body, trailers: trailers, chunks: chunks
        )
    }

    private mutating func head() -> (String, [String: String])? {
        guard let first = line(), let fields = fields() else { return nil }
        return (first, fields)
    }

    private mutating func fields() -> [String: String]? {
        var fields: [String: String] = [:]
        while let line = line() {
            if line.isEmpty { return fields }
            let parts = line.split(separator: ":", maxSplits: 1).map(String.init)
            fields[parts[0].lowercased()] = String(parts[1].drop { $0 == " " })
        }
        return nil
    }

    private mutating func line() -> String? {
        while true {
            if let end = buffer.firstIndex(of: 10) {
                defer { buffer.removeFirst(end + 1) }
                return String(decoding: buffer[..<(end - 1)], as: UTF8.self)
            }
            guard fill() else { return nil }
        }
    }

    private mutating func bytes(_ count: Int) -> [UInt8]? {
        while buffer.count < count { guard fill() else { return nil } }
        defer { buffer.removeFirst(count) }
        return Array(buffer.prefix(count))
    }

    private mutating func fill() -> Bool {
        var piece = [UInt8](repeating: 0, count: 65_536)
        let count = read(descriptor, &piece, piece.count)
        guard count > 0 else { return false }
        buffer += piece.prefix(count)
        return true
    }
}
