internal import Glibc

public enum LogLevel: String, CaseIterable, Comparable, Sendable {
    case trace = "TRACE"
    case debug = "DEBUG"
    case info = "INFO"
    case warning = "WARN"
    case error = "ERROR"
    case fatal = "FATAL"

    public static func < (one: LogLevel, other: LogLevel) -> Bool { one.rank < other.rank }
    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// What log lines are about and where they go. Both are bound to the thread of the event, so that tests can
/// run side by side and read their own lines.
public enum Log {
    /// Where a whole line goes; the standard error of the process, unless a test wants to read it.
    @TaskLocal public static var sink: @Sendable ([UInt8]) -> Void = writeToStandardError

    /// The event that is being handled.
    @TaskLocal static var invocation: Invocation?

    /// `AWS_LAMBDA_LOG_LEVEL`: TRACE, DEBUG, INFO, WARN, ERROR or FATAL; INFO unless set.
    static let threshold =
        environment("AWS_LAMBDA_LOG_LEVEL").flatMap { LogLevel(rawValue: $0.uppercased()) } ?? .info

    /// No value is longer in a line than this many bytes.
    private static let longest = 16_384

    static func line(
        _ message: StaticString, _ fields: [String: any CustomStringConvertible & Sendable], _ level: LogLevel
    ) -> [UInt8] {
        var line: [UInt8] = []
        line.reserveCapacity(256)
        line.append(#"{"time":""#)
        line.append(contentsOf: timestamp())
        line.append(#"","level":""#)
        line.append(contentsOf: level.rawValue.utf8)
        line.append(#"","message":"#)
        line.appendJSON(message.description)
        if let invocation {
            line.append(#","requestId":"#)
            line.appendJSON(invocation.id)
            if let trace = invocation.traceID {
                line.append(#","traceId":"#)
                line.appendJSON(trace)
            }
        }
        if !fields.isEmpty {
            line.append(#","fields":{"#)
            for (index, field) in fields.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { line.append(UInt8(ascii: ",")) }
                line.appendJSON(field.key)
                line.append(UInt8(ascii: ":"))
                append(field.value, to: &line)
            }
            line.append(UInt8(ascii: "}"))
        }
        line.append("}\n")
        return line
    }

    private static func append(_ value: any CustomStringConvertible, to line: inout [UInt8]) {
        switch value {
        case let number as any BinaryInteger: line.append(contentsOf: String(number).utf8)
        case let number as Double where number.isFinite: line.append(contentsOf: String(number).utf8)
        case let flag as Bool: line.append(contentsOf: String(flag).utf8)
        default:
            let text = value.description
            let isLong = text.utf8.count > longest
            line.appendJSON(isLong ? String(decoding: text.utf8.prefix(longest), as: UTF8.self) + "…" : text)
        }
    }

    /// The wall clock in UTC, as `2025-01-31T12:00:00.250Z`.
    private static func timestamp() -> [UInt8] {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var parts = tm()
        gmtime_r(&now.tv_sec, &parts)
        var text: [UInt8] = []
        text.reserveCapacity(24)
        text.append(Int(parts.tm_year) + 1900, digits: 4, then: "-")
        text.append(Int(parts.tm_mon) + 1, digits: 2, then: "-")
        text.append(Int(parts.tm_mday), digits: 2, then: "T")
        text.append(Int(parts.tm_hour), digits: 2, then: ":")
        text.append(Int(parts.tm_min), digits: 2, then: ":")
        text.append(Int(parts.tm_sec), digits: 2, then: ".")
        text.append(now.tv_nsec / 1_000_000, digits: 3, then: "Z")
        return text
    }
}

/// One fact, as one line of JSON on the standard error: when, how grave, what, in which request, and its
/// values.
///
/// The message is constant, so that lines can be counted by it; values are fields, and never personal data or
/// secrets.
public func log(
    _ message: StaticString, _ fields: [String: any CustomStringConvertible & Sendable] = [:],
    level: LogLevel = .info
) {
    guard level >= Log.threshold else { return }
    Log.sink(Log.line(message, fields, level))
}

/// A line goes out in one call, so that lines do not mix; what cannot be written is lost, for who could be
/// told.
private let writeToStandardError: @Sendable ([UInt8]) -> Void = { line in
    line.withUnsafeBytes { bytes in
        var written = 0
        while written < bytes.count {
            let count = write(STDERR_FILENO, bytes.baseAddress! + written, bytes.count - written)
            if count < 0 && errno != EINTR { return }
            written += max(0, count)
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ value: Int, digits: Int, then separator: StaticString) {
        var divisor = (1..<digits).reduce(1) { power, _ in power * 10 }
        while divisor > 0 {
            append(UInt8(ascii: "0") + UInt8(value / divisor % 10))
            divisor /= 10
        }
        append(separator)
    }
}
