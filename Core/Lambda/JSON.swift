/// A JSON text (RFC 8259) taken apart: strictly, with every name once in its object, and never deeper than
/// `deepest`.
///
/// Foundation's decoder takes trailing commas, doubled names and UTF-16, and loses the place of a number that
/// does not fit. Whoever sends us a body is owed the place, and an event of two kilobytes should not cost
/// what a query costs.
enum JSON: Equatable, Sendable {
    case null
    case boolean(Bool)
    /// As it was written: what it means depends on the type it becomes.
    case number(String)
    case string(String)
    case array([JSON])
    case object([String: JSON])

    /// Deeper texts are refused, because each level costs stack.
    static let deepest = 128

    /// The member of that name, where this is an object that has it and it is not null.
    subscript(name: String) -> JSON? {
        guard case .object(let members) = self, let member = members[name], member != .null else {
            return nil
        }
        return member
    }

    var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    var elements: [JSON]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    var members: [String: JSON]? {
        guard case .object(let members) = self else { return nil }
        return members
    }

    /// Those members that are strings.
    var texts: [String: String] { members?.compactMapValues(\.text) ?? [:] }

    /// What it is, in words for whoever sent it.
    var kind: String {
        switch self {
        case .null: "null"
        case .boolean: "true or false"
        case .number: "a number"
        case .string: "a string"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

/// Where a text stops being JSON, and what should have stood there.
struct JSONSyntaxError: Error, Equatable {
    let offset: Int
    let expected: String
}
