import Bookshop
import Foundation
import Testing

@testable import Pages

@Suite struct MessagesTests {
    private func messages(_ language: PageLanguage, _ messages: [String: String]) throws -> Messages {
        try Messages(language, from: JSONEncoder().encode(messages))
    }

    private static let count = "{count, plural, =0 {no books} one {one book} other {# books by {name}}}"
    private static let arabic = "{count, plural, zero {z} one {o} two {t} few {f#} many {m#} other {x#}}"

    @Test(arguments: [
        (PageLanguage.english, count, "0", "no books"), (.english, count, "1", "one book"),
        (.english, count, "7", "7 books by <A>"), (.arabic, arabic, "0", "z"), (.arabic, arabic, "2", "t"),
        (.arabic, arabic, "103", "f103"), (.arabic, arabic, "11", "m11"), (.arabic, arabic, "100", "x100"),
        (.english, "{count} # {other}", "3", "3 # {other}"), (.english, "{count, plural, one {a}}", "2", ""),
        (.english, "{broken", "1", "{broken"),
    ])
    func `values and plurals are put in`(language: PageLanguage, message: String, count: String, said: String)
        throws
    {
        #expect(try messages(language, ["m": message])("m", ["count": count, "name": "<A>"]) == said)
    }

    @Test func `what is not known is said by its name, and templates see messages by their dots`() throws {
        let say = try messages(.english, ["a.b": "B", "a.c.d": "D"])
        #expect(say("a.x") == "a.x" && !say.knows("a.x") && say.knows("a.b"))
        #expect(say.nested == ["a": ["b": "B", "c": ["d": "D"]]])
    }

    @Test(arguments: [
        (nil, PageLanguage.english), ("", .english), ("ar", .arabic), ("de, ar;q=0.5, en;q=0.8", .english),
        ("ar-EG,en;q=0.9", .arabic), ("en;q=0, ar;q=0.1", .arabic), ("fr", .english), ("en, ar", .english),
    ])
    func `the language is the first that is asked for and spoken`(header: String?, language: PageLanguage) {
        #expect(PageLanguage(preferred: header) == language)
    }

    @Test func `amounts, lengths, days and lists are told as people write them`() throws {
        let say = try messages(
            .english,
            [
                "common.duration.hours": "{hours} h {minutes} min",
                "common.duration.minutes": "{minutes} min",
                "common.duration.seconds": "{seconds} s", "common.and": "{first} and {last}",
                "common.comma": "{first}, {last}",
            ])
        #expect(try say.money(1499, in: "EUR") == "€14.99" && say.money(5, in: "USD") == "$0.05")
        #expect(try say.money(1_234_500, in: "JPY") == "¥1,234,500")
        #expect(try say.money(12_345, in: "KWD") == "KWD\u{A0}12.345")
        #expect(say.duration(29_400) == "29 s" && say.duration(30_000) == "1 min")
        #expect(say.duration(3_599_000) == "1 h 0 min" && say.duration(34_927_000) == "9 h 42 min")
        #expect(say.day(year: 2026, month: 11, day: 26) == "26 Nov 2026")
        #expect(
            say.listed(["A", "B", "C"]) == "A, B and C" && say.listed(["A"]) == "A" && say.listed([]) == "")
        #expect(say.number(1_234_567) == "1,234,567" && say.number(999) == "999")
    }
}

extension Messages {
    fileprivate func money(_ minorUnits: Int, in code: String) throws -> String {
        money(Money(minorUnits: minorUnits, currency: try #require(Currency(rawValue: code))))
    }
}
