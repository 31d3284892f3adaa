/// The number of an edition in the book trade (ISO 2108): thirteen digits, of which the last checks the
/// others.
public struct ISBN13: RawRepresentable, Hashable, Codable, Sendable {
    public let rawValue: String

    public init?(rawValue: String) {
        let digits = rawValue.utf8.map { Int($0) - 0x30 }
        guard digits.count == 13, digits.allSatisfy((0...9).contains),
            rawValue.hasPrefix("978") || rawValue.hasPrefix("979")
        else { return nil }
        let sum = digits.enumerated().reduce(0) { $0 + $1.element * ($1.offset.isMultiple(of: 2) ? 1 : 3) }
        guard sum.isMultiple(of: 10) else { return nil }
        self.rawValue = rawValue
    }
}
