/// What came less what went, in the smallest unit of a currency: unlike `Money` it may be less than nothing.
public struct Balance: Hashable, Codable, Sendable {
    public let minorUnits: Int
    public let currency: Currency

    public init(minorUnits: Int, currency: Currency) {
        (self.minorUnits, self.currency) = (minorUnits, currency)
    }
}

extension Balance: CustomStringConvertible {
    /// For people, never to be read back: "-14.99 EUR".
    public var description: String {
        (minorUnits < 0 ? "-" : "") + Money(minorUnits: abs(minorUnits), currency: currency).description
    }
}
