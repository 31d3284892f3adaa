/// JSON as RFC 8259 has it and nothing looser, for documents that decide who somebody is.
///
/// Two readers who differ over a doubled member, a lone surrogate or a byte that is no UTF-8 differ over the
/// person, so all of these are refused. So is nesting past 16, since a stranger chooses it.
enum StrictJSON: Equatable {
    case null
    case bool(Bool)
    /// Finite.
    case number(Double)
    case string(String)
    case array([StrictJSON])
    case object([String: StrictJSON])

    struct Malformed: Error {}

    init(_ bytes: [UInt8]) throws(Malformed) {
        guard String(validating: bytes, as: UTF8.self) != nil else { throw Malformed() }
        var reader = Reader(rest: bytes[...])
        self = try reader.value(depth: 1)
        reader.skipBlanks()
        guard reader.rest.isEmpty else { throw Malformed() }
    }

    var string: String? { if case .string(let text) = self { text } else { nil } }
    var number: Double? { if case .number(let number) = self { number } else { nil } }
    var bool: Bool? { if case .bool(let bool) = self { bool } else { nil } }
    var array: [StrictJSON]? { if case .array(let elements) = self { elements } else { nil } }
    var object: [String: StrictJSON]? { if case .object(let members) = self { members } else { nil } }
}

private struct Reader {
    /// UTF-8.
    var rest: ArraySlice<UInt8>

    mutating func skipBlanks() {
        while let next = rest.first, [0x20, 0x09, 0x0A, 0x0D].contains(next) { rest.removeFirst() }
    }

    mutating func value(depth: Int) throws(StrictJSON.Malformed) -> StrictJSON {
        guard depth <= 16 else { throw StrictJSON.Malformed() }
        skipBlanks()
        switch rest.first {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "-"), .some(48...57): return .number(try number())
        default:
            if take("true") { return .bool(true) }
            if take("false") { return .bool(false) }
            if take("null") { return .null }
            throw StrictJSON.Malformed()
        }
    }

    private mutating func object(depth: Int) throws(StrictJSON.Malformed) -> StrictJSON {
        var members: [String: StrictJSON] = [:]
        try items(between: "{", "}") { (reader) throws(StrictJSON.Malformed) in
            reader.skipBlanks()
            let name = try reader.string()
            reader.skipBlanks()
            guard reader.take(":"), members[name] == nil else { throw StrictJSON.Malformed() }
            members[name] = try reader.value(depth: depth + 1)
        }
        return .object(members)
    }

    private mutating func array(depth: Int) throws(StrictJSON.Malformed) -> StrictJSON {
        var elements: [StrictJSON] = []
        try items(between: "[", "]") { (reader) throws(StrictJSON.Malformed) in
            elements.append(try reader.value(depth: depth + 1))
        }
        return .array(elements)
    }

    private mutating func items(
        between start: StaticString, _ end: StaticString,
        read: (inout Reader) throws(StrictJSON.Malformed) -> Void
    ) throws(StrictJSON.Malformed) {
        guard take(start) else { throw StrictJSON.Malformed() }
        skipBlanks()
        if take(end) { return }
        while true {
            try read(&self)
            skipBlanks()
            if take(end) { return }
            guard take(",") else { throw StrictJSON.Malformed() }
        }
    }

    private mutating func string() throws(StrictJSON.Malformed) -> String {
        guard take("\"") else { throw StrictJSON.Malformed() }
        var bytes: [UInt8] = []
        while let next = rest.popFirst() {
            switch next {
            case UInt8(ascii: "\""): return String(decoding: bytes, as: UTF8.self)
            case UInt8(ascii: "\\"): bytes += try escaped().utf8
            case 0..<0x20: throw StrictJSON.Malformed()
            default: bytes.append(next)
            }
        }
        throw StrictJSON.Malformed()
    }

    private mutating func escaped() throws(StrictJSON.Malformed) -> String {
        switch rest.popFirst() {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw StrictJSON.Malformed()
        }
        var units = [try unit()]
        if UTF16.isLeadSurrogate(units[0]), take("\\u") { units.append(try unit()) }
        guard let text = String(validating: units, as: UTF16.self) else { throw StrictJSON.Malformed() }
        return text
    }

    private mutating func unit() throws(StrictJSON.Malformed) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = rest.popFirst().flatMap({ Character(Unicode.Scalar($0)).hexDigitValue })
            else { throw StrictJSON.Malformed() }
            unit = unit << 4 | UInt16(digit)
        }
        return unit
    }

    private mutating func number() throws(StrictJSON.Malformed) -> Double {
        let start = rest
        _ = take("-")
        if !take("0") { try digits() }
        if take(".") { try digits() }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try digits()
        }
        let text = String(decoding: start[..<rest.startIndex], as: UTF8.self)
        // 1e999 is grammatical, and infinite: a time that never comes.
        guard let number = Double(text), number.isFinite else { throw StrictJSON.Malformed() }
        return number
    }

    private mutating func digits() throws(StrictJSON.Malformed) {
        guard let first = rest.first, (48...57).contains(first) else { throw StrictJSON.Malformed() }
        rest = rest.drop { (48...57).contains($0) }
    }

    private mutating func take(_ text: StaticString) -> Bool {
        text.withUTF8Buffer { text in
            guard rest.starts(with: text) else { return false }
            rest.removeFirst(text.count)
            return true
        }
    }
}
