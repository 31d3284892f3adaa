import Bookshop
import Foundation
import Postgres
import Records
import TestSupport
import Testing

/// What is listed and searched is made of other tables; whatever changes there is there at once.
@Suite struct FreshnessTests {
    /// One book on sale, alone in its category, in a series, by one author.
    private struct Shelf {
        let book: Audiobook.ID
        let category: UUID
        let above: UUID
        let other: UUID
        let series: UUID
        let author: UUID
    }

    private func withShelf(_ body: (borrowing Transaction, Shelf) throws -> Void) throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let editor = try transaction.person("e", .editor)
                let book = try transaction.shelve(
                    "Middlemarch", by: "George Eliot", saying: "Dorothea marries.", editor: editor)
                let (above, category, other, series) = (UUID(), UUID(), UUID(), UUID())
                try transaction.run(
                    """
                    INSERT INTO catalogue.categories (id, slug, name, parent_id) VALUES
                        (\(above), 'fiction', 'Fiction', NULL), (\(category), 'classics', 'Classics', \(above)),
                        (\(other), 'school', 'For school', NULL)
                    """)
                try transaction.run(
                    """
                    INSERT INTO catalogue.series (id, slug, name) VALUES (\(series), 'provincial', 'Provincial Lives')
                    """)
                try transaction.run(
                    "INSERT INTO catalogue.audiobook_categories VALUES (\(book), \(category))")
                try transaction.run(
                    """
                    INSERT INTO catalogue.series_entries (series_id, audiobook_id, label, sort_key)
                    VALUES (\(series), \(book), '1', 1)
                    """)
                let author: UUID? = try transaction.value(
                    "SELECT id FROM catalogue.contributors WHERE name = 'George Eliot'")
                try body(
                    transaction,
                    Shelf(
                        book: book, category: category, above: above, other: other, series: series,
                        author: try #require(author)))
            }
        }
    }

    private func finds(_ text: String, _ transaction: borrowing Transaction) throws -> Bool {
        try !transaction.catalogue(CatalogueQuery(text: text, currency: .eur)).items.isEmpty
    }

    private func holds(_ category: String, _ transaction: borrowing Transaction) throws -> Bool {
        var query = CatalogueQuery(currency: .eur)
        query.categories = [Reference(category)!]
        return try !transaction.catalogue(query).items.isEmpty
    }

    @Test func `what is said of a book is found as it is said now`() throws {
        try withShelf { transaction, shelf in
            #expect(try finds("middlemarch", transaction) && finds("dorothea", transaction))
            try transaction.run(
                """
                UPDATE catalogue.audiobooks
                SET title = 'Felix Holt', subtitle = 'The Radical', description = 'Esther chooses.', language = 'de'
                WHERE id = \(shelf.book)
                """)
            #expect(try !finds("middlemarch", transaction) && !finds("dorothea", transaction))
            #expect(
                try finds("felix", transaction) && finds("radical", transaction)
                    && finds("esther", transaction))
            var german = CatalogueQuery(currency: .eur)
            german.languages = [LanguageTag(rawValue: "de")!]
            #expect(try transaction.catalogue(german).items.count == 1)
        }
    }

    @Test func `a person renamed, added or taken away`() throws {
        try withShelf { transaction, shelf in
            #expect(try finds("eliot", transaction))
            try transaction.run(
                "UPDATE catalogue.contributors SET name = 'Mary Ann Evans' WHERE id = \(shelf.author)")
            #expect(try !finds("eliot", transaction) && finds("mary evans", transaction))
            try transaction.run(
                """
                DELETE FROM catalogue.audiobook_contributors
                WHERE audiobook_id = \(shelf.book) AND contributor_id = \(shelf.author)
                """)
            #expect(try !finds("evans", transaction))
            try transaction.run(
                """
                INSERT INTO catalogue.audiobook_contributors (audiobook_id, role, position, contributor_id)
                VALUES (\(shelf.book), 'translator', 1, \(shelf.author))
                """)
            #expect(try finds("evans", transaction))
            var query = CatalogueQuery(currency: .eur)
            query.authors = [.id(Identifier(rawValue: shelf.author))]
            #expect(try transaction.catalogue(query).items.isEmpty, "a translator is no author")
            try transaction.run(
                "UPDATE catalogue.audiobook_contributors SET role = 'author' WHERE role = 'translator'")
            #expect(try transaction.catalogue(query).items.count == 1)
        }
    }

    @Test func `a series renamed, entered or left`() throws {
        try withShelf { transaction, shelf in
            #expect(try finds("provincial", transaction))
            try transaction.run(
                "UPDATE catalogue.series SET name = 'Lives in Loamshire' WHERE id = \(shelf.series)")
            #expect(try !finds("provincial", transaction) && finds("loamshire", transaction))
            var query = CatalogueQuery(currency: .eur)
            query.series = [Reference("provincial")!]
            #expect(try transaction.catalogue(query).items.count == 1)
            try transaction.run("DELETE FROM catalogue.series_entries WHERE audiobook_id = \(shelf.book)")
            #expect(try !finds("loamshire", transaction))
            #expect(try transaction.catalogue(query).items.isEmpty)
        }
    }

    @Test func `a category takes along what is below it, wherever it goes`() throws {
        try withShelf { transaction, shelf in
            #expect(try holds("fiction", transaction) && holds("classics", transaction))
            #expect(try !holds("school", transaction))
            try transaction.run(
                "UPDATE catalogue.categories SET parent_id = \(shelf.other) WHERE id = \(shelf.category)")
            #expect(try !holds("fiction", transaction) && holds("school", transaction))
            try transaction.run(
                "UPDATE catalogue.categories SET parent_id = \(shelf.above) WHERE id = \(shelf.other)")
            #expect(try holds("fiction", transaction), "through two")
            try transaction.run(
                "DELETE FROM catalogue.audiobook_categories WHERE audiobook_id = \(shelf.book)")
            #expect(try !holds("fiction", transaction) && !holds("classics", transaction))
        }
    }

    @Test(arguments: ["unlisted", "archived"])
    func `what goes off sale is in no list and no search`(state: String) throws {
        try withShelf { transaction, shelf in
            #expect(try finds("middlemarch", transaction))
            try transaction.run("UPDATE catalogue.audiobooks SET state = \(state) WHERE id = \(shelf.book)")
            #expect(try !finds("middlemarch", transaction) && !holds("classics", transaction))
            #expect(try transaction.suggestions(for: "middle").isEmpty)
            #expect(try transaction.suggestions(for: "george").isEmpty, "nor are those who made it")
            for table: SQL in ["catalogue.listings", "catalogue.search_documents"] {
                #expect(try transaction.value("SELECT count(*) FROM \(table)") == 0)
            }
            try transaction.run(
                "UPDATE catalogue.audiobooks SET state = 'published' WHERE id = \(shelf.book)")
            #expect(try finds("middlemarch", transaction) && holds("fiction", transaction))
        }
    }

    private func price(
        _ amount: Int, _ from: String, _ until: String?, of book: Audiobook.ID,
        _ transaction: borrowing Transaction
    ) throws {
        try transaction.run(
            """
            INSERT INTO sales.prices (audiobook_id, currency, amount, valid) VALUES (\(book), 'EUR', \(amount),
                tstzrange(now() + \(from)::interval, now() + \(until)::interval))
            """)
    }

    @Test func `prices begin and end by the clock`() throws {
        try withShelf { transaction, shelf in
            // One that begins at this very moment can still be taken back.
            try transaction.run("DELETE FROM sales.prices")
            #expect(try !finds("middlemarch", transaction), "what has no price is not sold")
            try price(300, "-2 hours", "-1 hour", of: shelf.book, transaction)
            try price(500, "1 hour", nil, of: shelf.book, transaction)
            #expect(try !finds("middlemarch", transaction), "neither what is past nor what is to come")
            try price(400, "-1 hour", "1 hour", of: shelf.book, transaction)
            let query = CatalogueQuery(currency: .eur)
            #expect(try transaction.catalogue(query).items.map(\.price.minorUnits) == [400])
            try transaction.run(
                "UPDATE sales.prices SET valid = tstzrange(lower(valid), now()) WHERE amount = 400")
            #expect(try !finds("middlemarch", transaction), "it has ended")
            try price(450, "0 seconds", "1 hour", of: shelf.book, transaction)
            #expect(try transaction.catalogue(query).items.map(\.price.minorUnits) == [450])
        }
    }

    @Test func `a new edition is as long as it is`() throws {
        try withShelf { transaction, shelf in
            let editor = try transaction.person("e", .editor)
            try transaction.record(shelf.book, by: editor, durationMilliseconds: 7_200_000)
            let listed = try transaction.catalogue(CatalogueQuery(currency: .eur)).items
            #expect(listed.map(\.durationMilliseconds) == [7_200_000])
        }
    }

    /// Without the revision of the book the one would write what it saw before the other.
    @Test(arguments: [Isolation.readCommitted, .serializable])
    func `who publishes and who renames at one moment leave what both did`(isolation: Isolation) throws {
        for _ in 0..<10 {
            try withDatabase { database in
                let (book, author) = try database.connect().transaction { transaction in
                    let editor = try transaction.person("e", .editor)
                    let book = try transaction.shelve("Emma", by: "Jane Austin", editor: editor)
                    try transaction.run(
                        "UPDATE catalogue.audiobooks SET state = 'unlisted' WHERE id = \(book)")
                    let author: UUID? = try transaction.value(
                        "SELECT id FROM catalogue.contributors WHERE name = 'Jane Austin'")
                    return (book, try #require(author))
                }
                let changes: [SQL] = [
                    "UPDATE catalogue.audiobooks SET state = 'published' WHERE id = \(book)",
                    "UPDATE catalogue.contributors SET name = 'Jane Austen' WHERE id = \(author)",
                ]
                _ = try atOnce(2) { index, line in
                    let connection = database.connect()
                    try connection.warmUp()
                    line.wait()
                    try connection.transaction(isolation, attempts: 10) { _ = try $0.run(changes[index]) }
                }.successes()
                try database.connect().transaction { transaction throws in
                    #expect(try finds("austen", transaction))
                    #expect(try !finds("austin", transaction))
                }
            }
        }
    }
}
