public import FoundationEssentials

/// A value with a text form that Postgres reads and writes.
///
/// A type of ours joins by being `RawRepresentable` by one that is here:
/// `extension Order.ID: SQLValue, SQLElement {}`.
public protocol SQLValue {
    var sqlText: String { get }
    init?(sqlText: String)
}

extension SQLValue where Self: RawRepresentable, RawValue: SQLValue {
    public var sqlText: String { rawValue.sqlText }

    public init?(sqlText: String) {
        guard let raw = RawValue(sqlText: sqlText) else { return nil }
        self.init(rawValue: raw)
    }
}

extension Int: SQLValue, SQLElement {
    public var sqlText: String { description }
    public init?(sqlText: String) { self.init(sqlText) }
}

extension Int64: SQLValue, SQLElement {
    public var sqlText: String { description }
    public init?(sqlText: String) { self.init(sqlText) }
}

extension Bool: SQLValue, SQLElement {
    public var sqlText: String { self ? "t" : "f" }

    public init?(sqlText: String) {
        guard sqlText == "t" || sqlText == "f" else { return nil }
        self = sqlText == "t"
    }
}

/// Exact both ways: Postgres and Swift alike write the shortest text that reads back as the same number.
extension Double: SQLValue, SQLElement {
    public var sqlText: String {
        if isNaN { return "NaN" }
        if isInfinite { return self < 0 ? "-Infinity" : "Infinity" }
        return description
    }

    public init?(sqlText: String) { self.init(sqlText) }
}

/// Postgres stores no NUL in a text; one that holds it is refused before it is sent.
extension String: SQLValue, SQLElement {
    public var sqlText: String { self }
    public init?(sqlText: String) { self = sqlText }
}

extension UUID: SQLValue, SQLElement {
    public var sqlText: String { uuidString.lowercased() }
    public init?(sqlText: String) { self.init(uuidString: sqlText) }
}

/// JSON as text, for `jsonb` and `json` columns.
public struct JSONText: Hashable, Sendable, SQLValue {
    public let text: String

    public init(_ text: String) { self.text = text }

    /// Keys are sorted, so that the same value has the same text.
    public init(encoding value: some Encodable) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        text = String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    public func decoded<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return try decoder.decode(type, from: Data(text.utf8))
    }

    public var sqlText: String { text }
    public init?(sqlText: String) { text = sqlText }
}
