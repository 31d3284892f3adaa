import Foundation

/// A JSON text taken apart, with its numbers as they were written: to a pattern, 300 and 300.0 are two things.
public enum JSONTree: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([JSONTree])
    case object([String: JSONTree])

    /// Nil, if it is no JSON (RFC 8259), or nested deeper than 512.
    public init?(_ text: some StringProtocol) { self.init(Array(text.utf8)) }

    public init?(_ bytes: [UInt8]) {
        let tree = bytes.withUnsafeBufferPointer { bytes in
            var reader = JSONReader(bytes: bytes)
            return reader.document()
        }
        guard let tree else { return nil }
        self = tree
    }

    public subscript(name: String) -> JSONTree? {
        guard case .object(let members) = self else { return nil }
        return members[name]
    }

    public var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    public var isObject: Bool {
        guard case .object = self else { return false }
        return true
    }
}

/// Reads a document once from its beginning to its end.
private struct JSONReader {
    let bytes: UnsafeBufferPointer<UInt8>
    private var place = 0
    private static let deepest = 512

    init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    mutating func document() -> JSONTree? {
        guard let tree = value(0) else { return nil }
        blanks()
        return place == bytes.count ? tree : nil
    }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func blanks() {
        while let byte = next, byte == 0x20 || (0x09...0x0A).contains(byte) || byte == 0x0D { place += 1 }
    }

    private mutating func takes(_ character: Unicode.Scalar) -> Bool {
        blanks()
        return isAt(character)
    }

    /// Taken, if it comes next and no blank before it.
    private mutating func isAt(_ character: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    private mutating func value(_ depth: Int) -> JSONTree? {
        blanks()
        guard depth < Self.deepest, let byte = next else { return nil }
        switch Unicode.Scalar(byte) {
        case "{": return object(depth)
        case "[": return array(depth)
        case "\"": return string().map(JSONTree.string)
        case "t": return word("true", .bool(true))
        case "f": return word("false", .bool(false))
        case "n": return word("null", .null)
        default: return number()
        }
    }

    private mutating func object(_ depth: Int) -> JSONTree? {
        place += 1
        var members: [String: JSONTree] = [:]
        if takes("}") { return .object(members) }
        repeat {
            blanks()
            guard next == UInt8(ascii: "\""), let name = string(), takes(":"), let value = value(depth + 1)
            else { return nil }
            members[name] = value
        } while takes(",")
        return takes("}") ? .object(members) : nil
    }

    private mutating func array(_ depth: Int) -> JSONTree? {
        place += 1
        var elements: [JSONTree] = []
        if takes("]") { return .array(elements) }
        repeat {
            guard let value = value(depth + 1) else { return nil }
            elements.append(value)
        } while takes(",")
        return takes("]") ? .array(elements) : nil
    }

    private mutating func word(_ word: StaticString, _ tree: JSONTree) -> JSONTree? {
        let length = word.utf8CodeUnitCount
        let letters = UnsafeBufferPointer(start: word.utf8Start, count: length)
        guard bytes[place...].starts(with: letters) else { return nil }
        place += length
        return tree
    }

    /// To its closing quote. What is escaped in it, or more than ASCII, is Foundation's to read.
    private mutating func string() -> String? {
        let start = place
        var isPlain = true
        place += 1
        while let byte = next, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { return nil }
            let isEscape = byte == UInt8(ascii: "\\")
            if isEscape || byte >= 0x80 { isPlain = false }
            place += isEscape ? 2 : 1
        }
        guard place < bytes.count else { return nil }
        place += 1
        if isPlain { return String(decoding: bytes[start + 1..<place - 1], as: UTF8.self) }
        return try? JSONDecoder().decode(String.self, from: Data(bytes[start..<place]))
    }

    /// A sign, digits without a zero before them, and perhaps a fraction and an exponent (RFC 8259, section 6).
    private mutating func number() -> JSONTree? {
        let start = place
        _ = isAt("-")
        if !isAt("0") { guard digits() else { return nil } }
        if isAt(".") { guard digits() else { return nil } }
        if isAt("e") || isAt("E") {
            _ = isAt("+") || isAt("-")
            guard digits() else { return nil }
        }
        return .number(String(decoding: bytes[start..<place], as: UTF8.self))
    }

    /// Whether there was one at least.
    private mutating func digits() -> Bool {
        let start = place
        while let byte = next, (0x30...0x39).contains(byte) { place += 1 }
        return place > start
    }
}
