import Bookshop
import Foundation
import Postgres
import Records
import TestSupport
import Testing

@Suite struct CatalogueTests {
    @Test func `books of one title are numbered in addresses`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let editor = try transaction.person("e", .editor)
                let slugs = try (0..<3).map { _ in
                    let id = try transaction.draft("Émile", by: editor)
                    return try transaction.audiobook(.id(id), in: .eur, seenBy: .editor)?.slug.rawValue
                }
                #expect(slugs == ["emile", "emile-2", "emile-3"])
            }
        }
    }

    @Test func `nobody but editors sees a draft`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let id = try transaction.draft("Emma", by: try transaction.person("e", .editor))
                let slug = try #require(Slug(rawValue: "emma"))
                for name in [Audiobook.Reference.id(id), .slug(slug)] {
                    #expect(try transaction.audiobook(name, in: .eur, seenBy: .anyone) == nil)
                    #expect(try transaction.audiobook(name, in: .eur, seenBy: .editor)?.id == id)
                }
                #expect(try transaction.catalogue(CatalogueQuery(currency: .eur)).items.isEmpty)
            }
        }
    }

    @Test func `what a book lacks is named before it goes on sale`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let editor = try transaction.person("e", .editor)
                let bare = try transaction.create(
                    BookDescription(title: "Emma", language: LanguageTag(rawValue: "en")!, people: []),
                    by: editor)
                #expect(throws: CatalogueError.cannotPublish([.recording, .price, .author])) {
                    try transaction.publish(bare, ifVersion: 1)
                }
                #expect(throws: CatalogueError.noSuchBook) {
                    try transaction.publish(Audiobook.ID(), ifVersion: 1)
                }
                let whole = try transaction.published("Middlemarch", by: editor)
                let page = try #require(try transaction.audiobook(.id(whole), in: .eur, seenBy: .anyone))
                #expect(page.state == .published && page.price == Money(minorUnits: 1499, currency: .eur))
                #expect(page.durationMilliseconds == 180_000)
                #expect(page.people.map(\.name) == ["George Eliot", "A Reader"])
                try transaction.publish(whole, ifVersion: 1)
                #expect(
                    try transaction.audiobook(.id(whole), in: .eur, seenBy: .anyone)?.version == page.version,
                    "said again, nothing changes")
                #expect(try transaction.audiobook(.id(whole), in: .usd, seenBy: .anyone)?.price == nil)
            }
        }
    }

    @Test func `nobody overwrites what they have not seen`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let editor = try transaction.person("e", .editor)
                let id = try transaction.draft("Emma", by: editor)
                let next = try BookDescription(
                    title: "Emma II", language: LanguageTag(rawValue: "de")!,
                    people: [Credit(name: "B", role: .author), Credit(name: "A", role: .author)])
                try transaction.describe(id, as: next, ifVersion: 1)
                #expect(throws: CatalogueError.changedMeanwhile(version: 2)) {
                    try transaction.describe(id, as: next, ifVersion: 1)
                }
                #expect(throws: CatalogueError.changedMeanwhile(version: 2)) {
                    try transaction.archive(id, ifVersion: 1)
                }
                let page = try #require(try transaction.audiobook(.id(id), in: .eur, seenBy: .editor))
                #expect(page.title == "Emma II" && page.people.map(\.name) == ["B", "A"])
                #expect(page.slug.rawValue == "emma", "addresses stay")
            }
        }
    }

    private func version(of id: Audiobook.ID, _ transaction: borrowing Transaction) throws -> Int {
        try transaction.audiobook(.id(id), in: .eur, seenBy: .editor)?.version ?? 0
    }

    private func isListed(_ transaction: borrowing Transaction) throws -> Bool {
        try !transaction.catalogue(CatalogueQuery(currency: .eur)).items.isEmpty
    }

    @Test func `what is off sale is no more listed, and comes back`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let editor = try transaction.person("e", .editor)
                let id = try transaction.published("Emma", by: editor)
                #expect(try isListed(transaction))
                try transaction.unlist(id, ifVersion: try version(of: id, transaction))
                #expect(try !isListed(transaction))
                #expect(try transaction.audiobook(.id(id), in: .eur, seenBy: .anyone) != nil)
                try transaction.archive(id, ifVersion: try version(of: id, transaction))
                #expect(try transaction.audiobook(.id(id), in: .eur, seenBy: .anyone) == nil)
                #expect(throws: CatalogueError.illegalTransition(from: .archived, to: .unlisted)) {
                    try transaction.unlist(id, ifVersion: try version(of: id, transaction))
                }
                try transaction.publish(id, ifVersion: try version(of: id, transaction))
                #expect(try isListed(transaction))
            }
        }
    }

    @Test func `a price holds from now on, and the one before stays in the books`() throws {
        try withConnection { connection in
            let (editor, id) = try connection.transaction { transaction in
                let editor = try transaction.person("e", .editor)
                return (editor, try transaction.published("Emma", price: 1499, by: editor))
            }
            for price in [999, 1299, 1299] {
                try connection.transaction { transaction in
                    try transaction.setPrice(Money(minorUnits: price, currency: .eur), of: id, by: editor)
                    try transaction.setPrice(Money(minorUnits: price, currency: .eur), of: id, by: editor)
                }
            }
            try connection.transaction { transaction in
                try transaction.setPrice(Money(minorUnits: 500, currency: .eur), of: id, by: editor)
                try transaction.setPrice(Money(minorUnits: 600, currency: .eur), of: id, by: editor)
                let page = try transaction.audiobook(.id(id), in: .eur, seenBy: .anyone)
                #expect(page?.price == Money(minorUnits: 600, currency: .eur))
                let amounts: [Int] = try transaction.values(
                    "SELECT amount FROM sales.prices WHERE audiobook_id = \(id) ORDER BY lower(valid)")
                #expect(amounts == [1499, 999, 1299, 600], "a price of no duration was never in force")
            }
        }
    }

    @Test(arguments: CatalogueQuery.Sort.allCases)
    func `pages follow each other without a gap or a repetition`(sort: CatalogueQuery.Sort) throws {
        try withConnection { connection in
            let titles = ["Delta", "alpha", "Charlie", "bravo", "echo", "Alpha"]
            for (index, title) in titles.enumerated() {
                try connection.transaction { transaction in
                    let editor = try transaction.person("e", .editor)
                    _ = try transaction.published(title, price: 100 + index % 3 * 100, by: editor)
                }
            }
            try connection.transaction { transaction in
                var query = CatalogueQuery(currency: .eur, sort: sort)
                if sort == .relevance { query.text = "george" }
                var seen: [Listing] = []
                var cursor: Cursor?
                repeat {
                    let page = try transaction.catalogue(
                        query, after: try cursor.map { try #require(Cursor(rawValue: $0.rawValue)) },
                        size: #require(PageSize(rawValue: 2)))
                    #expect(page.items.count == 2)
                    seen += page.items
                    cursor = page.next
                } while cursor != nil
                let whole = try transaction.catalogue(query).items
                #expect(seen.map(\.id) == whole.map(\.id))
                #expect(Set(seen.map(\.id)).count == titles.count)
                switch sort {
                case .newest, .relevance: #expect(seen.map(\.title) == titles.reversed())
                case .title:
                    #expect(seen.map { $0.title.lowercased() } == titles.map { $0.lowercased() }.sorted())
                case .price: #expect(seen.map(\.price.minorUnits) == [100, 100, 200, 200, 300, 300])
                case .priceDescending:
                    #expect(seen.map(\.price.minorUnits) == [300, 300, 200, 200, 100, 100])
                case .duration:
                    #expect(seen.map(\.durationMilliseconds) == seen.map(\.durationMilliseconds).sorted())
                }
            }
        }
    }

    @Test(arguments: [
        ("MIDDLE", 1), ("eliot", 2), ("a reader", 2), ("100 %", 1), ("%", 0), ("_", 0), ("\\", 0), ("", 2),
        (" ", 2), ("zzz", 0), ("'", 0), ("a & !b | (c", 0), (":*", 0),
    ])
    func `a text is found in titles and names, and is never a pattern`(text: String, count: Int) throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let editor = try transaction.person("e", .editor)
                _ = try transaction.published("Middlemarch", by: editor)
                _ = try transaction.published("100 %", by: editor)
                let query = CatalogueQuery(text: text, currency: .eur)
                #expect(try transaction.catalogue(query).items.count == count)
            }
        }
    }

    @Test func `a list shows one language and one currency`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                _ = try transaction.published("Emma", by: try transaction.person("e", .editor))
                let english = LanguageTag(rawValue: "en"), german = LanguageTag(rawValue: "de")
                for (language, currency, count) in [
                    (english, Currency.eur, 1), (german, .eur, 0), (nil, .eur, 1), (nil, .usd, 0),
                ] {
                    let query = CatalogueQuery(language: language, currency: currency)
                    #expect(try transaction.catalogue(query).items.count == count)
                }
            }
        }
    }

    @Test func `a cursor of elsewhere is refused`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let query = CatalogueQuery(currency: .eur, sort: .newest)
                let own = "catalogue.newest.\(query.fingerprint)"
                for (list, key) in [
                    ("catalogue.title.\(query.fingerprint)", "2026-01-01 00:00:00+00"),
                    (
                        "catalogue.newest.\(CatalogueQuery(currency: .usd).fingerprint)",
                        "2026-01-01 00:00:00+00"
                    ),
                    ("library", "2026-01-01 00:00:00+00"), (own, "x"), (own, "infinity"),
                ] {
                    #expect(throws: ForeignCursor.self, "\(list) \(key)") {
                        try transaction.catalogue(query, after: Cursor(list: list, key: key, id: UUID()))
                    }
                }
                var price = CatalogueQuery(currency: .eur, sort: .price)
                price.prices = Bounds(least: 1, most: nil)!
                let cursor = Cursor(list: "catalogue.price.\(price.fingerprint)", key: "1e9", id: UUID())
                #expect(throws: ForeignCursor.self) { try transaction.catalogue(price, after: cursor) }
            }
        }
    }
}
