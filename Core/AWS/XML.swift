/// An element of the little XML that S3 speaks: elements, attributes that nobody reads, text.
///
/// What S3 never sends is refused rather than understood: document types (and with them entities of their
/// own), CDATA, comments inside, nesting past 16.
struct XMLElement: Hashable {
    let name: String
    private(set) var children: [XMLElement] = []
    /// All text directly in the element, put together.
    private(set) var text = ""

    struct Malformed: Error {}

    /// The text of the first child of this name.
    subscript(child: String) -> String? { children.first { $0.name == child }?.text }

    /// Blanks before the declaration are taken: S3 sends them to keep a connection.
    init(_ bytes: [UInt8]) throws(Malformed) {
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Malformed() }
        var scanner = XMLScanner(text)
        scanner.skipBlanks()
        try scanner.skipDeclaration()
        self = try scanner.element(depth: 1)
        scanner.skipBlanks()
        guard scanner.isAtEnd else { throw Malformed() }
    }

    fileprivate init(name: String) { self.name = name }

    fileprivate mutating func append(_ child: XMLElement) { children.append(child) }
    fileprivate mutating func append(_ text: String) { self.text += text }

    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

private struct XMLScanner {
    /// Of scalars and not characters: `>` and an accent after it are one Character.
    private var rest: Substring.UnicodeScalarView

    init(_ text: String) { rest = Substring(text).unicodeScalars }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func skipBlanks() {
        while let next = rest.first, Self.isBlank(next) { rest.removeFirst() }
    }

    mutating func skipDeclaration() throws(XMLElement.Malformed) {
        guard take("<?xml") else { return }
        while !take("?>") { _ = try next() }
        skipBlanks()
    }

    mutating func element(depth: Int) throws(XMLElement.Malformed) -> XMLElement {
        guard depth <= 16, take("<") else { throw XMLElement.Malformed() }
        let name = try self.name()
        var element = XMLElement(name: name)
        guard try !skipAttributes() else { return element }
        while true {
            if take("</") {
                guard try self.name() == name else { throw XMLElement.Malformed() }
                skipBlanks()
                guard take(">") else { throw XMLElement.Malformed() }
                return element
            } else if rest.first == "<" {
                element.append(try self.element(depth: depth + 1))
            } else {
                element.append(try text(until: "<"))
            }
        }
    }

    /// Whether the element ended with its tag, as `<Contents/>` does.
    private mutating func skipAttributes() throws(XMLElement.Malformed) -> Bool {
        while true {
            skipBlanks()
            if take(">") { return false }
            if take("/>") { return true }
            _ = try name()
            guard take("="), let quote = rest.popFirst(), quote == "\"" || quote == "'"
            else { throw XMLElement.Malformed() }
            _ = try text(until: quote)
            rest.removeFirst()
        }
    }

    private mutating func name() throws(XMLElement.Malformed) -> String {
        var name = ""
        while let next = rest.first, next.isASCII, Self.isOfName(next) {
            name.unicodeScalars.append(next)
            rest.removeFirst()
        }
        guard !name.isEmpty else { throw XMLElement.Malformed() }
        return name
    }

    private mutating func text(until end: Unicode.Scalar) throws(XMLElement.Malformed) -> String {
        var text = ""
        while let next = rest.first, next != end {
            rest.removeFirst()
            guard next != "<" else { throw XMLElement.Malformed() }
            text.unicodeScalars.append(next == "&" ? try reference() : next)
        }
        guard rest.first == end else { throw XMLElement.Malformed() }
        return text
    }

    private mutating func reference() throws(XMLElement.Malformed) -> Unicode.Scalar {
        var name = ""
        while true {
            let next = try next()
            if next == ";" { break }
            name.unicodeScalars.append(next)
            guard name.utf8.count <= 8 else { throw XMLElement.Malformed() }
        }
        switch name {
        case "amp": return "&"
        case "lt": return "<"
        case "gt": return ">"
        case "quot": return "\""
        case "apos": return "'"
        default: return try number(name)
        }
    }

    private func number(_ name: String) throws(XMLElement.Malformed) -> Unicode.Scalar {
        let isHexadecimal = name.hasPrefix("#x")
        let digits = name.dropFirst(isHexadecimal ? 2 : 1)
        guard
            name.hasPrefix("#"),
            digits.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
            let scalar = UInt32(digits, radix: isHexadecimal ? 16 : 10).flatMap(Unicode.Scalar.init)
        else { throw XMLElement.Malformed() }
        return scalar
    }

    private mutating func next() throws(XMLElement.Malformed) -> Unicode.Scalar {
        guard let next = rest.popFirst() else { throw XMLElement.Malformed() }
        return next
    }

    private mutating func take(_ text: String) -> Bool {
        guard rest.starts(with: text.unicodeScalars) else { return false }
        rest.removeFirst(text.unicodeScalars.count)
        return true
    }

    private static func isBlank(_ scalar: Unicode.Scalar) -> Bool {
        scalar == " " || scalar == "\n" || scalar == "\r" || scalar == "\t"
    }

    private static func isOfName(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
            || "_-.:".unicodeScalars.contains(scalar)
    }
}
