import Bookshop
import Foundation
import Postgres
import Records
import TestSupport
import Testing

@Suite struct SearchTests {
    /// A small shop of known titles; the first is the oldest.
    private func withShelf(_ body: (borrowing Transaction) throws -> Void) throws {
        try withConnection { connection in
            let editor = try connection.transaction { try $0.person("e", .editor) }
            for (title, author, language, text) in Self.titles {
                try connection.transaction { transaction in
                    _ = try transaction.shelve(title, by: author, in: language, saying: text, editor: editor)
                }
            }
            try connection.transaction { transaction in
                try transaction.run(
                    "INSERT INTO catalogue.series (slug, name) VALUES ('barsetshire', 'Chronicles of Barsetshire')"
                )
                try transaction.run(
                    """
                    INSERT INTO catalogue.series_entries (series_id, audiobook_id, label, sort_key)
                    SELECT series.id, book.id, '1', 1 FROM catalogue.series, catalogue.audiobooks AS book
                    WHERE book.slug = 'the-warden'
                    """)
                try body(transaction)
            }
        }
    }

    private static let titles = [
        ("Emma", "Jane Austen", "en", "A heroine whom no one but myself will much like."),
        ("Emma Brown", "Clare Boylan", "en", ""),
        ("Pride and Prejudice", "Jane Austen", "en", "Elizabeth Bennet and Mr Darcy."),
        ("Jane Eyre", "Charlotte Brontë", "en", "A governess, a fire, and an islander's return."),
        ("The Mill on the Floss", "George Eliot", "en", "Maggie, her brother and a flooded river."),
        ("Middlemarch", "George Eliot", "en", "Dorothea reads Pascal and not Emma."),
        ("The Æneid", "Virgil", "en", "Arms and the man."),
        ("Les Misérables", "Victor Hugo", "fr", "Les chevaux et les évasions de Jean Valjean."),
        ("Die Verwandlung", "Franz Kafka", "de", "Gregor Samsa und seine Verwandlungen in der Straße."),
        ("Der Große Gatsby", "F. Scott Fitzgerald", "de", ""),
        ("Smilla's Sense of Snow", "Peter Høeg", "en-GB", ""),
        ("The Warden", "Anthony Trollope", "en", ""),
        ("War and Peace", "Leo Tolstoy", "en", "Five families."),
        ("Преступление и наказание", "Фёдор Достоевский", "ru", ""),
        ("It", "Stephen King", "en", ""),
    ]

    private func found(
        _ text: String, _ transaction: borrowing Transaction, language: String? = nil
    ) throws -> Finding {
        var query = CatalogueQuery(text: text, currency: .eur, sort: .relevance)
        query.languages = language.map { [LanguageTag(rawValue: $0)!] } ?? []
        return try transaction.find(query, telling: .guesses)
    }

    @Test(arguments: [
        ("emma", ["Emma", "Emma Brown", "Middlemarch"]),
        // A title that begins so; of one author the newest first.
        ("jane", ["Jane Eyre", "Pride and Prejudice", "Emma"]),
        ("eliot", ["Middlemarch", "The Mill on the Floss"]), ("barsetshire", ["The Warden"]),
        ("darcy", ["Pride and Prejudice"]), ("peace war", ["War and Peace"]),
    ])
    func `the title itself comes first, then its beginning, its words, people, and what is mentioned`(
        text: String, titles: [String]
    ) throws {
        try withShelf { transaction in
            let found = try found(text, transaction)
            #expect(found.page.items.map(\.title) == titles)
        }
    }

    @Test(arguments: [
        ("aeneid", "The Æneid"), ("Æneid", "The Æneid"), ("ÆNEID", "The Æneid"),
        ("les miserables", "Les Misérables"), ("MISÉRABLES", "Les Misérables"),
        ("mise\u{301}rables", "Les Misérables"), ("bronte", "Jane Eyre"), ("Brontë", "Jane Eyre"),
        ("hoeg", "Smilla's Sense of Snow"), ("Høeg", "Smilla's Sense of Snow"),
        ("der grosse gatsby", "Der Große Gatsby"), ("GROẞE", "Der Große Gatsby"),
        ("strasse", "Die Verwandlung"),
        ("smilla\u{2019}s sense", "Smilla's Sense of Snow"), ("достоевский", "Преступление и наказание"),
        ("ФЕДОР", "Преступление и наказание"),
    ])
    func `accents, ligatures and capitals are nothing to who searches`(text: String, title: String) throws {
        try withShelf { transaction in
            let finding = try found(text, transaction)
            #expect(finding.page.items.first?.title == title)
            #expect(finding.meant == nil, "that is no mistake")
        }
    }

