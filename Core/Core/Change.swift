/// A member of a change: what it is to be, or that it stays. With an optional value, `null` clears it; with
/// any other, `null` is no value (RFC 7396 tells the two apart, and so do we).
///
/// Synthesised `Decodable` needs no help: a member of this type may be left out.
public enum Change<Value> {
    case stays
    case becomes(Value)

    /// What it is after the change.
    public func applied(to value: Value) -> Value {
        switch self {
        case .stays: value
        case .becomes(let new): new
        }
    }

    /// Of another form.
    public func mapped<Other>(_ transform: (Value) -> Other) -> Change<Other> {
        switch self {
        case .stays: .stays
        case .becomes(let new): .becomes(transform(new))
        }
    }

    public var isMade: Bool {
        switch self {
        case .stays: false
        case .becomes: true
        }
    }
}

extension Change: Sendable where Value: Sendable {}

extension Change: Decodable where Value: Decodable {
    public init(from decoder: any Decoder) throws { self = .becomes(try Value(from: decoder)) }
}

extension KeyedDecodingContainer {
    public func decode<Value: Decodable>(_ type: Change<Value>.Type, forKey key: Key) throws -> Change<Value>
    {
        guard contains(key) else { return .stays }
        return .becomes(try decode(Value.self, forKey: key))
    }
}
