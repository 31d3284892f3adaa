import Bookshop
import Foundation
import Postgres
import TestSupport
import Testing

@testable import Records

@Suite struct FacetTests {
    /// Every kind of filter alone, and several at once.
    private func narrowings(of whole: Facets) throws -> [(String, (inout CatalogueQuery) -> Void)] {
        let category = try #require(whole.categories.first { $0.parent == nil }), deeper = whole.categories[5]
        let author = whole.authors[0], other = whole.authors[3], narrator = whole.narrators[1]
        return [
            ("nothing", { _ in }), ("a category", { $0.categories = [.id(category.id)] }),
            ("two", { $0.categories = [.slug(deeper.slug), .id(category.id)] }),
            ("an author", { $0.authors = [.id(author.id)] }),
            (
                "two authors and a language",
                {
                    $0.authors = [.slug(author.slug), .id(other.id)]
                    $0.languages = [LanguageTag(rawValue: "en")!]
                }
            ),
            ("a narrator", { $0.narrators = [.id(narrator.id)] }),
            (
                "two languages",
                { $0.languages = [LanguageTag(rawValue: "en")!, LanguageTag(rawValue: "fr")!] }
            ),
            ("a price", { $0.prices = Bounds(least: 500, most: 1999)! }),
            (
                "a duration and words",
                {
                    $0.durationsMilliseconds = Bounds(least: nil, most: 36_000_000)!
                    $0.text = "garden"
                }
            ),
            (
                "all at once",
                {
                    $0.categories = [.id(category.id)]
                    $0.languages = [LanguageTag(rawValue: "en")!, LanguageTag(rawValue: "de")!]
                    $0.prices = Bounds(least: nil, most: 2499)!
                    $0.durationsMilliseconds = Bounds(least: 3_600_000, most: nil)!
                    $0.text = "the"
                }
            ),
        ]
    }

    /// What a list is that one more choice was taken in, and how many books that is said to leave.
    private func choices(of facets: Facets, beside query: CatalogueQuery) -> [(Int, CatalogueQuery)] {
        var choices: [(Int, CatalogueQuery)] = []
        func add(_ count: Int, _ choose: (inout CatalogueQuery) -> Void) {
            var chosen = query
            choose(&chosen)
            choices.append((count, chosen))
        }
        func bounds(_ band: Facets.Band) -> Bounds {
            Bounds(least: band.least, most: band.below.map { $0 - 1 })!
        }
        for choice in facets.categories.prefix(12) {
            add(choice.count) { $0.categories = [.id(choice.id)] }
        }
        for choice in facets.languages { add(choice.count) { $0.languages = [choice.language] } }
        for choice in facets.authors.prefix(5) + facets.authors.suffix(2) {
            add(choice.count) { $0.authors = [.id(choice.id)] }
        }
        for choice in facets.narrators.prefix(5) + facets.narrators.suffix(2) {
            add(choice.count) { $0.narrators = [.id(choice.id)] }
        }
        for band in facets.prices { add(band.count) { $0.prices = bounds(band) } }
        for band in facets.durationsMilliseconds {
            add(band.count) { $0.durationsMilliseconds = bounds(band) }
        }
        return choices
    }

    @Test func `each choice is counted as it would be found, but for the filter of its own facet`() throws {
        try withManyBooks(400) { database in
            let connection = database.connect(as: "catalogue")
            let memory = FacetMemory()
            func facets(_ query: CatalogueQuery) throws -> Facets {
                let finding = try connection.transaction(.readOnly) {
                    try $0.find(query, telling: .facets, remembering: memory)
                }
                return try #require(finding.facets)
            }
            for (name, narrow) in try narrowings(of: facets(CatalogueQuery(currency: .eur))) {
                var query = CatalogueQuery(currency: .eur)
                narrow(&query)
                let facets = try facets(query)
                let choices = choices(of: facets, beside: query)
                try connection.transaction(.readOnly) { transaction in
                    for (count, chosen) in choices {
                        let total = try transaction.find(chosen, telling: .total).total
                        #expect(total == count, "\(name): \(chosen)")
                    }
                }
                #expect(choices.count > 10, "\(name)")
                #expect(facets.prices.count == 5 && facets.durationsMilliseconds.count == 5)
            }
        }
    }

