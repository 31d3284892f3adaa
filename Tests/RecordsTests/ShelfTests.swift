import Bookshop
import Foundation
import Postgres
import Records
import TestSupport
import Testing

@Suite struct ShelfTests {
    private let english = LanguageTag(rawValue: "en")!

    private func file(_ name: String) -> StoredFile {
        StoredFile(
            bucket: "media", objectKey: "c/\(name)",
            sha256: Array("\(name)".utf8)
                + Array(repeating: 0, count: 32)
                .prefix(32 - name.utf8.count), bytes: 10)
    }

    @Test func `people and series of drafts alone are known to editors alone`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let editor = try transaction.person("e", .editor)
                let saga = try transaction.create(SeriesDescription(name: "Saga"), by: editor)
                let draft = try transaction.create(
                    BookDescription(
                        title: "Emma", language: english, people: [Credit(name: "Hidden", role: .author)],
                        series: [SeriesEntry(saga, label: "1")]), by: editor)
                let book = try #require(try transaction.audiobook(.id(draft), in: .eur, seenBy: .editor))
                let person = try #require(book.people.first).id
                for viewer in [Viewer.anyone, .customer(try transaction.person("c"))] {
                    #expect(try transaction.contributors(seenBy: viewer).items.isEmpty)
                    #expect(try transaction.contributor(.id(person), seenBy: viewer) == nil)
                    #expect(try transaction.books(of: person, seenBy: viewer).items.isEmpty)
                    #expect(try transaction.series(seenBy: viewer).items.isEmpty)
                    #expect(try transaction.series(.id(saga), seenBy: viewer) == nil)
                    #expect(try transaction.books(of: saga, seenBy: viewer).items.isEmpty)
                    #expect(try transaction.cover(of: .id(draft), .small, seenBy: viewer) == nil)
                }
                #expect(try transaction.contributor(.id(person), seenBy: .editor)?.name == "Hidden")
                #expect(try transaction.books(of: saga, seenBy: .editor).items.map(\.id) == [draft])
                try transaction.record(draft, by: editor)
                try transaction.setPrice(Money(minorUnits: 999, currency: .eur), of: draft, by: editor)
                let now = try #require(try transaction.audiobook(.id(draft), in: .eur, seenBy: .editor))
                    .version
                try transaction.publish(draft, by: editor, ifVersion: now)
                #expect(try transaction.contributors(seenBy: .anyone).items.map(\.id) == [person])
                #expect(try transaction.series(seenBy: .anyone).items.map(\.id) == [saga])
                let slug = try #require(Slug(rawValue: "hidden"))
                #expect(try transaction.contributor(.slug(slug), seenBy: .anyone)?.id == person)
            }
        }
    }

    @Test func `people are taken by name or by id, in their order, and each once`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let editor = try transaction.person("e", .editor)
                let elder = try transaction.create(
                    ContributorDescription(name: "Ann", distinction: "the elder"), by: editor)
                func book(by people: Credit...) throws -> BookDescription {
                    try BookDescription(title: "Emma", language: english, people: people)
                }
                let id = try transaction.create(
                    book(
                        by: Credit(.known(elder), as: .author), Credit(name: "Ann", role: .author),
                        Credit(name: "Ann", role: .narrator)), by: editor)
                let people = try #require(try transaction.audiobook(.id(id), in: .eur, seenBy: .editor))
                    .people
                #expect(people.map(\.role) == [.author, .author, .narrator])
                #expect(people[0].id == elder && people[1].id == people[2].id && people[1].id != elder)
                #expect(throws: DescriptionError.repeated(.people, at: 1)) {
                    try transaction.create(
                        book(by: Credit(name: "Ann", role: .author), people[1].credit), by: editor)
                }
                #expect(throws: DescriptionError.unknown(.people, at: 1)) {
                    try transaction.create(
                        book(
                            by: Credit(name: "Ann", role: .author),
                            Credit(.known(Contributor.ID()), as: .author)),
                        by: editor)
                }
            }
        }
    }

    @Test func `a name is one person's, and nobody overwrites what they have not seen`() throws {
        try withConnection { connection in
            let (editor, ann) = try connection.transaction { transaction in
                let editor = try transaction.person("e", .editor)
                return (editor, try transaction.create(ContributorDescription(name: "Ann"), by: editor))
            }
            #expect(throws: ShelfError.nameTaken) {
                try connection.transaction {
                    _ = try $0.create(ContributorDescription(name: "Ann"), by: editor)
                }
            }
            try connection.transaction { transaction in
                let next = try ContributorDescription(name: "Anna", biography: "Reads.")
                try transaction.describe(ann, as: next, by: editor, ifVersion: 1)
                #expect(throws: ShelfError.changedMeanwhile(version: 2)) {
                    try transaction.describe(ann, as: next, by: editor, ifVersion: 1)
                }
                #expect(throws: ShelfError.noSuchEntry) {
                    try transaction.describe(Contributor.ID(), as: next, by: editor, ifVersion: 1)
                }
                let page = try #require(try transaction.contributor(.id(ann), seenBy: .editor))
                #expect(page.name == "Anna" && page.slug.rawValue == "ann", "addresses stay")
            }
        }
    }

    @Test func `books of a series stand in their order, page after page`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let editor = try transaction.person("e", .editor)
                let saga = try transaction.create(SeriesDescription(name: "Saga"), by: editor)
                for label in ["10", "2", "2.5", nil] {
                    _ = try transaction.create(
                        BookDescription(
                            title: "Book", language: english, people: [],
                            series: [SeriesEntry(saga, label: label)]), by: editor)
                }
                var labels: [String?] = []
                var cursor: Cursor?
                repeat {
                    let page = try transaction.books(
                        of: saga, seenBy: .editor, after: cursor, size: #require(PageSize(rawValue: 1)))
                    for book in page.items {
                        if case .place(let label, _) = book.tie { labels.append(label) }
                    }
                    cursor = page.next
                } while cursor != nil
                #expect(labels == ["2", "2.5", "10", nil])
                #expect(throws: ForeignCursor.self) {
                    try transaction.series(
                        seenBy: .editor, after: Cursor(list: "contributors", key: "x", id: UUID()))
                }
            }
        }
    }

    @Test func `categories are a tree that can be moved and never turned into itself`() throws {
        try withConnection { connection in
            let editor = try connection.transaction { try $0.person("e", .editor) }
            func create(_ name: String, _ parent: Bookshop.Category.ID? = nil, at position: Int = 0) throws
                -> Bookshop.Category.ID
            {
                try connection.transaction {
                    try $0.create(
                        CategoryDescription(name: name, parent: parent, position: position), by: editor)
                }
            }
            func move(_ id: Bookshop.Category.ID, _ name: String, below parent: Bookshop.Category.ID?) throws
            {
                try connection.transaction { transaction in
                    let version = try transaction.category(.id(id))?.version ?? 0
                    try transaction.describe(
                        id, as: CategoryDescription(name: name, parent: parent), by: editor,
                        ifVersion: version)
                }
            }
            let fiction = try create("Fiction", at: 2), facts = try create("Facts", at: 1)
            let crime = try create("Crime", fiction), cosy = try create("Cosy", crime)
            func names() throws -> [String] {
                try connection.transaction { transaction in
                    var names: [String] = [], cursor: Cursor?
                    repeat {
                        let page = try transaction.categories(
                            after: cursor, size: #require(PageSize(rawValue: 2)))
                        (names, cursor) = (names + page.items.map(\.name), page.next)
                    } while cursor != nil
                    return names
                }
            }
            #expect(try names() == ["Facts", "Fiction", "Crime", "Cosy"])
            #expect(throws: ShelfError.notATree) { try move(fiction, "Fiction", below: cosy) }
            #expect(throws: ShelfError.notATree) { try move(fiction, "Fiction", below: fiction) }
            #expect(throws: ShelfError.noSuchParent) {
                try move(crime, "Crime", below: Bookshop.Category.ID())
            }
            try move(crime, "Crime", below: facts)
            #expect(try names() == ["Facts", "Crime", "Cosy", "Fiction"])
            var deepest = cosy
            for level in 4...8 { deepest = try create("Level \(level)", deepest) }
            #expect(throws: ShelfError.notATree, "it would be nine deep") {
                try move(facts, "Facts", below: fiction)
            }
            #expect(throws: ShelfError.inUse) {
                try connection.transaction { try $0.delete(crime, by: editor) }
            }
            try connection.transaction { try $0.delete(deepest, by: editor) }
            #expect(throws: ShelfError.noSuchEntry) {
                try connection.transaction { try $0.delete(deepest, by: editor) }
            }
            #expect(throws: ShelfError.slugTaken) {
                try connection.transaction {
                    _ = try $0.create(
                        CategoryDescription(name: "Again", slug: Slug(rawValue: "crime")), by: editor)
                }
            }
        }
    }

    @Test func `a sale is over by itself, and what a book has cost stays in the books`() throws {
        try withConnection { connection in
            let (editor, book) = try connection.transaction { transaction in
                let editor = try transaction.person("e", .editor)
                return (editor, try transaction.published("Emma", price: 1000, by: editor))
            }
            func price(_ currency: Currency = .eur) throws -> Int? {
                try connection.transaction {
                    try $0.audiobook(.id(book), in: currency, seenBy: .anyone)?.price?.minorUnits
                }
            }
            let half = Money(minorUnits: 500, currency: .eur)
            let end = Date(timeIntervalSinceNow: 3600)
            let sale = try connection.transaction { try $0.sell(book, at: half, until: end, by: editor) }
            #expect(try price() == 500)
            let after: [Int] = try connection.transaction {
                try $0.values("SELECT amount FROM sales.prices WHERE valid @> \(end)::timestamptz")
            }
            #expect(after == [1000], "the old price holds again")
            #expect(throws: PriceError.overlaps) {
                try connection.transaction { _ = try $0.sell(book, at: half, until: end, by: editor) }
            }
            try connection.transaction { try $0.removePrice(sale, of: book, by: editor) }
            #expect(try price() == 1000, "it was ended")
            let list = try connection.transaction { try $0.prices(of: book).items }
            #expect(
                list.map(\.stretch.amount) == [1000, 500, 1000]
                    && list.allSatisfy { $0.stretch.setBy == editor })
            #expect(throws: PriceError.begun) {
                try connection.transaction { try $0.removePrice(list[0].id, of: book, by: editor) }
            }
            #expect(throws: PriceError.noSuchPrice) {
                try connection.transaction { try $0.removePrice(BookPrice.ID(), of: book, by: editor) }
            }
            for statement: SQL in [
                "DELETE FROM sales.prices WHERE id = \(sale)", "UPDATE sales.prices SET amount = 100",
                "UPDATE sales.prices SET valid = tstzrange(lower(valid), now() + interval '1 day') WHERE id = \(sale)",
            ] {
                do {
                    try connection.transaction { _ = try $0.run(statement) }
                    Issue.record("it was taken: \(statement)")
                } catch let error as PostgresError { #expect(error.constraint == "prices_kept") }
            }
        }
    }

    @Test func `what an editor chose for the window stays, and what nobody chose gives way`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let editor = try transaction.person("e", .editor)
                let book = try transaction.published("Emma", by: editor)
                let gaps = try #require(try transaction.windowGaps(of: book))
                let (track, usual) = try #require(gaps.sample)
                #expect(!gaps.hasCover && usual.durationMilliseconds == 45_000)
                try transaction.setSample(usual, file("a"), from: track.asset.id, of: book, by: nil)
                #expect(try transaction.windowGaps(of: book)?.sample == nil)
                let chosen = try #require(try transaction.sample(of: book, from: 90_000))
                try transaction.setSample(
                    chosen.sample, file("b"), from: track.asset.id, of: book, by: editor)
                try transaction.setSample(usual, file("a"), from: track.asset.id, of: book, by: nil)
                #expect(try transaction.sample(of: .id(book), seenBy: .anyone)?.objectKey == "c/b")
                func cover(_ name: String) -> [StoredPicture] {
                    CoverSize.allCases.map { StoredPicture($0, file(name), width: 100, height: 90) }
                }
                try transaction.setCover(cover("c"), of: book, by: nil)
                try transaction.setCover(cover("d"), of: book, by: nil)
                #expect(try transaction.cover(of: .id(book), .large, seenBy: .anyone)?.objectKey == "c/c")
                try transaction.setCover(cover("d"), of: book, by: editor)
                #expect(try transaction.cover(of: .id(book), .thumbnail, seenBy: .anyone)?.objectKey == "c/d")
                try transaction.record(book, by: editor, durationMilliseconds: 600_000)
                let next = try #require(try transaction.windowGaps(of: book))
                #expect(
                    next.hasCover && next.sample?.sample.startMilliseconds == 90_000, "where it was chosen")
                try transaction.setSample(usual, file("e"), from: track.asset.id, of: book, by: nil)
                #expect(
                    try transaction.sample(of: .id(book), seenBy: .anyone)?.objectKey == "c/b",
                    "a sample of a recording that is gone comes too late")
            }
        }
    }
}
