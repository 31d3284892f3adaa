public import Groundwork

/// Which events a rule takes: a document of the events' own shape, with lists of what may stand in each place.
/// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html
public struct EventPattern: Hashable, Sendable {
    private let fields: Fields

    /// What is not known of a pattern is refused, for a rule that takes nothing, or all, would not be noticed.
    public init(_ json: String) throws(PatternError) {
        guard let tree = JSONTree(json) else { throw PatternError("", "it is not JSON") }
        fields = try Fields(tree, at: "")
    }

    public func matches(_ event: JSONTree) -> Bool { fields.match(event) }

    /// All of these fields, and one of each group of alternatives.
    private struct Fields: Hashable, Sendable {
        var members: [String: Field] = [:]
        var alternatives: [Fields] = []

        init(_ tree: JSONTree, at path: String) throws(PatternError) {
            guard case .object(let members) = tree, !members.isEmpty else {
                throw PatternError(path, "an object that is not empty is expected")
            }
            for (name, value) in members {
                let inner = path.isEmpty ? name : "\(path).\(name)"
                guard name == "$or" else {
                    self.members[name] = try Field(value, at: inner)
                    continue
                }
                guard case .array(let choices) = value, choices.count > 1 else {
                    throw PatternError(inner, "a list of two patterns or more is expected")
                }
                for choice in choices { alternatives.append(try Fields(choice, at: inner)) }
            }
        }

        func match(_ value: JSONTree?) -> Bool {
            // Of a list of objects, one and the same must have all that is asked for.
            if case .array(let elements) = value, case let objects = elements.filter(\.isComposite),
                !objects.isEmpty
            {
                return objects.contains(where: match)
            }
            return members.allSatisfy { name, field in field.match(value?[name]) }
                && (alternatives.isEmpty || alternatives.contains { $0.match(value) })
        }
    }

    private indirect enum Field: Hashable, Sendable {
        case inner(Fields)
        case leaf([Matcher])

        init(_ tree: JSONTree, at path: String) throws(PatternError) {
            switch tree {
            case .object: self = .inner(try Fields(tree, at: path))
            case .array(let elements):
                guard !elements.isEmpty else {
                    throw PatternError(path, "a list that is not empty is expected")
                }
                var matchers: [Matcher] = []
                for element in elements { matchers.append(try Matcher(element, at: path)) }
                self = .leaf(matchers)
            default: throw PatternError(path, "a list or an object is expected")
            }
        }

        /// One value of the event that one of the matchers takes is enough.
        func match(_ value: JSONTree?) -> Bool {
            switch self {
            case .inner(let fields): return fields.match(value)
            case .leaf(let matchers):
                let leaves = value?.leaves ?? []
                return matchers.contains { matcher in
                    if case .exists(let wanted) = matcher { return wanted == !leaves.isEmpty }
                    return leaves.contains(where: matcher.match)
                }
            }
        }
    }
}

/// What is wrong with a pattern, and where.
public struct PatternError: Error, Hashable, Sendable, CustomStringConvertible {
    public let path: String
    public let reason: String

    init(_ path: String, _ reason: String) { (self.path, self.reason) = (path, reason) }

    public var description: String { path.isEmpty ? reason : "\(path): \(reason)" }
}

extension JSONTree {
    fileprivate var isComposite: Bool {
        switch self {
        case .array, .object: true
        default: false
        }
    }

    /// The single values here; those of lists are all meant. An object has none.
    fileprivate var leaves: [JSONTree] {
        switch self {
        case .array(let elements): elements.flatMap(\.leaves)
        case .object: []
        default: [self]
        }
    }
}