    @Test func `who was chosen is named with their count, be it none`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let editor = try transaction.person("e", .editor)
                try transaction.shelve("Emma", by: "Jane Austen", in: "en", editor: editor)
                try transaction.shelve("Faust", by: "Goethe", in: "de", editor: editor)
                var query = CatalogueQuery(currency: .eur)
                query.authors = [Reference("goethe")!]
                query.languages = [LanguageTag(rawValue: "en")!]
                let finding = try transaction.find(query, telling: [.facets, .total])
                #expect(finding.total == 0)
                #expect(finding.facets?.authors.map(\.name) == ["Jane Austen", "Goethe"])
                #expect(finding.facets?.authors.map(\.count) == [1, 0])
                #expect(finding.facets?.languages.map(\.language.rawValue) == ["de"])
                query.authors = [Reference("nobody")!]
                #expect(try transaction.find(query).page.items.isEmpty, "an unknown name finds nothing")
            }
        }
    }

    /// Each change must be seen, whoever makes it and whenever they are done.
    @Test func `what was counted is believed only while nothing has changed`() throws {
        try withDatabase { database in
            let reader = database.connect(as: "catalogue"), writer = database.connect()
            let memory = FacetMemory()
            func total() throws -> Int {
                let query = CatalogueQuery(currency: .eur)
                let finding = try reader.transaction(.readOnly) {
                    try $0.find(query, telling: [.total, .facets], remembering: memory)
                }
                #expect(finding.facets?.languages.first?.count ?? 0 == finding.total)
                return finding.total ?? -1
            }
            #expect(try total() == 0)
            let editor = try writer.transaction { try $0.person("e", .editor) }
            try writer.transaction { transaction in
                try transaction.shelve("Emma", editor: editor)
                #expect(try total() == 0, "it is not done yet")
            }
            #expect(try total() == 1)
            // One that began before and is done after another.
            let slow = database.connect()
            try slow.transaction(.readCommitted) { transaction in
                try transaction.shelve("Persuasion", editor: editor)
                try writer.transaction(.readCommitted) { _ = try $0.shelve("Sanditon", editor: editor) }
                #expect(try total() == 2)
            }
            #expect(try total() == 3)
            try writer.transaction {
                _ = try $0.run("UPDATE catalogue.audiobooks SET state = 'archived' WHERE title = 'Emma'")
            }
            #expect(try total() == 2)
        }
    }

    @Test func `what was counted is forgotten when a price begins or ends`() throws {
        let memory = FacetMemory()
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        func refresh(after seconds: Double, next: Double?) {
            memory.refresh(
                ListingState(
                    hasChanged: false, snapshot: "1:1:", now: now.addingTimeInterval(seconds),
                    nextPrice: next.map(now.addingTimeInterval)), in: "EUR")
        }
        refresh(after: 0, next: 60)
        memory.remember([], as: "x", after: 0)
        refresh(after: 59, next: 60)
        #expect(memory["x"] != nil)
        refresh(after: 60, next: nil)
        #expect(memory["x"] == nil)
        memory.remember([], as: "x", after: 0)
        refresh(after: 1_000_000, next: nil)
        #expect(memory["x"] != nil, "nothing else was to come")
    }

    @Test func `what took long to count is believed for ten times as long, and then counted anew`() {
        let memory = FacetMemory()
        let now = Date(timeIntervalSince1970: 1_800_000_000)
        func refresh(after seconds: Double, hasChanged: Bool = false) {
            memory.refresh(
                ListingState(
                    hasChanged: hasChanged, snapshot: "1:1:", now: now.addingTimeInterval(seconds),
                    nextPrice: nil),
                in: "EUR")
        }
        refresh(after: 0)
        memory.remember([], as: "long", after: 4)
        memory.remember([], as: "short", after: 2)
        refresh(after: 39, hasChanged: true)
        #expect(memory["long"] != nil && memory["short"] == nil)
        refresh(after: 39.9)
        #expect(memory["long"] != nil)
        refresh(after: 40)
        #expect(memory["long"] == nil, "it is of before the change, though nothing has changed since")
        memory.remember([], as: "long", after: 4)
        refresh(after: 1000)
        #expect(memory["long"] != nil, "nothing has changed")
        refresh(after: 1000, hasChanged: true)
        #expect(memory["long"] == nil)
    }

    @Test func `what is remembered has an end`() {
        let memory = FacetMemory()
        for number in 0...1000 { memory.remember([], as: "\(number)", after: 0) }
        #expect(memory["1000"] != nil && memory["0"] == nil)
    }
}
