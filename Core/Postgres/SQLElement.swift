/// A value of which Postgres has arrays. Swift allows `Array` one conformance to `SQLValue`, so the element
/// says what an array of it is: of `UInt8` it is a `bytea`, of all others an array (`text[]`, `uuid[]`,
/// `bigint[]`).
public protocol SQLElement {
    static func sqlText(of elements: [Self]) -> String
    static func elements(sqlText: String) -> [Self]?
}

extension Array: SQLValue where Element: SQLElement {
    public var sqlText: String { Element.sqlText(of: self) }

    public init?(sqlText: String) {
        guard let elements = Element.elements(sqlText: sqlText) else { return nil }
        self = elements
    }
}

extension SQLElement where Self: SQLValue {
    /// PostgreSQL 15, section 8.15.6. Every element is quoted, so that none can be taken for NULL or a brace.
    public static func sqlText(of elements: [Self]) -> String {
        var bytes: [UInt8] = [UInt8(ascii: "{")]
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(UInt8(ascii: "\""))
            for byte in element.sqlText.utf8 {
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                    bytes.append(UInt8(ascii: "\\"))
                }
                bytes.append(byte)
            }
            bytes.append(UInt8(ascii: "\""))
        }
        bytes.append(UInt8(ascii: "}"))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// One dimension, counted from 1, without NULLs: all that our schema holds.
    public static func elements(sqlText: String) -> [Self]? {
        var scanner = ArrayScanner(bytes: Array(sqlText.utf8))
        guard let texts = scanner.elements() else { return nil }
        var elements: [Self] = []
        elements.reserveCapacity(texts.count)
        for text in texts {
            guard let element = Self(sqlText: text) else { return nil }
            elements.append(element)
        }
        return elements
    }
}

/// Reads `{a,"b c","say \"d\""}`.
private struct ArrayScanner {
    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    mutating func elements() -> [String]? {
        guard take("{") else { return nil }
        if take("}") { return position == bytes.count ? [] : nil }
        var elements: [String] = []
        repeat {
            guard let element = element() else { return nil }
            elements.append(element)
        } while take(",")
        return take("}") && position == bytes.count ? elements : nil
    }

    private mutating func element() -> String? {
        take("\"") ? quotedElement() : bareElement()
    }

    private mutating func quotedElement() -> String? {
        var text: [UInt8] = []
        while position < bytes.count {
            if take("\"") { return String(decoding: text, as: UTF8.self) }
            if take("\\"), position == bytes.count { return nil }
            text.append(bytes[position])
            position += 1
        }
        return nil
    }

    private mutating func bareElement() -> String? {
        let start = position
        while position < bytes.count, !",{}".utf8.contains(bytes[position]) { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        return text.isEmpty || text == "NULL" ? nil : text
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }
}

/// `bytea` in its hex form (PostgreSQL 15, section 8.4.1).
extension UInt8: SQLElement {
    public static func sqlText(of elements: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = Array("\\x".utf8)
        text.reserveCapacity(2 + elements.count * 2)
        for byte in elements {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return String(decoding: text, as: UTF8.self)
    }

    public static func elements(sqlText: String) -> [UInt8]? {
        let digits = Array(sqlText.utf8)
        guard digits.starts(with: "\\x".utf8), digits.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2 - 1)
        for index in stride(from: 2, to: digits.count, by: 2) {
            guard let high = nibble(digits[index]), let low = nibble(digits[index + 1]) else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
