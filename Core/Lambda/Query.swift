/// The query of a request, in the order in which it was sent.
public struct Query: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    private let items: [Item]

    private struct Item: Hashable, Sendable {
        let name: String
        let value: String
    }

    public init() { items = [] }
    public init(dictionaryLiteral elements: (String, String)...) { items = elements.map(Item.init) }

    /// The form that browsers send (`application/x-www-form-urlencoded`), taken strictly.
    public init(parsing text: String) throws(Problem) {
        var items: [Item] = []
        for pair in text.utf8.split(separator: UInt8(ascii: "&")) {
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            let value = pair[equals...].dropFirst()
            guard let name = percentDecoded(Substring(pair[..<equals]), plusIsSpace: true),
                let value = percentDecoded(Substring(value), plusIsSpace: true)
            else { throw Problem(400, "malformed-query", "The query is not percent-encoded UTF-8.") }
            items.append(Item(name: name, value: value))
        }
        self.items = items
    }

    /// Each name once, in order of appearance.
    public var names: [String] {
        var seen: Set<String> = []
        return items.map(\.name).filter { seen.insert($0).inserted }
    }

    /// The parameters of these names alone.
    public func keeping(_ names: [String]) -> Query { Query(items: items.filter { names.contains($0.name) }) }

    private init(items: [Item]) { self.items = items }

    public func all(_ name: String) -> [String] { items.filter { $0.name == name }.map(\.value) }
    public subscript(name: String) -> String? { items.first { $0.name == name }?.value }

    /// The value, where there is one; sent twice, it is anybody's guess which was meant.
    public func one(_ name: String) throws(Problem) -> String? {
        let values = all(name)
        guard values.count <= 1 else { throw Self.refusal(of: name, "It may be given once.") }
        return values.first
    }

    /// A whole number, written as numbers are: no sign but a minus, no leading zeros.
    public func integer(_ name: String, in range: ClosedRange<Int>) throws(Problem) -> Int? {
        guard let text = try one(name) else { return nil }
        guard let value = Int(text), String(value) == text, range.contains(value) else {
            let wanted = "a whole number from \(range.lowerBound) to \(range.upperBound)"
            throw Self.refusal(of: name, "Expected \(wanted).")
        }
        return value
    }

    /// How many entries a page may hold.
    public func limit(_ name: String = "limit", default usual: Int = 20, upTo most: Int = 100) throws(Problem)
        -> Int
    {
        try integer(name, in: 1...most) ?? usual
    }

    public func boolean(_ name: String) throws(Problem) -> Bool? {
        switch try one(name) {
        case nil: nil
        case "true": true
        case "false": false
        default: throw Self.refusal(of: name, "Expected true or false.")
        }
    }

    /// One of the values of an enum.
    public func value<Value: RawRepresentable<String> & CaseIterable>(
        _ name: String, as type: Value.Type = Value.self
    ) throws(Problem) -> Value? {
        guard let text = try one(name) else { return nil }
        guard let value = Value(rawValue: text) else {
            let known = Value.allCases.map(\.rawValue).joined(separator: ", ")
            throw Self.refusal(of: name, "Expected one of: \(known).")
        }
        return value
    }

    /// Whatever else a text can be parsed into.
    public func parsed<Value>(
        _ name: String, expecting what: String, _ parse: (String) -> Value?
    ) throws(Problem) -> Value? {
        guard let text = try one(name) else { return nil }
        guard let value = parse(text) else { throw Self.refusal(of: name, "Expected \(what).") }
        return value
    }

    /// The refusal of a parameter, for rules that only the endpoint knows.
    public static func refusal(of name: String, _ detail: String) -> Problem {
        Problem(
            400, "invalid-query", "The parameter \(name) is not what is expected here.",
            errors: [FieldError(parameter: name, detail)])
    }
}
