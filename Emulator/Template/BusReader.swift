import Foundation

extension TemplateReader {
    func bus(_ resource: Resolution.Resource, _ given: Fields) throws(TemplateError) -> EventBus {
        var fields = given
        fields.ignore("Name", "Description", "Tags", "KmsKeyIdentifier")
        try fields.end()
        return EventBus(logicalID: resource.logicalID, name: try resolution.name(of: resource))
    }

    func busTrigger(
        _ name: String, _ function: Function, _ fields: inout Fields
    ) throws(TemplateError) -> BusTrigger {
        fields.ignore("Target")
        guard let pattern = fields.node("Pattern"), pattern.entries != nil else {
            throw fields.error("Pattern", .expected("a map of fields"))
        }
        let place = resolution.place
        let bus = try fields.string("EventBusName") ?? "default"
        let rule = try fields.string("RuleName") ?? "\(place.stackName)-\(function.logicalID)\(name)"
        var trigger = BusTrigger(
            name: name, ruleName: rule,
            arn: "arn:aws:events:\(place.region):\(place.account):rule/" + (bus == "default" ? "" : bus + "/")
                + rule,
            bus: String(bus.split(separator: "/").last ?? ""),
            pattern: try pattern.json(at: "\(fields.path).Pattern"))
        trigger.input = try fields.string("Input")
        if var retries = try fields.fields("RetryPolicy") {
            trigger.maximumRetries = try retries.integer("MaximumRetryAttempts", in: 0...185) ?? 185
            trigger.maximumAgeSeconds =
                try retries.integer("MaximumEventAgeInSeconds", in: 60...86_400) ?? 86_400
            try retries.end()
        }
        if var letters = try fields.fields("DeadLetterConfig") {
            trigger.deadLetterTarget = try letters.required("Arn")
            try letters.end()
        }
        let state = try fields.string("State") ?? "ENABLED"
        guard ["ENABLED", "DISABLED"].contains(state) else {
            throw fields.error("State", .expected("ENABLED or DISABLED"))
        }
        trigger.enabled = state == "ENABLED"
        return trigger
    }
}

extension Node {
    /// The JSON that this YAML stands for, numbers as they are written.
    func json(at path: String) throws(TemplateError) -> String {
        switch kind {
        case .null: return "null"
        case .bool(let value): return value ? "true" : "false"
        case .number(let text):
            guard text.wholeMatch(of: /-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?/) != nil else {
                throw TemplateError(line: line, path: path, reason: .expected("a number as JSON writes it"))
            }
            return text
        case .string(let text): return Self.quoted(text)
        case .list(let nodes):
            var elements: [String] = []
            for node in nodes { elements.append(try node.json(at: path)) }
            return "[\(elements.joined(separator: ","))]"
        case .map(let entries):
            var members: [String] = []
            for entry in entries {
                members.append(
                    "\(Self.quoted(entry.key)):\(try entry.value.json(at: "\(path).\(entry.key)"))")
            }
            return "{\(members.joined(separator: ","))}"
        case .intrinsic(let name, _):
            throw TemplateError(line: line, path: path, reason: .notSupported("\(name) here"))
        }
    }

    private static func quoted(_ text: String) -> String {
        // A text always has a JSON form.
        (try? JSONEncoder().encode(text)).map { String(decoding: $0, as: UTF8.self) } ?? #""""#
    }
}