    @Test(arguments: [
        ("mills floss", "The Mill on the Floss"), ("flooding rivers", "The Mill on the Floss"),
        ("mill on a floss", "The Mill on the Floss"), ("governesses", "Jane Eyre"),
        ("cheval", "Les Misérables"),
        ("évasion", "Les Misérables"), ("verwandlungen", "Die Verwandlung"),
        ("преступления", "Преступление и наказание"),
        ("it", "It"), ("the the", "The Mill on the Floss"),
    ])
    func `words are found in their other forms, as their language has them`(text: String, title: String)
        throws
    {
        try withShelf { transaction in
            let finding = try found(text, transaction)
            if text == "the the" {
                #expect(finding.page.items.contains { $0.title == title }, "weak words alone are looked for")
            } else {
                #expect(finding.page.items.first?.title == title)
                #expect(finding.meant == nil)
            }
        }
    }

    @Test(arguments: [
        ("midlemarch", "Middlemarch", "middlemarch"),
        ("pride and predjudice", "Pride and Prejudice", "pride and prejudice"),
        ("emna", "Emma", "emma"), ("jane ausen", "Pride and Prejudice", "jane austen"),
        ("war and peaec", "War and Peace", "war and peace"), ("tolstoi", "War and Peace", "tolstoy"),
        ("verwandlnug", "Die Verwandlung", "verwandlung"), ("gatzby", "Der Große Gatsby", "gatsby"),
        ("mizerables", "Les Misérables", "miserables"),
        ("достаевский", "Преступление и наказание", "достоевский"),
    ])
    func `what is mistyped is found, and told how it is written`(text: String, title: String, meant: String)
        throws
    {
        try withShelf { transaction in
            let finding = try found(text, transaction)
            #expect(finding.page.items.first?.title == title)
            #expect(finding.meant == meant)
        }
    }

    @Test(arguments: ["xqzzy", "emma xqzzy", "it's", "!!", "zz"])
    func `what is like nothing finds nothing`(text: String) throws {
        try withShelf { transaction in
            let finding = try found(text, transaction)
            #expect(finding.page.items.isEmpty)
            #expect(finding.meant == nil)
        }
    }

    @Test func `a word of which the end is missing is no mistake`() throws {
        try withShelf { transaction in
            let finding = try found("eliot middlem", transaction)
            #expect(finding.page.items.map(\.title) == ["Middlemarch"])
            #expect(finding.meant == nil)
        }
    }

    @Test func `guesses go on in guesses from page to page`() throws {
        try withShelf { transaction in
            let query = CatalogueQuery(text: "austn", currency: .eur, sort: .relevance)
            let size = try #require(PageSize(rawValue: 1))
            let first = try transaction.find(query, size: size, telling: .guesses)
            let next = try #require(first.page.next)
            let second = try transaction.find(query, after: next, size: size, telling: .guesses)
            #expect(first.page.items.map(\.title) == ["Pride and Prejudice"])
            #expect(second.page.items.map(\.title) == ["Emma"] && second.page.next == nil)
            #expect(throws: ForeignCursor.self, "a list that does not guess") {
                try transaction.find(query, after: next, size: size)
            }
        }
    }

    @Test(arguments: CatalogueQuery.Sort.allCases)
    func `one language, one author, and pages to the end in every order`(sort: CatalogueQuery.Sort) throws {
        try withShelf { transaction in
            var query = CatalogueQuery(text: "the and jane austen emma", currency: .eur, sort: sort)
            query.text = "jane"
            query.languages = [LanguageTag(rawValue: "en")!]
            var titles: [String] = []
            var cursor: Cursor?
            repeat {
                let page = try transaction.find(
                    query, after: cursor, size: #require(PageSize(rawValue: 1)), telling: .guesses
                ).page
                titles += page.items.map(\.title)
                cursor = page.next
            } while cursor != nil && titles.count < 10
            #expect(Set(titles) == ["Emma", "Pride and Prejudice", "Jane Eyre"] && titles.count == 3)
            query.authors = [Reference("jane-austen")!]
            #expect(try transaction.find(query).page.items.count == 2)
            query.authors.append(Reference("charlotte-bronte")!)
            #expect(try transaction.find(query).page.items.count == 3, "one or the other")
            query.languages = [LanguageTag(rawValue: "en-GB")!]
            #expect(try transaction.find(query).page.items.isEmpty)
        }
    }

    @Test(arguments: [
        ("em", ["Emma", "Emma Brown"]), ("EMMA B", ["Emma Brown"]), ("ja", ["Jane Eyre", "Jane Austen"]),
        ("aust", ["Jane Austen"]), ("misé", ["Les Misérables"]), ("bars", ["Chronicles of Barsetshire"]),
        ("jane austin", ["Jane Austen"]), ("midlemarch", ["Middlemarch"]), ("", []), ("%", []), ("_", []),
        ("q", []),
    ])
    func `titles, people and series are suggested, what begins so before what is alike`(
        typed: String, texts: [String]
    ) throws {
        try withShelf { transaction in
            let suggestions = try transaction.suggestions(for: typed)
            #expect(Array(suggestions.map(\.text).prefix(texts.count)) == texts)
            if texts.isEmpty { #expect(suggestions.isEmpty) }
        }
    }
}
