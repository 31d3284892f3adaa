import Yams

/// The YAML as written, with its lines, intrinsic functions told apart from maps.
struct Node: Sendable {
    var line: Int
    var kind: Kind

    indirect enum Kind: Sendable {
        case null
        case bool(Bool)
        /// As written: an account number keeps its zeros.
        case number(String)
        case string(String)
        case list([Node])
        case map([Entry])
        /// `Ref`, `GetAtt`, `Sub` …, short or long form.
        case intrinsic(String, Node)
    }

    struct Entry: Sendable {
        var key: String
        var line: Int
        var value: Node
    }

    subscript(key: String) -> Node? {
        entries?.first { $0.key == key }?.value
    }

    var entries: [Entry]? {
        guard case .map(let entries) = kind else { return nil }
        return entries
    }

    /// The text of a scalar as CloudFormation hands it on.
    var text: String? {
        switch kind {
        case .string(let text), .number(let text): text
        case .bool(let value): value ? "true" : "false"
        case .null, .list, .map, .intrinsic: nil
        }
    }

    /// Without intrinsic functions: only evaluated nodes have a value.
    var value: Value {
        switch kind {
        case .null, .intrinsic: .null
        case .bool(let value): .bool(value)
        case .number(let text): Double(text).map(Value.number) ?? .string(text)
        case .string(let text): .string(text)
        case .list(let nodes): .list(nodes.map(\.value))
        case .map(let entries):
            .map(Dictionary(entries.map { ($0.key, $0.value.value) }, uniquingKeysWith: { _, last in last }))
        }
    }
}

extension Node {
    static func parse(_ yaml: String) throws(TemplateError) -> Node {
        let root: Yams.Node?
        do {
            root = try Yams.compose(yaml: yaml)
        } catch {
            throw TemplateError(yaml: error)
        }
        guard let root else {
            throw TemplateError(line: 1, path: "", reason: .malformedYAML("the document is empty"))
        }
        return try Node(root, at: "")
    }

    private init(_ yaml: Yams.Node, at path: String) throws(TemplateError) {
        line = yaml.mark?.line ?? 0
        let tag = yaml.tag.rawValue
        if tag.hasPrefix("!"), tag.count > 1 {
            kind = .intrinsic(String(tag.dropFirst()), try Node(plain: yaml, at: path))
        } else {
            self = try Node(plain: yaml, at: path)
        }
    }

    private init(plain yaml: Yams.Node, at path: String) throws(TemplateError) {
        line = yaml.mark?.line ?? 0
        switch yaml {
        case .scalar(let scalar):
            kind = Self.scalar(yaml, scalar)
        case .sequence(let sequence):
            var nodes: [Node] = []
            for (index, element) in sequence.enumerated() {
                nodes.append(try Node(element, at: "\(path)[\(index)]"))
            }
            kind = .list(nodes)
        case .mapping(let mapping):
            var entries: [Entry] = []
            for (key, value) in mapping {
                guard case .scalar(let name) = key else {
                    throw TemplateError(line: line, path: path, reason: .expected("a plain key"))
                }
                let inner = path.isEmpty ? name.string : "\(path).\(name.string)"
                let entry = try Node(value, at: inner)
                entries.append(Entry(key: name.string, line: key.mark?.line ?? line, value: entry))
            }
            kind = Self.longForm(entries) ?? .map(entries)
        case .alias:
            throw TemplateError(line: line, path: path, reason: .notSupported("YAML aliases"))
        }
    }

    private static func scalar(_ yaml: Yams.Node, _ scalar: Yams.Node.Scalar) -> Kind {
        switch Tag.Name(rawValue: yaml.tag.rawValue) {
        case .bool: .bool(["true", "yes", "on", "y"].contains(scalar.string.lowercased()))
        case .int, .float: .number(scalar.string)
        case .null where scalar.string != "": .null
        case .null: scalar.style == .plain || scalar.style == .any ? .null : .string("")
        default: .string(scalar.string)
        }
    }

    /// `{"Fn::Sub": …}` and `{Ref: …}` are the same as `!Sub …` and `!Ref …`.
    private static func longForm(_ entries: [Entry]) -> Kind? {
        guard entries.count == 1, let entry = entries.first else { return nil }
        if entry.key == "Ref" { return .intrinsic("Ref", entry.value) }
        guard entry.key.hasPrefix("Fn::") else { return nil }
        return .intrinsic(String(entry.key.dropFirst(4)), entry.value)
    }
}

extension TemplateError {
    init(yaml error: any Error) {
        switch error as? YamlError {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            self.init(line: mark.line, path: "", reason: .malformedYAML(problem))
        case .duplicatedKeysInMapping(let keys, let context):
            let names = keys.sorted().joined(separator: ", ")
            self.init(
                line: context.mark.line, path: "", reason: .malformedYAML("twice the same key: \(names)"))
        default:
            self.init(line: 0, path: "", reason: .malformedYAML("\(error)"))
        }
    }
}
