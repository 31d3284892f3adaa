/// Why an amount named from outside is no price of ours.
public enum MoneyError: Error, Equatable {
    case outOfRange
    /// Not divisible as its currency demands.
    case notAMultiple(of: Int)
    /// Neither free nor enough to be charged.
    case belowMinimum(Int)
}

/// An amount in the smallest unit of its currency: 14.99 € is 1499 minor units. Never a fraction and
/// never negative: a refund is a noun of its own.
public struct Money: Hashable, Sendable {
    public let minorUnits: Int
    public let currency: Currency

    /// Far beyond any price, and far from overflowing when a thousand are added.
    public static let maximumMinorUnits = 9_000_000_000_000

    /// For amounts that were checked before, such as those the database holds.
    public init(minorUnits: Int, currency: Currency) {
        precondition((0...Self.maximumMinorUnits).contains(minorUnits), "an amount is never negative")
        (self.minorUnits, self.currency) = (minorUnits, currency)
    }

    /// For amounts named from outside: what may be asked for a book, or why it may not.
    public static func price(_ minorUnits: Int, _ currency: Currency) throws(MoneyError) -> Money {
        guard (0...maximumMinorUnits).contains(minorUnits) else { throw .outOfRange }
        guard minorUnits.isMultiple(of: currency.multiple) else { throw .notAMultiple(of: currency.multiple) }
        guard minorUnits == 0 || minorUnits >= currency.minimumCharge else {
            throw .belowMinimum(currency.minimumCharge)
        }
        return Money(minorUnits: minorUnits, currency: currency)
    }

    public var isFree: Bool { minorUnits == 0 }
}

extension Money: CustomStringConvertible {
    /// For people and logs of ours, never to be read back: "14.99 EUR".
    public var description: String { "\(decimal) \(currency.rawValue)" }

    /// In whole units of the currency, with all its digits behind the point: "14.99".
    public var decimal: String {
        guard currency.exponent > 0 else { return String(minorUnits) }
        let digits = String(minorUnits)
        let padded = String(repeating: "0", count: max(0, currency.exponent + 1 - digits.count)) + digits
        return "\(padded.dropLast(currency.exponent)).\(padded.suffix(currency.exponent))"
    }
}

extension Money: Codable {
    private enum CodingKeys: String, CodingKey { case minorUnits, currency }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let minorUnits = try container.decode(Int.self, forKey: .minorUnits)
        let currency = try container.decode(Currency.self, forKey: .currency)
        guard (0...Self.maximumMinorUnits).contains(minorUnits) else {
            throw DecodingError.dataCorruptedError(
                forKey: .minorUnits, in: container, debugDescription: "out of range")
        }
        self.init(minorUnits: minorUnits, currency: currency)
    }
}
