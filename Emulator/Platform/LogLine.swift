import Synchronization

/// What a function printed, or the platform about it.
public struct LogLine: Hashable, Sendable {
    public var function: String
    /// Which of the function's environments.
    public var environment: String
    /// The event under way, if any.
    public var requestID: String?
    public var isFromPlatform: Bool
    /// Without the line's end.
    public var text: String

    public init(
        function: String, environment: String, requestID: String?, isFromPlatform: Bool, text: String
    ) {
        self.function = function
        self.environment = environment
        self.requestID = requestID
        self.isFromPlatform = isFromPlatform
        self.text = text
    }
}

/// Cuts a stream of bytes into lines; a line longer than an event of CloudWatch may be (256 KiB) is cut
/// there.
struct LineSplitter {
    private var rest: [UInt8] = []
    private static let longest = 262_144

    mutating func add(_ bytes: UnsafeRawBufferPointer) -> [String] {
        var lines: [String] = []
        for part in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            // All but the first part begin after a line's end.
            if part.startIndex != bytes.startIndex { lines.append(take()) }
            rest.append(contentsOf: part)
            if rest.count >= Self.longest { lines.append(take()) }
        }
        return lines
    }

    mutating func finish() -> String? {
        rest.isEmpty ? nil : take()
    }

    private mutating func take() -> String {
        defer { rest.removeAll(keepingCapacity: true) }
        return String(decoding: rest, as: UTF8.self)
    }
}

/// The log of one environment: hands every line on, and keeps the last of the event under way.
final class FunctionLog: Sendable {
    private struct Tail {
        var requestID: String?
        var lines: [String] = []
        var bytes = 0
    }

    private let function: String
    private let environment: String
    private let sink: @Sendable (LogLine) -> Void
    private let tail = Mutex(Tail())
    /// What `X-Amz-Log-Result` holds at most.
    private static let tailBytes = 4_096

    init(function: String, environment: String, sink: @escaping @Sendable (LogLine) -> Void) {
        self.function = function
        self.environment = environment
        self.sink = sink
    }

    func begin(_ requestID: String) {
        tail.withLock { $0 = Tail(requestID: requestID) }
    }

    /// The lines since `begin`, the oldest left out where they are too many.
    func end() -> [String] {
        tail.withLock { tail in
            tail.requestID = nil
            defer { tail.lines = [] }
            return tail.lines
        }
    }

    func add(_ text: String, isFromPlatform: Bool = false) {
        let requestID = tail.withLock { tail -> String? in
            guard tail.requestID != nil else { return nil }
            tail.lines.append(text)
            tail.bytes += text.utf8.count + 1
            while tail.bytes > Self.tailBytes, tail.lines.count > 1 {
                tail.bytes -= tail.lines.removeFirst().utf8.count + 1
            }
            return tail.requestID
        }
        sink(
            LogLine(
                function: function, environment: environment, requestID: requestID,
                isFromPlatform: isFromPlatform, text: text))
    }
}
