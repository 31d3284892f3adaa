/// As much of XML as S3 speaks: elements with either text or children. Attributes are read over.
struct XMLElement: Hashable, Sendable {
    let name: String
    var text = ""
    var children: [XMLElement] = []

    init(_ name: String, _ text: String) { (self.name, self.text) = (name, text) }
    init(_ name: String, _ children: [XMLElement] = []) { (self.name, self.children) = (name, children) }

    subscript(name: String) -> String? { children.first { $0.name == name }?.text }

    func all(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

    /// A document with S3's namespace, which errors alone go without.
    func document(inNamespace: Bool = true) -> String {
        var document = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        write(into: &document, inNamespace ? " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"" : "")
        return document
    }

    private func write(into document: inout String, _ attributes: String = "") {
        document += "<\(name)\(attributes)>"
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": document += "&amp;"
            case "<": document += "&lt;"
            case ">": document += "&gt;"
            case "\"": document += "&quot;"
            case "\u{0}"..."\u{1F}": document += "&#x\(String(scalar.value, radix: 16));"
            default: document.unicodeScalars.append(scalar)
            }
        }
        for child in children { child.write(into: &document) }
        document += "</\(name)>"
    }
}

/// Reads what clients send. A document type, an entity of its own or a ninth level is no document of S3's.
struct XMLReader {
    private var rest: Substring.UnicodeScalarView
    private static let deepest = 8

    static func read(_ bytes: [UInt8]) -> XMLElement? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        var reader = XMLReader(rest: Substring(text).unicodeScalars)
        reader.skipProlog()
        guard let root = reader.element(depth: 0) else { return nil }
        reader.skipProlog()
        return reader.rest.isEmpty ? root : nil
    }

    private mutating func skipProlog() {
        if rest.first == "\u{FEFF}" { rest.removeFirst() }
        skipBlanks()
        while let end = takes("<?") ? "?>" : takes("<!--") ? "-->" : nil {
            while !rest.isEmpty, !takes(end) { rest.removeFirst() }
            skipBlanks()
        }
    }

    private mutating func element(depth: Int) -> XMLElement? {
        guard depth < Self.deepest, takes("<"), let name = name() else { return nil }
        var element = XMLElement(name)
        guard let isEmpty = restOfTag() else { return nil }
        if isEmpty { return element }
        while !rest.isEmpty {
            if takes("</") {
                guard self.name() == name else { return nil }
                skipBlanks()
                guard takes(">") else { return nil }
                if !element.children.isEmpty { element.text = "" }
                return element
            } else if rest.first == "<" {
                guard let child = self.element(depth: depth + 1) else { return nil }
                element.children.append(child)
            } else {
                guard let scalar = scalar() else { return nil }
                element.text.unicodeScalars.append(scalar)
            }
        }
        return nil
    }

    /// Without the prefix of a namespace.
    private mutating func name() -> String? {
        let name = String(
            Substring(
                rest.prefix { $0.properties.isAlphabetic || "0123456789_-.:".unicodeScalars.contains($0) }))
        rest.removeFirst(name.unicodeScalars.count)
        return name.isEmpty ? nil : name.split(separator: ":").last.map(String.init)
    }

    /// Whether the tag ended as an empty element, or nothing if it did not end.
    private mutating func restOfTag() -> Bool? {
        var quote: Unicode.Scalar?
        while let scalar = rest.first {
            if quote == nil, takes("/>") { return true }
            rest.removeFirst()
            if let open = quote {
                if scalar == open { quote = nil }
            } else if scalar == ">" {
                return false
            } else if scalar == "<" {
                return nil
            } else if scalar == "\"" || scalar == "'" {
                quote = scalar
            }
        }
        return nil
    }

    private static let entities: [(String, Unicode.Scalar)] = [
        ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"),
    ]

    private mutating func scalar() -> Unicode.Scalar? {
        guard rest.first == "&" else { return rest.removeFirst() }
        for (text, scalar) in Self.entities where takes(text) { return scalar }
        guard takes("&#") else { return nil }
        let radix = takes("x") ? 16 : 10
        let digits = String(Substring(rest.prefix { $0 != ";" }.prefix(8)))
        rest.removeFirst(digits.unicodeScalars.count)
        guard takes(";"), digits.utf8.first != 0x2B, let value = UInt32(digits, radix: radix) else {
            return nil
        }
        return Unicode.Scalar(value)
    }

    private mutating func takes(_ text: String) -> Bool {
        guard rest.starts(with: text.unicodeScalars) else { return false }
        rest.removeFirst(text.unicodeScalars.count)
        return true
    }

    private mutating func skipBlanks() {
        while let scalar = rest.first, " \t\r\n".unicodeScalars.contains(scalar) { rest.removeFirst() }
    }
}
