import Foundation

/// A JSON text taken apart, with its numbers as they were written: to a pattern, 300 and 300.0 are two things.
public indirect enum JSONTree: Hashable, Sendable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([JSONTree])
    case object([String: JSONTree])

    /// Nil, if it is no JSON (RFC 8259), or nested too deep.
    public init?(_ text: some StringProtocol) {
        var reader = JSONReader(Array(text.utf8))
        guard let tree = reader.document() else { return nil }
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

    var isObject: Bool {
        guard case .object = self else { return false }
        return true
    }
}

/// Reads a document once from its beginning to its end.
private struct JSONReader {
    private let bytes: [UInt8]
    private var place = 0
    private static let deepest = 100

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func document() -> JSONTree? {
        guard let tree = value(0) else { return nil }
        blanks()
        return place == bytes.count ? tree : nil
    }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func blanks() {
        while let byte = next, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { place += 1 }
    }

    private mutating func takes(_ character: Unicode.Scalar) -> Bool {
        blanks()
        guard next == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    private mutating func value(_ depth: Int) -> JSONTree? {
        blanks()
        guard depth < Self.deepest, let byte = next else { return nil }
        switch byte {
        case UInt8(ascii: "{"): return object(depth)
        case UInt8(ascii: "["): return array(depth)
        case UInt8(ascii: "\""): return string().map(JSONTree.string)
        case UInt8(ascii: "t"): return word("true", .bool(true))
        case UInt8(ascii: "f"): return word("false", .bool(false))
        case UInt8(ascii: "n"): return word("null", .null)
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

    private mutating func word(_ word: String, _ tree: JSONTree) -> JSONTree? {
        guard bytes[place...].starts(with: word.utf8) else { return nil }
        place += word.utf8.count
        return tree
    }

    /// To its closing quote; what is escaped in it is Foundation's to undo, and what is wrong in it to find.
    private mutating func string() -> String? {
        let start = place
        place += 1
        while let byte = next, byte != UInt8(ascii: "\"") { place += byte == UInt8(ascii: "\\") ? 2 : 1 }
        guard place < bytes.count else { return nil }
        place += 1
        return try? JSONDecoder().decode(String.self, from: Data(bytes[start..<place]))
    }

    private mutating func number() -> JSONTree? {
        let start = place
        while let byte = next, "+-.0123456789eE".utf8.contains(byte) { place += 1 }
        let text = String(decoding: bytes[start..<place], as: UTF8.self)
        let form = /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/
        return text.wholeMatch(of: form) == nil ? nil : .number(text)
    }
}
