/// The properties of one thing, each to be asked for once; what nobody asked for is refused by name.
struct Fields {
    let path: String
    let line: Int
    private let entries: [String: Node.Entry]
    private var asked: Set<String> = []

    /// `nil` reads as a map without entries.
    init(_ node: Node?, at path: String, line: Int = 0) throws(TemplateError) {
        self.path = path
        self.line = node?.line ?? line
        switch node?.kind {
        case nil, .null: entries = [:]
        case .map(let list): entries = Dictionary(list.map { ($0.key, $0) }, uniquingKeysWith: { $1 })
        default: throw TemplateError(line: self.line, path: path, reason: .expected("a map"))
        }
    }

    mutating func node(_ name: String) -> Node? {
        asked.insert(name)
        guard let node = entries[name]?.value else { return nil }
        if case .null = node.kind { return nil }
        return node
    }

    /// Properties that are understood to change nothing under the emulator.
    mutating func ignore(_ names: String...) {
        asked.formUnion(names)
    }

    func end() throws(TemplateError) {
        let unknown = entries.values.filter { !asked.contains($0.key) }.min { $0.line < $1.line }
        guard let unknown else { return }
        throw TemplateError(
            line: unknown.line, path: "\(path).\(unknown.key)", reason: .notSupported("this property"))
    }

    mutating func string(_ name: String) throws(TemplateError) -> String? {
        guard let node = node(name) else { return nil }
        guard let text = node.text else { throw error(name, .expected("a text")) }
        return text
    }

    mutating func required(_ name: String) throws(TemplateError) -> String {
        guard let text = try string(name), !text.isEmpty else { throw error(nil, .missing(name)) }
        return text
    }

    mutating func integer(
        _ name: String, in range: ClosedRange<Int> = 0...Int.max
    ) throws(TemplateError) -> Int? {
        guard let text = try string(name) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw error(
                name,
                .expected(range.upperBound == .max ? "a whole number" : "a whole number in \(range)"))
        }
        return number
    }

    mutating func number(_ name: String) throws(TemplateError) -> Double? {
        guard let text = try string(name) else { return nil }
        guard let number = Double(text), number >= 0 else { throw error(name, .expected("a number")) }
        return number
    }

    mutating func bool(_ name: String) throws(TemplateError) -> Bool? {
        guard let text = try string(name) else { return nil }
        switch text {
        case "true", "True", "TRUE": return true
        case "false", "False", "FALSE": return false
        default: throw error(name, .expected("true or false"))
        }
    }

    /// A list of texts; a single text counts as a list of one.
    mutating func strings(_ name: String) throws(TemplateError) -> [String]? {
        guard let node = node(name) else { return nil }
        if let text = node.text { return [text] }
        guard case .list(let nodes) = node.kind else { throw error(name, .expected("a list of texts")) }
        var texts: [String] = []
        for element in nodes {
            guard let text = element.text else { throw error(name, .expected("a list of texts")) }
            texts.append(text)
        }
        return texts
    }

    mutating func fields(_ name: String) throws(TemplateError) -> Fields? {
        guard let node = node(name) else { return nil }
        return try Fields(node, at: "\(path).\(name)")
    }

    mutating func list(_ name: String) throws(TemplateError) -> [Fields]? {
        guard let node = node(name) else { return nil }
        guard case .list(let nodes) = node.kind else { throw error(name, .expected("a list")) }
        var list: [Fields] = []
        for (index, element) in nodes.enumerated() {
            list.append(try Fields(element, at: "\(path).\(name)[\(index)]"))
        }
        return list
    }

    /// Name and content of every entry of a map whose keys are names, in the order of the file.
    mutating func named(_ name: String) throws(TemplateError) -> [(name: String, fields: Fields)]? {
        guard let node = node(name) else { return nil }
        guard let entries = node.entries else { throw error(name, .expected("a map")) }
        var named: [(name: String, fields: Fields)] = []
        for entry in entries {
            named.append((entry.key, try Fields(entry.value, at: "\(path).\(name).\(entry.key)")))
        }
        return named
    }

    func error(_ name: String?, _ reason: TemplateError.Reason) -> TemplateError {
        guard let name else { return TemplateError(line: line, path: path, reason: reason) }
        return TemplateError(line: entries[name]?.line ?? line, path: "\(path).\(name)", reason: reason)
    }
}
