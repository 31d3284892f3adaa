/// Where something stands in a trace: in which one, below which span, and whether it is written down. All of
/// it are random numbers; nothing of a person is ever in them.
public struct TraceContext: Hashable, Sendable {
    /// 32 hexadecimal digits (W3C Trace Context, section 3.2.2.3); not all of them zeros.
    public let trace: String
    /// 16 hexadecimal digits; nil at the beginning of a trace.
    public let span: String?
    public let isSampled: Bool

    private init(trace: String, span: String?, isSampled: Bool) {
        (self.trace, self.span, self.isSampled) = (trace, span, isSampled)
    }

    /// Of X-Ray's header, `Root=1-<8 digits>-<24 digits>;Parent=<16 digits>;Sampled=1`. Nil for anything
    /// else; what a header holds beyond that is passed over. Where it says nothing of sampling, nobody
    /// decided to write.
    /// https://docs.aws.amazon.com/xray/latest/devguide/xray-concepts.html#xray-concepts-tracingheader
    public init?(header: String) {
        var root: Substring?, parent: Substring?
        var isSampled = false
        for field in header.split(separator: ";") {
            let field = field.drop { $0 == " " }
            if field.hasPrefix("Root=") { root = field.dropFirst(5) }
            if field.hasPrefix("Parent=") { parent = field.dropFirst(7) }
            if field == "Sampled=1" { isSampled = true }
        }
        guard let parts = root?.split(separator: "-", omittingEmptySubsequences: false), parts.count == 3,
            parts[0] == "1", Self.isHexadecimal(parts[1], 8), Self.isHexadecimal(parts[2], 24)
        else { return nil }
        let span = parent.flatMap { Self.isHexadecimal($0, 16) ? String($0) : nil }
        self.init(trace: String(parts[1] + parts[2]), span: span, isSampled: isSampled)
    }

    /// As X-Ray, SQS and EventBridge carry it.
    public var header: String {
        let parent = span.map { ";Parent=\($0)" } ?? ""
        return "Root=1-\(trace.prefix(8))-\(trace.dropFirst(8))\(parent);Sampled=\(isSampled ? 1 : 0)"
    }

    /// As HTTP carries it (W3C Trace Context, section 3.2); nil while there is no span to be below of.
    public var traceparent: String? { span.map { "00-\(trace)-\($0)-0\(isSampled ? 1 : 0)" } }

    /// A new span of the same trace.
    func child() -> TraceContext {
        let digits = String(UInt64.random(in: 1...UInt64.max), radix: 16)
        let span = String(repeating: "0", count: 16 - digits.utf8.count) + digits
        return TraceContext(trace: trace, span: span, isSampled: isSampled)
    }

    private static func isHexadecimal(_ text: Substring, _ count: Int) -> Bool {
        text.utf8.count == count
            && text.utf8.contains { $0 != UInt8(ascii: "0") }
            && text.utf8.allSatisfy { digit in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(digit)
            }
    }
}
