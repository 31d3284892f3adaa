import Bookshop
import Foundation
import Testing

@Suite struct TaxTests {
    private func rule(_ country: String, _ day: String) throws -> TaxRule {
        TaxTable.rule(
            in: try #require(Country(rawValue: country)), on: try #require(Day(rawValue: day)))
    }

    @Test(arguments: [
        ("DE", "2026-01-01", 700, true), ("FR", "2026-01-01", 550, true), ("EE", "2025-06-30", 2200, true),
        ("EE", "2025-07-01", 2400, true), ("CA", "2026-01-01", 500, false), ("US", "2026-01-01", 0, false),
        ("BR", "2026-01-01", 0, true),
    ])
    func `a country's rate is that of the day`(country: String, day: String, rate: Int, isIncluded: Bool)
        throws
    {
        let rule = try rule(country, day)
        #expect(rule.basisPoints == rate && rule.isIncluded == isIncluded)
    }

    @Test func `all of the European Union is in the table`() throws {
        for code in "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split(
            separator: " ")
        {
            let country = try #require(Country(rawValue: String(code)))
            let rule = try rule(String(code), "2026-01-01")
            #expect(rule.basisPoints > 0 && rule.isIncluded && country.hasEuropeanConsumerLaw, "\(code)")
        }
        #expect(try !#require(Country(rawValue: "US")).hasEuropeanConsumerLaw)
        for code in ["", "de", "D", "DEU", "XX", "UK"] { #expect(Country(rawValue: code) == nil) }
    }

    @Test(arguments: [
        // 14.99 at 7 %: 0.98 are within it; 5 % on top are 0.75.
        (1499, 700, true, 98), (1499, 500, false, 75), (0, 700, true, 0), (1, 10_000, true, 1),
        (10, 500, false, 1),
        (9, 500, false, 0), (9_000_000_000_000, 2700, true, 1_913_385_826_772),
    ])
    func `tax is rounded to the nearest unit`(amount: Int, rate: Int, isIncluded: Bool, tax: Int) {
        let rule = TaxRule(country: .germany, basisPoints: rate, isIncluded: isIncluded)
        #expect(rule.tax(on: Money(minorUnits: amount, currency: .eur)).minorUnits == tax)
    }

    @Test func `what comes on top can be paid in its currency`() throws {
        let krona = try #require(Currency(rawValue: "ISK"))
        let rule = TaxRule(country: .germany, basisPoints: 500, isIncluded: false)
        #expect(rule.tax(on: Money(minorUnits: 149_900, currency: krona)).minorUnits == 7_500)
    }
}

@Suite struct DayTests {
    @Test(arguments: [
        (0, "1970-01-01"), (86_399, "1970-01-01"), (86_400, "1970-01-02"), (-1, "1969-12-31"),
        (951_782_400, "2000-02-29"), (1_798_761_599, "2026-12-31"), (1_798_761_600, "2027-01-01"),
        (4_107_542_400, "2100-03-01"),
    ])
    func `a moment has its day`(seconds: Int, day: String) {
        #expect(Day(of: Date(timeIntervalSince1970: Double(seconds))).rawValue == day)
    }

    @Test(arguments: [
        ("2026-12-24", true), ("2024-02-29", true), ("2023-02-29", false), ("1900-02-29", false),
        ("2026-13-01", false),
        ("2026-00-10", false), ("2026-04-31", false), ("2026-1-01", false), ("+026-01-01", false),
        ("", false),
        ("2026-12-24T00:00", false), ("0000-01-01", false),
    ])
    func `only what the calendar holds is a day`(text: String, isDay: Bool) {
        #expect((Day(rawValue: text) != nil) == isDay)
    }
}
