import Foundation

extension Resolution {
    func call(_ name: String, _ argument: Node, at path: String) throws(TemplateError) -> Node? {
        switch name {
        case "Ref": return try reference(argument, at: path)
        case "GetAtt": return try attribute(argument, at: path)
        case "Sub": return try substitution(argument, at: path)
        case "If": return try choice(argument, at: path)
        case "Join", "Select", "Split", "FindInMap": return try list(name, argument, at: path)
        default: throw error(argument, path, .notSupported("the function \(name)"))
        }
    }

    private func reference(_ argument: Node, at path: String) throws(TemplateError) -> Node? {
        guard let name = argument.text else { throw error(argument, path, .expected("a name")) }
        if name == "AWS::NoValue" { return nil }
        if let parameter = parameters[name] { return Node(line: argument.line, kind: parameter.kind) }
        return Node(line: argument.line, kind: .string(try text(of: name, line: argument.line, at: path)))
    }

    /// A parameter as text, a pseudo parameter, or what `Ref` gives for a resource.
    private func text(of name: String, line: Int, at path: String) throws(TemplateError) -> String {
        if let parameter = parameters[name] {
            guard case .list(let nodes) = parameter.kind else { return parameter.text ?? "" }
            return nodes.compactMap(\.text).joined(separator: ",")
        }
        switch name {
        case "AWS::Region": return place.region
        case "AWS::AccountId": return place.account
        case "AWS::StackName": return place.stackName
        case "AWS::StackId":
            return "arn:aws:cloudformation:\(place.region):\(place.account):stack/\(place.stackName)/local"
        case "AWS::Partition": return "aws"
        case "AWS::URLSuffix": return "amazonaws.com"
        default: return try physicalID(of: name, line: line, at: path)
        }
    }

    private func attribute(_ argument: Node, at path: String) throws(TemplateError) -> Node {
        var parts: [String] = []
        if case .list(let nodes) = argument.kind {
            for node in nodes { parts.append(try evaluate(node, at: path)?.text ?? "") }
        } else if let text = argument.text {
            parts = text.split(separator: ".", maxSplits: 1).map(String.init)
        }
        guard parts.count == 2 else { throw error(argument, path, .expected("a resource and its attribute")) }
        let value = try attribute(parts[1], of: parts[0], line: argument.line, at: path)
        return Node(line: argument.line, kind: .string(value))
    }

    private func choice(_ argument: Node, at path: String) throws(TemplateError) -> Node? {
        guard case .list(let parts) = argument.kind, parts.count == 3, let condition = parts[0].text else {
            throw error(argument, path, .expected("[condition, value, other value]"))
        }
        let holds = try holds(condition, line: argument.line, at: path)
        return try evaluate(parts[holds ? 1 : 2], at: path)
    }

    private func substitution(_ argument: Node, at path: String) throws(TemplateError) -> Node {
        var template = argument.text
        var own: [String: String] = [:]
        if case .list(let parts) = argument.kind, parts.count == 2 {
            template = parts[0].text
            for entry in parts[1].entries ?? [] {
                guard let value = try evaluate(entry.value, at: path)?.text else {
                    throw error(entry.value, path, .expected("a text"))
                }
                own[entry.key] = value
            }
        }
        guard var rest = template?[...] else { throw error(argument, path, .expected("a text")) }
        var result = ""
        while let start = rest.range(of: "${") {
            guard let end = rest[start.upperBound...].firstIndex(of: "}") else {
                throw error(argument, path, .expected("} after ${"))
            }
            result += rest[..<start.lowerBound]
            let name = rest[start.upperBound..<end].trimmingCharacters(in: .whitespaces)
            result += try substitute(name, own, line: argument.line, at: path)
            rest = rest[rest.index(after: end)...]
        }
        return Node(line: argument.line, kind: .string(atHome(result + rest)))
    }

    private func substitute(
        _ name: String, _ own: [String: String], line: Int, at path: String
    ) throws(TemplateError) -> String {
        if name.hasPrefix("!") { return "${\(name.dropFirst())}" }
        if let value = own[name] { return value }
        guard let dot = name.firstIndex(of: "."), parameters[name] == nil else {
            return try text(of: name, line: line, at: path)
        }
        let attributeName = String(name[name.index(after: dot)...])
        return try attribute(attributeName, of: String(name[..<dot]), line: line, at: path)
    }

    /// The address of the API on the real platform is that of the gateway here.
    private func atHome(_ text: String) -> String {
        guard text.contains(".execute-api.") else { return text }
        var text = text
        for id in apiIDs {
            let address = "https://\(id).execute-api.\(place.region).amazonaws.com"
            text = text.replacingOccurrences(of: address, with: place.gatewayOrigin)
        }
        return text
    }

    private func list(_ name: String, _ argument: Node, at path: String) throws(TemplateError) -> Node {
        guard case .list(let raw) = argument.kind else { throw error(argument, path, .expected("a list")) }
        var operands: [Node] = []
        for node in raw {
            guard let value = try evaluate(node, at: path) else {
                throw error(node, path, .expected("a value"))
            }
            operands.append(value)
        }
        switch (name, operands.count) {
        case ("Join", 2):
            guard case .list(let parts) = operands[1].kind, let separator = operands[0].text else { break }
            let joined = atHome(parts.compactMap(\.text).joined(separator: separator))
            return Node(line: argument.line, kind: .string(joined))
        case ("Select", 2):
            guard case .list(let parts) = operands[1].kind, let index = operands[0].text.flatMap({ Int($0) }),
                parts.indices.contains(index)
            else { break }
            return parts[index]
        case ("Split", 2):
            guard let separator = operands[0].text, !separator.isEmpty, let text = operands[1].text else {
                break
            }
            let parts = text.components(separatedBy: separator)
            return Node(
                line: argument.line, kind: .list(parts.map { Node(line: argument.line, kind: .string($0)) }))
        case ("FindInMap", 3):
            let keys = operands.compactMap(\.text)
            guard keys.count == 3, let found = mappings?[keys[0]]?[keys[1]]?[keys[2]] else { break }
            return found
        default: break
        }
        throw error(argument, path, .expected("what \(name) can be applied to"))
    }
}
