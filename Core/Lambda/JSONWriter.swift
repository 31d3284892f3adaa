public import FoundationEssentials

extension JSONEncoder {
    /// The one way in which we write JSON: sorted keys, so that equal answers are equal bytes; slashes as
    /// they are; dates in ISO 8601.
    public static let earshelf: JSONEncoder = {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return encoder
    }()
}

extension [UInt8] {
    /// Appends a text that needs no escape.
    mutating func append(_ text: StaticString) {
        append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends a text as a JSON string (RFC 8259, section 7).
    mutating func appendJSON(_ text: String) {
        append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): append(#"\""#)
            case UInt8(ascii: "\\"): append(#"\\"#)
            case 0x0A: append(#"\n"#)
            case 0x0D: append(#"\r"#)
            case 0x09: append(#"\t"#)
            case 0..<0x20:
                append(#"\u00"#)
                append(contentsOf: hexadecimal(byte))
            default: append(byte)
            }
        }
        append(UInt8(ascii: "\""))
    }

    /// Appends an object whose members are all strings, sorted by name.
    mutating func appendJSON(_ members: [String: String]) {
        append(UInt8(ascii: "{"))
        for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
            if index > 0 { append(UInt8(ascii: ",")) }
            appendJSON(member.key)
            append(UInt8(ascii: ":"))
            appendJSON(member.value)
        }
        append(UInt8(ascii: "}"))
    }

    /// Appends a list of strings.
    mutating func appendJSON(_ elements: [String]) {
        append(UInt8(ascii: "["))
        for (index, element) in elements.enumerated() {
            if index > 0 { append(UInt8(ascii: ",")) }
            appendJSON(element)
        }
        append(UInt8(ascii: "]"))
    }
}

private func hexadecimal(_ byte: UInt8) -> [UInt8] {
    [byte >> 4, byte & 15].map { $0 < 10 ? UInt8(ascii: "0") + $0 : UInt8(ascii: "a") + $0 - 10 }
}
