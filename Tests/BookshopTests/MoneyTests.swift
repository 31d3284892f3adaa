import Bookshop
import Foundation
import Testing

@Suite struct MoneyTests {
    @Test(arguments: [
        (1499, "EUR", "14.99 EUR"), (5, "EUR", "0.05 EUR"), (0, "EUR", "0.00 EUR"), (1200, "JPY", "1200 JPY"),
        (1230, "KWD", "1.230 KWD"), (700, "ISK", "7.00 ISK"),
    ])
    func `an amount is written with its currency's decimals`(
        minorUnits: Int, code: String, text: String
    ) throws {
        let currency = try #require(Currency(rawValue: code))
        #expect(Money(minorUnits: minorUnits, currency: currency).description == text)
    }

    @Test(arguments: [
        (0, "EUR", nil), (49, "EUR", MoneyError.belowMinimum(50)), (50, "EUR", nil), (-1, "EUR", .outOfRange),
        (9_000_000_000_000, "EUR", nil), (9_000_000_000_001, "EUR", .outOfRange),
        (100, "ISK", nil), (150, "ISK", .notAMultiple(of: 100)), (1230, "KWD", nil),
        (1231, "KWD", .notAMultiple(of: 10)), (49, "JPY", .belowMinimum(50)), (50, "JPY", nil),
    ])
    func `a price can be charged`(minorUnits: Int, code: String, refusal: MoneyError?) throws {
        let currency = try #require(Currency(rawValue: code))
        do throws(MoneyError) {
            let price = try Money.price(minorUnits, currency)
            #expect(refusal == nil && price.minorUnits == minorUnits)
        } catch { #expect(error == refusal) }
    }

    @Test(arguments: ["eur", "EURO", "XXX", "", "EU", "É"])
    func `what is no currency of ours is none`(code: String) { #expect(Currency(rawValue: code) == nil) }

    @Test(arguments: [
        #"{"minorUnits":-1,"currency":"EUR"}"#, #"{"minorUnits":1.5,"currency":"EUR"}"#,
        #"{"minorUnits":9000000000001,"currency":"EUR"}"#, #"{"minorUnits":1,"currency":"eur"}"#,
        #"{"minorUnits":99999999999999999999,"currency":"EUR"}"#, #"{"minorUnits":"1","currency":"EUR"}"#,
    ])
    func `an amount from outside is refused and never stops us`(json: String) {
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Money.self, from: Data(json.utf8)) }
    }

    @Test func `an amount is read back as it was written`() throws {
        for currency in Currency.all {
            let money = Money(minorUnits: currency.minimumCharge * currency.multiple, currency: currency)
            #expect(try JSONDecoder().decode(Money.self, from: JSONEncoder().encode(money)) == money)
        }
    }
}
