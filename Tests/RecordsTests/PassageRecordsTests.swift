import Bookshop
import Postgres
import Records
import TestSupport
import Testing

/// What is found in texts, and whose.
@Suite struct PassageRecordsTests {
    private func found(
        _ text: String, of customer: Customer.ID, in book: Audiobook.ID? = nil,
        _ transaction: borrowing Transaction
    ) throws -> [String] {
        let query = try #require(PassageQuery(text))
        return try transaction.passages(PassageSearch(query, of: customer, in: book)).page.items.map {
            passage in
            let snippet = passage.snippet.map { $0.isMatch ? "[\($0.text)]" : $0.text }.joined()
            return "\(passage.milliseconds) \(snippet)"
        }
    }

    /// A customer with a book in which this is said, a phrase each second, at a fifth of a second a word.
    private func owner(
        of phrases: [String], language: String = "en", _ transaction: borrowing Transaction
    ) throws -> (Customer.ID, Audiobook.ID) {
        let editor = try transaction.person("e", .editor), customer = try transaction.person("c")
        let book = try transaction.published("Emma", by: editor)
        try transaction.run("UPDATE production.transcripts SET language = \(language)")
        let transcript = try #require(try transaction.transcript(of: book))
        let said = phrases.enumerated().map { SpokenSegment.said($1, at: $0 * 10_000) }
        try transaction.hear(said, in: transcript.id)
        try transaction.buy([book], for: customer)
        return (customer, book)
    }

