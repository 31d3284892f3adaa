public import FoundationEssentials

/// What a country takes of the price of a recording, and whether the price holds it already. Consumers in
/// Europe are told prices with all taxes in them; elsewhere a tax comes on top at the till.
public struct TaxRule: Hashable, Sendable {
    public let country: Country
    /// Hundredths of a percent: 5.5 % are 550.
    public let basisPoints: Int
    public let isIncluded: Bool

    public init(country: Country, basisPoints: Int, isIncluded: Bool) {
        precondition((0...10_000).contains(basisPoints), "a tax takes something between nothing and all")
        (self.country, self.basisPoints, self.isIncluded) = (country, basisPoints, isIncluded)
    }

    /// The tax within an amount, or that which comes on top of it: to the nearest unit that can be paid.
    public func tax(on amount: Money) -> Money {
        let unit = isIncluded ? 1 : amount.currency.multiple
        let whole = isIncluded ? 10_000 + basisPoints : 10_000
        let units = (amount.minorUnits * basisPoints / unit + whole / 2) / whole
        return Money(minorUnits: units * unit, currency: amount.currency)
    }
}

/// What the shop needs to know of taxes, from a table or from a service. It is asked before anything is
/// written, so it may take its time. Failures are `OutsideFailure`.
public struct Tax {
    public var rule: (_ country: Country, _ date: Date) throws -> TaxRule

    public init(rule: @escaping (_ country: Country, _ date: Date) throws -> TaxRule) { self.rule = rule }

    public static var unset: Tax { Tax { _, _ in throw Unset("Tax.rule") } }

    /// By the rates the shop knows itself.
    public static var table: Tax { Tax { TaxTable.rule(in: $0, on: Day(of: $1)) } }
}

/// The rates for recordings of books that are downloaded: the standard rate, and a lower one where the law names
/// such recordings. What is not listed is sold without tax.
public enum TaxTable {
    public static func rule(in country: Country, on day: Day) -> TaxRule {
        let known = rates.last { $0.country == country.rawValue && $0.since <= day.rawValue }
        return TaxRule(
            country: country, basisPoints: known?.basisPoints ?? 0, isIncluded: known?.isIncluded ?? true)
    }

    private struct Rate: Sendable {
        let country: String
        let basisPoints: Int
        let since: String
        let isIncluded: Bool
    }

    /// A later rate of a country stands behind an earlier one.
    private static let rates: [Rate] =
        included + [
            // Sold with the tax on top, as is the custom: Canada's federal tax alone.
            Rate(country: "CA", basisPoints: 500, since: "2021-07-01", isIncluded: false),
            // The states' sales taxes are due where a seller is registered: none until the shop is.
            Rate(country: "US", basisPoints: 0, since: "2000-01-01", isIncluded: false),
        ]

    private static let included: [Rate] = [
        ("AT", 2000, "2000-01-01"), ("BE", 2100, "2000-01-01"), ("BG", 2000, "2000-01-01"),
        ("CY", 1900, "2014-01-13"), ("CZ", 2100, "2013-01-01"),
        // § 12 (2) no. 14 UStG: recordings of a book's reading, by download too.
        ("DE", 700, "2019-12-18"),
        ("DK", 2500, "2000-01-01"), ("EE", 2200, "2024-01-01"), ("EE", 2400, "2025-07-01"),
        ("ES", 2100, "2012-09-01"), ("FI", 2400, "2013-01-01"), ("FI", 2550, "2024-09-01"),
        // Article 278-0 bis CGI: books on any medium.
        ("FR", 550, "2012-01-01"),
        ("GR", 2400, "2016-06-01"), ("HR", 2500, "2012-03-01"), ("HU", 2700, "2012-01-01"),
        ("IE", 2300, "2021-03-01"), ("IT", 2200, "2013-10-01"), ("LT", 2100, "2009-09-01"),
        ("LU", 1700, "2024-01-01"), ("LV", 2100, "2012-07-01"), ("MT", 1800, "2004-01-01"),
        ("NL", 2100, "2012-10-01"), ("PL", 2300, "2011-01-01"), ("PT", 2300, "2011-01-01"),
        ("RO", 1900, "2017-01-01"), ("RO", 2100, "2025-08-01"),
        // Chapter 9, ML (2023:200): publications, sent electronically too.
        ("SE", 600, "2019-07-01"),
        ("SI", 2200, "2013-07-01"), ("SK", 2000, "2011-01-01"), ("SK", 2300, "2025-01-01"),
        ("AU", 1000, "2000-07-01"), ("CH", 810, "2024-01-01"), ("GB", 2000, "2011-01-04"),
        ("IS", 2400, "2015-01-01"), ("JP", 1000, "2019-10-01"), ("LI", 810, "2024-01-01"),
        ("NO", 2500, "2005-01-01"), ("NZ", 1500, "2010-10-01"),
    ].map { Rate(country: $0.0, basisPoints: $0.1, since: $0.2, isIncluded: true) }
}
