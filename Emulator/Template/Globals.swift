/// SAM's `Globals`: scalars are replaced by the resource's own, maps are merged, lists are added to.
struct Globals {
    private let function: Node?
    private let api: Node?

    init(_ node: Node?) throws(TemplateError) {
        var fields = try Fields(node, at: "Globals")
        function = fields.node("Function")
        api = fields.node("HttpApi")
        try fields.end()
    }

    func merged(into properties: Node?, of type: String) -> Node? {
        switch type {
        case "AWS::Serverless::Function": Self.merge(function, properties)
        case "AWS::Serverless::HttpApi": Self.merge(api, properties)
        default: properties
        }
    }

    private static func merge(_ general: Node?, _ own: Node?) -> Node? {
        guard let general else { return own }
        guard let own else { return general }
        switch (general.kind, own.kind) {
        case (.map(let base), .map(let above)):
            var entries = base
            for entry in above {
                if let index = entries.firstIndex(where: { $0.key == entry.key }) {
                    let value = merge(entries[index].value, entry.value) ?? entry.value
                    entries[index] = Node.Entry(key: entry.key, line: entry.line, value: value)
                } else {
                    entries.append(entry)
                }
            }
            return Node(line: own.line, kind: .map(entries))
        case (.list(let base), .list(let above)):
            return Node(line: own.line, kind: .list(base + above))
        default:
            return own
        }
    }
}
