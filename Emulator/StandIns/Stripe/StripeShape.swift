/// What a parameter of an operation may be. What is not named is refused, as Stripe does.
indirect enum StripeShape: Sendable {
    case text(longest: Int = 5000)
    case address
    case integer(ClosedRange<Int> = 0...99_999_999)
    case flag
    case choice([String])
    case currency
    case list(StripeShape, longest: Int = 100)
    case object([String: StripeShape], required: [String] = [])
    /// At most 50 names of 40 characters with texts of 500: https://docs.stripe.com/api/metadata.
    case metadata

    /// The typed value, or what Stripe says of it.
    func value(of parameter: StripeParameter, at path: String) throws(StripeProblem) -> JSON {
        switch (self, parameter) {
        case (.list(let element, let longest), _):
            return try Self.list(parameter, of: element, longest: longest, at: path)
        case (.object(let shapes, let required), .members(let members)):
            return try Self.object(members, shapes, required: required, at: path)
        case (.metadata, .members(let members)):
            return try Self.metadata(members, at: path)
        // An empty text unsets all metadata.
        case (.metadata, .text("")): return [:]
        case (.object, .text), (.metadata, .text): throw StripeProblem(parameter: path, "Invalid object")
        case (_, .members): throw StripeProblem(parameter: path, "Invalid string: {...}")
        case (_, .text("")):
            throw StripeProblem(
                code: "parameter_invalid_empty", parameter: path,
                "You passed an empty string for '\(path)'. We assume empty values are an attempt to unset a "
                    + "parameter; however '\(path)' cannot be unset. You should remove '\(path)' from your "
                    + "request or supply a non-empty value.")
        case (_, .text(let text)): return try scalar(text, at: path)
        }
    }

    private func scalar(_ text: String, at path: String) throws(StripeProblem) -> JSON {
        switch self {
        case .integer(let range):
            guard let number = Self.integer(text) else {
                throw StripeProblem(
                    code: "parameter_invalid_integer", parameter: path, "Invalid integer: \(text)")
            }
            guard number >= range.lowerBound else {
                throw StripeProblem(
                    code: "parameter_invalid_integer", parameter: path,
                    "This value must be greater than or equal to \(range.lowerBound).")
            }
            guard number <= range.upperBound else {
                throw StripeProblem(
                    code: "parameter_invalid_integer", parameter: path,
                    "This value must be less than or equal to \(range.upperBound).")
            }
            return .integer(number)
        case .flag:
            guard let flag = ["true": true, "false": false][text] else {
                throw StripeProblem(parameter: path, "Invalid boolean: \(text)")
            }
            return .bool(flag)
        case .choice(let choices):
            guard choices.contains(text) else {
                throw StripeProblem(
                    parameter: path,
                    "Invalid \(path): must be one of \(choices.joined(separator: ", "))")
            }
            return .string(text)
        case .currency:
            guard StripeCurrency(text.lowercased()) != nil else {
                throw StripeProblem(parameter: path, "Invalid currency: \(text.lowercased()).")
            }
            return .string(text.lowercased())
        case .address:
            guard text.hasPrefix("https://") || text.hasPrefix("http://") else {
                throw StripeProblem(code: "url_invalid", parameter: path, "Not a valid URL")
            }
            return .string(text)
        case .text(let longest):
            guard text.count <= longest else {
                throw StripeProblem(
                    parameter: path,
                    "Invalid string: \(text.prefix(20))...; must be at most \(longest) characters")
            }
            return .string(text)
        case .list, .object, .metadata: throw StripeProblem(parameter: path, "Invalid value")
        }
    }

    /// Digits and a minus alone; Swift's own parser would also take a plus.
    private static func integer(_ text: String) -> Int? { text.hasPrefix("+") ? nil : Int(text) }

    private static func list(
        _ parameter: StripeParameter, of element: StripeShape, longest: Int, at path: String
    ) throws(StripeProblem) -> JSON {
        guard let elements = parameter.elements else {
            throw StripeProblem(parameter: path, "Invalid array")
        }
        guard elements.count <= longest else {
            throw StripeProblem(parameter: path, "Array must have at most \(longest) elements.")
        }
        var values: [JSON] = []
        for (index, parameter) in elements.enumerated() {
            values.append(try element.value(of: parameter, at: "\(path)[\(index)]"))
        }
        return .array(values)
    }

    static func object(
        _ members: [StripeParameter.Member], _ shapes: [String: StripeShape], required: [String],
        at path: String
    ) throws(StripeProblem) -> JSON {
        var values: [String: JSON] = [:]
        for member in members {
            let inner = path.isEmpty ? member.name : "\(path)[\(member.name)]"
            guard let shape = shapes[member.name] else {
                throw StripeProblem(
                    code: "parameter_unknown", parameter: inner, "Received unknown parameter: \(inner)")
            }
            values[member.name] = try shape.value(of: member.value, at: inner)
        }
        for name in required where values[name] == nil {
            let inner = path.isEmpty ? name : "\(path)[\(name)]"
            throw StripeProblem(
                code: "parameter_missing", parameter: inner, "Missing required param: \(inner).")
        }
        return .object(values)
    }

    private static func metadata(
        _ members: [StripeParameter.Member], at path: String
    ) throws(StripeProblem) -> JSON {
        guard members.count <= 50 else {
            throw StripeProblem(parameter: path, "Metadata can have at most 50 keys.")
        }
        var values: [String: JSON] = [:]
        for member in members {
            guard case .text(let text) = member.value else {
                throw StripeProblem(parameter: "\(path)[\(member.name)]", "Metadata values must be strings.")
            }
            guard member.name.count <= 40, text.count <= 500 else {
                throw StripeProblem(
                    parameter: path,
                    "Metadata keys can have up to 40 characters and values up to 500, but '\(member.name)' "
                        + "has \(member.name.count) and its value \(text.count).")
            }
            values[member.name] = .string(text)
        }
        return .object(values)
    }
}
