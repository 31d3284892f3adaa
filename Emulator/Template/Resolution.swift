/// Evaluates intrinsic functions. Names are found when they are asked for, so that the order of resources
/// does not matter; a name that needs itself is refused.
final class Resolution {
    let place: Place
    let parameters: [String: Node]
    let conditions: [String: Node]
    let mappings: Node?
    let resources: [String: Resource]
    private var decided: [String: Bool] = [:]
    private var underway: Set<String> = []

    struct Resource {
        var logicalID: String
        var type: String
        var line: Int
        var properties: Node?
        var condition: String?
    }

    init(
        place: Place, parameters: [String: Node], conditions: [String: Node], mappings: Node?,
        resources: [String: Resource]
    ) {
        self.place = place
        self.parameters = parameters
        self.conditions = conditions
        self.mappings = mappings
        self.resources = resources
    }

    /// nil where the node is `AWS::NoValue` : the property counts as absent.
    func evaluate(_ node: Node, at path: String) throws(TemplateError) -> Node? {
        switch node.kind {
        case .null, .bool, .number: return node
        case .string(let text):
            guard !text.contains("{{resolve:") else {
                throw error(node, path, .notSupported("dynamic references such as \(text)"))
            }
            return node
        case .list(let nodes):
            var list: [Node] = []
            for (index, element) in nodes.enumerated() {
                if let value = try evaluate(element, at: "\(path)[\(index)]") { list.append(value) }
            }
            return Node(line: node.line, kind: .list(list))
        case .map(let entries):
            var map: [Node.Entry] = []
            for var entry in entries {
                guard let value = try evaluate(entry.value, at: "\(path).\(entry.key)") else { continue }
                entry.value = value
                map.append(entry)
            }
            return Node(line: node.line, kind: .map(map))
        case .intrinsic(let name, let argument):
            return try call(name, argument, at: path)
        }
    }

    func holds(_ condition: String, line: Int, at path: String) throws(TemplateError) -> Bool {
        if let known = decided[condition] { return known }
        guard let node = conditions[condition] else {
            throw TemplateError(line: line, path: path, reason: .noSuch("condition \(condition)"))
        }
        guard underway.insert("condition \(condition)").inserted else {
            throw TemplateError(line: line, path: path, reason: .circular)
        }
        defer { underway.remove("condition \(condition)") }
        let value = try truth(node, at: "Conditions.\(condition)")
        decided[condition] = value
        return value
    }

    /// Whether a resource exists at all under the template's conditions.
    func exists(_ resource: Resource) throws(TemplateError) -> Bool {
        guard let condition = resource.condition else { return true }
        return try holds(condition, line: resource.line, at: "Resources.\(resource.logicalID).Condition")
    }

    private func truth(_ node: Node, at path: String) throws(TemplateError) -> Bool {
        if case .map(let entries) = node.kind, entries.count == 1, entries[0].key == "Condition" {
            return try holds(entries[0].value.text ?? "", line: node.line, at: path)
        }
        guard case .intrinsic(let name, let argument) = node.kind else {
            throw error(node, path, .expected("a condition function"))
        }
        if name == "Condition" { return try holds(argument.text ?? "", line: node.line, at: path) }
        guard case .list(let operands) = argument.kind else {
            throw error(node, path, .expected("a list of operands"))
        }
        switch name {
        case "Equals" where operands.count == 2:
            return try evaluate(operands[0], at: path)?.value == evaluate(operands[1], at: path)?.value
        case "Not" where operands.count == 1:
            return try !truth(operands[0], at: path)
        case "And", "Or":
            var values: [Bool] = []
            for operand in operands { values.append(try truth(operand, at: path)) }
            return name == "And" ? !values.contains(false) : values.contains(true)
        default:
            throw error(
                node, path, .notSupported("the condition function \(name) with \(operands.count) operands"))
        }
    }

    /// Runs `body` unless it is already running for the same name.
    func once<Result>(
        _ name: String, line: Int, at path: String, _ body: () throws(TemplateError) -> Result
    ) throws(TemplateError) -> Result {
        guard underway.insert(name).inserted else {
            throw TemplateError(line: line, path: path, reason: .circular)
        }
        defer { underway.remove(name) }
        return try body()
    }

    func error(_ node: Node, _ path: String, _ reason: TemplateError.Reason) -> TemplateError {
        TemplateError(line: node.line, path: path, reason: reason)
    }
}
