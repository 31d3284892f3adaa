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
        var header = header
        guard let read = header.withUTF8(Self.read) else { return nil }
        self = read
    }

    /// Bytes, and not characters: each event comes with one of these.
    private static func read(_ header: UnsafeBufferPointer<UInt8>) -> TraceContext? {
        var root: Slice<UnsafeBufferPointer<UInt8>>?, parent: Slice<UnsafeBufferPointer<UInt8>>?
        var isSampled = false
        var rest = header[...]
        while !rest.isEmpty {
            let end = rest.firstIndex(of: UInt8(ascii: ";")) ?? rest.endIndex
            let field = rest[..<end].drop { $0 == UInt8(ascii: " ") }
            if field.starts(with: "Root=".utf8) { root = field.dropFirst(5) }
            if field.starts(with: "Parent=".utf8) { parent = field.dropFirst(7) }
            if field.elementsEqual("Sampled=1".utf8) { isSampled = true }
            rest = rest[end...].dropFirst()
        }
        guard let root, root.count == 35, root.starts(with: "1-".utf8),
            root[root.startIndex + 10] == UInt8(ascii: "-")
        else { return nil }
        let begun = root.dropFirst(2).prefix(8), unique = root.dropFirst(11)
        guard isHexadecimal(begun), isHexadecimal(unique) else { return nil }
        let trace = String(unsafeUninitializedCapacity: 32) { digits in
            _ = digits.update(fromContentsOf: begun)
            _ = digits.extracting(8...).update(fromContentsOf: unique)
            return 32
        }
        let span = parent.flatMap {
            $0.count == 16 && isHexadecimal($0) ? String(decoding: $0, as: UTF8.self) : nil
        }
        return TraceContext(trace: trace, span: span, isSampled: isSampled)
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

    /// Lower-case digits, and not zeros alone.
    private static func isHexadecimal(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        text.contains { $0 != UInt8(ascii: "0") }
            && text.allSatisfy { digit in
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit)
                    || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(digit)
            }
    }
}