    @Test func `words are found by their stems, without accents, and at their moment`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let (customer, _) = try owner(
                    of: ["Emma had two houses, and", "a café in each and every one of them."], transaction)
                #expect(try found("house", of: customer, transaction) == ["600 Emma had two [houses,] and"])
                #expect(
                    try found("CAFE", of: customer, transaction)
                        == ["10200 a [café] in each and every one of them."])
                #expect(try found("each house", of: customer, transaction).count == 1, "seven words behind")
                #expect(try found("them house", of: customer, transaction).isEmpty, "not at one place")
                #expect(try found("had", of: customer, transaction).count == 1, "no word is too common")
                #expect(try found("nowhere", of: customer, transaction).isEmpty)
            }
        }
    }

    @Test func `words are found by the rules of their book's language`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let (customer, _) = try owner(
                    of: ["Die schönen Häuser", "der Stadt"], language: "de-AT", transaction)
                #expect(try found("haus", of: customer, transaction) == ["400 Die schönen [Häuser]"])
                #expect(
                    try found("\"schon haus der\"", of: customer, transaction) == [
                        "200 Die [schönen Häuser der]"
                    ])
            }
        }
    }

    @Test func `a release that does not say in which language it writes, writes in the text's`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let (customer, book) = try owner(of: ["Die Stadt"], language: "de", transaction)
                let id = try transaction.readableTranscript(of: book).id
                try transaction.run(
                    """
                    INSERT INTO production.transcript_segments (transcript_id, position, start_ms, end_ms, chapter, text)
                    VALUES (\(id), 2, 20000, 20000, 1, 'und ihre Häuser')
                    """)
                #expect(try found("haus", of: customer, transaction) == ["20000 und ihre [Häuser]"])
            }
        }
    }

    @Test func `a phrase is found where it is said, over the border of two segments too`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let (customer, _) = try owner(
                    of: ["To be, or", "not", "to be: that is", "the question, or to be"], transaction)
                #expect(
                    try found("\"to be or not to be\"", of: customer, transaction) == [
                        "0 [To be, or not to be:]"
                    ])
                #expect(
                    try found("\"not to be that is the question\"", of: customer, transaction)
                        == ["10000 [not to be: that is the question,]"])
                #expect(
                    try found("\"or to be\"", of: customer, transaction) == ["30400 the question, [or to be]"]
                )
                #expect(try found("\"be to\"", of: customer, transaction).isEmpty)
                #expect(
                    try found("not", of: customer, transaction) == ["10000 [not]"],
                    "found where it begins, once")
                #expect(try found("be not", of: customer, transaction).count == 2)
            }
        }
    }

    @Test func `a phrase of more words than are looked up is compared to its end`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let (customer, _) = try owner(
                    of: [
                        "it was the best of", "times it was the worst of",
                        "times it was the age of foolishness",
                    ],
                    transaction)
                let phrase = "it was the best of times it was the worst of times it was the age of"
                #expect(try found("\"\(phrase) foolishness\"", of: customer, transaction).count == 1)
                #expect(try found("\"\(phrase) wisdom\"", of: customer, transaction).isEmpty)
            }
        }
    }

    @Test func `slips are forgiven where nothing else is found`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let (customer, _) = try owner(
                    of: ["handsome, clever, and rich", "Frank Churchill"], transaction)
                for (typed, meant) in [
                    ("handsme clevr", "handsome clever"), ("\"frnak churchil\"", "\"frank churchill\""),
                ] {
                    let finding = try transaction.passages(
                        PassageSearch(try #require(PassageQuery(typed)), of: customer))
                    #expect(finding.meant == meant && finding.page.items.count == 1)
                }
                let right = try transaction.passages(
                    PassageSearch(try #require(PassageQuery("clever")), of: customer))
                #expect(right.meant == nil)
                #expect(try found("zzzzzz", of: customer, transaction).isEmpty)
            }
        }
    }

    @Test func `a correction is found at once, and what it replaced is not`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let (customer, book) = try owner(of: ["miss", "would house", "is rich"], transaction)
                let id = try transaction.readableTranscript(of: book).id, editor = try transaction.person("e")
                _ = try transaction.correct(
                    2, of: id, to: try #require(SegmentText("Woodhouse")), by: editor, ifVersion: 1)
                #expect(try found("would", of: customer, transaction).isEmpty)
                #expect(try found("woodhouse", of: customer, transaction) == ["10000 [Woodhouse]"])
                #expect(
                    try found("\"miss woodhouse is\"", of: customer, transaction) == ["0 [miss Woodhouse is]"]
                )
                #expect(
                    try found("wodhouse", of: customer, transaction) == ["10000 [Woodhouse]"], "it was learnt"
                )
            }
        }
    }

    @Test func `only what one owns at this moment is found`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let (customer, book) = try owner(of: ["Emma"], transaction)
                let stranger = try transaction.person("d")
                #expect(try found("emma", of: customer, in: book, transaction).count == 1)
                #expect(try found("emma", of: stranger, transaction).isEmpty)
                #expect(try found("ema", of: stranger, transaction).isEmpty, "not by a guess either")
                for state in ["suspended", "revoked"] {
                    try transaction.run(
                        """
                        UPDATE listening.entitlements SET state = \(state), state_reason = 'test',
                            revoked_at = CASE WHEN \(state == "revoked") THEN now() END
                        """)
                    #expect(try found("emma", of: customer, transaction).isEmpty)
                }
            }
        }
    }

    @Test func `pages go through books by title and through each by time`() throws {
        try withConnection { connection in
            try connection.transaction { transaction in
                let editor = try transaction.person("e", .editor), customer = try transaction.person("c")
                let books = try ["Persuasion", "Emma", "Sanditon"].map { title in
                    try transaction.published(
                        title, saying: (0..<5).map { .said("\(title) says so", at: $0 * 1000) }, by: editor)
                }
                try transaction.buy(books, for: customer)
                for text in ["says", "sayz"] {
                    let query = try #require(PassageQuery(text))
                    var (seen, cursor): ([String], Cursor?) = ([], nil)
                    repeat {
                        let page = try transaction.passages(
                            PassageSearch(
                                query, of: customer, after: cursor, size: try #require(PageSize(rawValue: 4)))
                        ).page
                        seen += page.items.map { "\($0.title) \($0.position)" }
                        cursor = page.next
                    } while cursor != nil
                    let expected = ["Emma", "Persuasion", "Sanditon"].flatMap { title in
                        (1...5).map { "\(title) \($0)" }
                    }
                    #expect(seen == expected, "\(text)")
                }
                let one = PassageSearch(try #require(PassageQuery("says")), of: customer, in: books[2])
                #expect(try Set(transaction.passages(one).page.items.map(\.title)) == ["Sanditon"])
                let foreign = Cursor(list: "library.newest.all", key: "1", id: books[0].rawValue)
                #expect(throws: ForeignCursor()) {
                    try transaction.passages(PassageSearch(one.query, of: customer, after: foreign))
                }
            }
        }
    }

    @Test func `neither a library nor a book is read from its beginning to its end`() throws {
        try withDatabase { database in
            try database.connect().transaction(.readCommitted) { transaction throws in
                let editor = try transaction.person("e", .editor), customer = try transaction.person("c")
                try transaction.run("SELECT set_config('session_replication_role', 'replica', true)")
                for statement in Self.manyTexts(of: editor, for: customer) { try transaction.run(statement) }
            }
            try database.connect().runScript("VACUUM ANALYZE")
            let customer = try database.connect().transaction { try $0.person("c") }
            for text in [
                "w7a", "\"w1a w1a\"", "w1a w2a w3a", "w99x", "\"w1a w1a w1a w1a w1a w1a w1a w1a w1a\"",
            ] {
                let query = try #require(PassageQuery(text))
                let search = PassageSearch(query, of: customer)
                let (whole, explained) = try database.wholeReads(as: "search") { connection in
                    let passages = try PassageIndex.records(connection).find(search).page.items
                    let places = passages.map { passage in
                        let book = passage.audiobook
                        let mark = PassageMark(sortedTitle: "", audiobook: book, position: passage.position)
                        return PassagePlace(transcript: Transcript.ID(), mark: mark)
                    }
                    try connection.transaction(.readOnly) { transaction in
                        _ = try transaction.textsToSearch(search)
                        let meaning = GuessedPassage(query)
                        _ = try transaction.passages(search, meaning: meaning, among: places)
                    }
                }
                #expect(whole.isEmpty && explained > 1, "\(text)")
            }
        }
    }

    /// Sixty books of a hundred phrases each, of which the customer owns half.
    private static func manyTexts(of editor: Editor.ID, for customer: Customer.ID) -> [SQL] {
        [
            """
            INSERT INTO catalogue.audiobooks (id, slug, title, language, created_by, current_edition_id)
            SELECT md5('b' || n)::uuid, 'book-' || n, 'Book ' || n, 'en', \(editor), md5('e' || n)::uuid
            FROM generate_series(1, 600) AS n
            """,
            """
            INSERT INTO catalogue.editions (id, audiobook_id, number, duration_ms, sealed_at)
            SELECT md5('e' || n)::uuid, md5('b' || n)::uuid, 1, 1000000, now() FROM generate_series(1, 600) AS n
            """,
            """
            INSERT INTO production.transcripts (id, edition_id, language, state, ready_at)
            SELECT md5('t' || n)::uuid, md5('e' || n)::uuid, 'en', 'ready', now() FROM generate_series(1, 600) AS n
            """,
            """
            INSERT INTO listening.entitlements (user_id, audiobook_id, source, granted_by)
            SELECT \(customer), md5('b' || n)::uuid, 'grant', \(editor) FROM generate_series(1, 30) AS n
            """,
            """
            INSERT INTO production.transcript_segments
                (transcript_id, position, start_ms, end_ms, chapter, text, language)
            SELECT md5('t' || n)::uuid, place, place * 1000, place * 1000, 1,
                concat_ws(' ', 'w' || n % 97 || 'a', 'w' || place % 7 || 'a', 'w' || (n * place) % 89 || 'a'), 'en'
            FROM generate_series(1, 60) AS n, generate_series(1, 200) AS place
            """,
            """
            INSERT INTO production.spoken_words (language, word)
            SELECT 'en', 'w' || n || 'a' FROM generate_series(1, 2000) AS n
            """,
        ]
    }
}
