import Foundation

/// `X-Amzn-Trace-Id`, made or continued.
/// https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
public struct TraceHeader: Hashable, Sendable {
    /// `1-` the second it began in hexadecimal `-` 24 hexadecimal digits.
    var root: String
    var parent: String?
    var isSampled: Bool

    /// The trace's id as W3C and OpenTelemetry write it: 32 hexadecimal digits.
    public var trace: String { root.split(separator: "-").dropFirst().joined() }

    /// As the headers of the event carry it.
    var incoming: String {
        parent == nil ? "Root=\(root)" : full
    }

    /// As the function's environment carries it.
    var full: String {
        let sampled = "Sampled=\(isSampled ? 1 : 0)"
        return (["Root=\(root)"] + (parent.map { ["Parent=\($0)"] } ?? []) + [sampled]).joined(separator: ";")
    }

    init(root: String, parent: String? = nil, isSampled: Bool = true) {
        self.root = root
        self.parent = parent
        self.isSampled = isSampled
    }

    /// Continues what the client began, by its own header or by W3C's `traceparent`; else begins anew, sampled where
    /// somebody collects.
    init(amazon: String?, traceparent: String?, now: Date, isCollected: Bool = true) {
        self =
            amazon.flatMap(Self.init(amazon:)) ?? traceparent.flatMap(Self.init(traceparent:))
            ?? Self(root: Self.newRoot(at: now), isSampled: isCollected)
    }

    public init?(amazon text: String) {
        var fields: [Substring: String] = [:]
        for field in text.split(separator: ";") {
            let parts = field.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { continue }
            let name = parts[0].drop { $0 == " " }
            fields[name] = parts[1].trimmingCharacters(in: .whitespaces)
        }
        guard let root = fields["Root"], Self.isRoot(root) else { return nil }
        self.root = root
        parent = fields["Parent"].flatMap { Self.isHexadecimal($0, count: 16) ? $0 : nil }
        isSampled = fields["Sampled"] != "0"
    }

    /// `00-<32 digits>-<16 digits>-<flags>`, W3C Trace Context. The first eight digits need not be a time.
    init?(traceparent text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 4, Self.isHexadecimal(parts[0], count: 2), parts[0] != "ff",
            Self.isHexadecimal(parts[1], count: 32), parts[1].contains(where: { $0 != "0" }),
            Self.isHexadecimal(parts[2], count: 16), parts[2].contains(where: { $0 != "0" }),
            Self.isHexadecimal(parts[3], count: 2), let flags = UInt8(parts[3], radix: 16)
        else { return nil }
        root = "1-\(parts[1].prefix(8))-\(parts[1].dropFirst(8))"
        parent = parts[2]
        isSampled = flags & 1 == 1
    }

    static func newRoot(at now: Date) -> String {
        let seconds = String(UInt32(clamping: Int64(now.timeIntervalSince1970)), radix: 16)
        let rest = (0..<3).map { _ in padded(String(UInt32.random(in: 0...UInt32.max), radix: 16)) }.joined()
        return "1-\(padded(seconds))-\(rest)"
    }

    static func newSpan() -> String {
        let digits = String(UInt64.random(in: 1...UInt64.max), radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    private static func padded(_ digits: String) -> String {
        String(repeating: "0", count: 8 - digits.count) + digits
    }

    private static func isRoot(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        return parts.count == 3 && parts[0] == "1" && isHexadecimal(parts[1], count: 8)
            && isHexadecimal(parts[2], count: 24)
    }

    private static func isHexadecimal(_ text: some StringProtocol, count: Int) -> Bool {
        text.utf8.count == count
            && text.utf8.allSatisfy { digit in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(digit)
            }
    }
}
