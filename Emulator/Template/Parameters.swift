import Foundation

/// The values of the template's parameters: given, or by default.
enum Parameters {
    private static let lists: Set<String> = ["CommaDelimitedList", "List<String>", "List<Number>"]

    static func values(_ node: Node?, overrides: [String: String]) throws(TemplateError) -> [String: Node] {
        var values: [String: Node] = [:]
        for entry in try Fields.entries(of: node, at: "Parameters") {
            var fields = try Fields(entry.value, at: "Parameters.\(entry.key)", line: entry.line)
            fields.ignore("Description", "NoEcho", "ConstraintDescription")
            let type = try fields.required("Type")
            guard type == "String" || type == "Number" || lists.contains(type) else {
                throw fields.error("Type", .notSupported("parameters of type \(type)"))
            }
            let fallback = try fields.string("Default")
            guard let text = overrides[entry.key] ?? fallback else {
                throw fields.error(nil, .missing("a value: the parameter has no default and none was given"))
            }
            try check(text, type, &fields)
            try fields.end()
            values[entry.key] = Node(line: entry.line, kind: kind(text, type))
        }
        if let unknown = overrides.keys.sorted().first(where: { values[$0] == nil }) {
            throw TemplateError(line: 0, path: "Parameters", reason: .noSuch("parameter \(unknown)"))
        }
        return values
    }

    private static func kind(_ text: String, _ type: String) -> Node.Kind {
        guard lists.contains(type) else { return type == "Number" ? .number(text) : .string(text) }
        let parts = text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        return .list(parts.map { Node(line: 0, kind: .string($0)) })
    }

    private static func check(
        _ text: String, _ type: String, _ fields: inout Fields
    ) throws(TemplateError) {
        if let allowed = try fields.strings("AllowedValues"), !allowed.contains(text) {
            throw fields.error("AllowedValues", .expected("one of \(allowed.joined(separator: ", "))"))
        }
        if let pattern = try fields.string("AllowedPattern"),
            text.range(of: "^(?:\(pattern))$", options: .regularExpression) == nil
        {
            throw fields.error("AllowedPattern", .expected("a value that matches \(pattern)"))
        }
        let length = text.unicodeScalars.count
        if let least = try fields.integer("MinLength"), length < least {
            throw fields.error("MinLength", .expected("a value of at least \(least) characters"))
        }
        if let most = try fields.integer("MaxLength"), length > most {
            throw fields.error("MaxLength", .expected("a value of at most \(most) characters"))
        }
        let least = try fields.number("MinValue")
        let most = try fields.number("MaxValue")
        guard type == "Number" else { return }
        guard let number = Double(text), number >= least ?? number, number <= most ?? number else {
            throw fields.error(nil, .expected("a number within MinValue and MaxValue"))
        }
    }
}
