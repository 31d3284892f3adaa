public import Bookshop
public import Postgres

extension PassageIndex {
    /// In the shop's own database: an index of words for each part of the texts, which the writing of a text keeps.
    public static func records(_ database: Connection) -> PassageIndex {
        PassageIndex { search in try database.transaction(.readOnly) { try $0.passages(search) } }
    }
}

extension Transaction {
    /// Where in the books a customer owns something is said, as it was typed or, if that is said nowhere, as it may
    /// have been meant. By what right they hear a book is asked in the very statement that finds.
    public func passages(_ search: PassageSearch) throws -> PassageFinding {
        if try !search.isOfGuesses() {
            let found = try passages(search, meaning: GuessedPassage(search.query))
            if !found.isEmpty || search.cursor != nil { return try finding(found, search, nil) }
        }
        guard let guess = try guess(what: search) else { return try finding([], search, nil) }
        return try finding(try passages(search, meaning: guess), search, guess)
    }

    /// What is found of the page and one more: everywhere, or where somebody proposes it.
    public func passages(
        _ search: PassageSearch, meaning guess: GuessedPassage, among places: [PassagePlace]? = nil
    ) throws -> [FoundPassage] {
        try run("SELECT \(plannedForWords)")
        var owned: [SQL] = ["library.user_id = \(search.customer)"]
        if let book = search.audiobook { owned.append("library.audiobook_id = \(book)") }
        var behind: SQL = "true"
        if let cursor = search.cursor {
            guard let last = Int(cursor.key), (0...Int(Int32.max)).contains(last) else {
                throw ForeignCursor()
            }
            let sorted: SQL =
                "(SELECT catalogue.folded(title) FROM catalogue.audiobooks WHERE id = \(cursor.id))"
            owned.append(
                "(catalogue.folded(book.title) COLLATE \"C\", book.id) >= (\(sorted), \(cursor.id)::uuid)")
            behind = "(owned.audiobook_id <> \(cursor.id)::uuid OR segment.position > \(last))"
        }
        let long = guess.query.parts.filter { $0.words.count > PassageQuery.mostWordsLookedUp }.map(\.text)
        if !long.isEmpty {
            behind =
                """
                \(behind)
                    AND production.goes_on(segment.transcript_id, segment.position, owned.language, \(long)::text[])
                """
        }
        if let places {
            owned.append("transcript.id = ANY (\(Array(Set(places.map(\.transcript))))::uuid[])")
            behind =
                """
                \(behind)
                    AND (segment.transcript_id, segment.position) IN (
                        SELECT * FROM unnest(\(places.map(\.transcript))::uuid[],
                            \(places.map(\.mark.position))::int[]))
                """
        }
        let limit = search.size.rawValue + 1
        return try all(
            """
            WITH owned AS MATERIALIZED (
                SELECT book.id AS audiobook_id, book.title, catalogue.folded(book.title) COLLATE "C" AS sorted,
                    transcript.id AS transcript_id, transcript.edition_id, transcript.language
                FROM listening.library
                    JOIN catalogue.audiobooks AS book ON book.id = library.audiobook_id
                    JOIN production.transcripts AS transcript
                        ON transcript.edition_id = book.current_edition_id AND transcript.state = 'ready'
                WHERE \(owned.joined(separator: " AND "))
            ), asked AS MATERIALIZED (
                SELECT language, production.passage_query(language, \(guess.places)::int[], \(guess.texts)::text[])
                    AS query
                FROM (SELECT DISTINCT language FROM owned) AS spoken
            )
            SELECT owned.audiobook_id, owned.title, owned.language, found.position, found.start_ms, found.end_ms,
                found.chapter, found.text, found.words, found.following, chapter.title AS chapter_title
            FROM (SELECT * FROM owned ORDER BY sorted, audiobook_id) AS owned
                JOIN asked ON asked.language = owned.language
                CROSS JOIN LATERAL (
                    SELECT position, start_ms, end_ms, chapter, text, words, following
                    FROM production.transcript_segments AS segment
                    WHERE segment.transcript_id = owned.transcript_id AND segment.vector @@ asked.query
                        AND \(behind)
                    ORDER BY position LIMIT \(limit)
                ) AS found
                LEFT JOIN catalogue.chapters AS chapter
                    ON chapter.edition_id = owned.edition_id AND chapter.position = found.chapter
            ORDER BY sorted, audiobook_id, found.position LIMIT \(limit)
            """)
    }

    /// Words one or a few slips from those that were typed, in the languages of the books. None if no word is like any.
    public func guess(what search: PassageSearch) throws -> GuessedPassage? {
        try run("SELECT \(plannedForWords)")
        let typed = Array(Set(search.query.parts.flatMap(\.words))).sorted()
        let alike: [AlikeWords] = try all(
            """
            SELECT typed.word, catalogue.folded(typed.word) AS folded, ARRAY(
                SELECT known.word FROM production.spoken_words AS known
                WHERE known.language = ANY (spoken.languages) AND known.word % catalogue.folded(typed.word)
                ORDER BY similarity(known.word, catalogue.folded(typed.word)) DESC, known.word LIMIT 30
            ) AS alike
            FROM (SELECT set_config('pg_trgm.similarity_threshold', '0.2', true) OFFSET 0) AS setting, (
                    SELECT ARRAY(
                        SELECT DISTINCT split_part(transcript.language, '-', 1)
                        FROM listening.library
                            JOIN catalogue.audiobooks AS book ON book.id = library.audiobook_id
                            JOIN production.transcripts AS transcript
                                ON transcript.edition_id = book.current_edition_id AND transcript.state = 'ready'
                        WHERE library.user_id = \(search.customer)) AS languages OFFSET 0
                ) AS spoken,
                unnest(\(typed)::text[]) AS typed (word)
            """)
        let near = Dictionary(
            uniqueKeysWithValues: alike.map { ($0.word, Spelling.near($0.folded, among: $0.alike)) }
        ).filter { !$0.value.isEmpty }
        return near.isEmpty ? nil : GuessedPassage(search.query, near: near)
    }
}

extension PassageSearch {
    /// Whether the page before was of guesses, and this is as well.
    public func isOfGuesses() throws(ForeignCursor) -> Bool {
        switch cursor?.list {
        case nil, FoundPassage.list: return false
        case FoundPassage.guessedList: return true
        default: throw ForeignCursor()
        }
    }
}

extension GuessedPassage {
    /// As the database takes them: each alternative, and of which part it is one.
    fileprivate var places: [Int] {
        alternatives.indices.flatMap { index in alternatives[index].map { _ in index } }
    }
    fileprivate var texts: [String] {
        alternatives.joined().map { $0.lookedUp.joined(separator: " ") }
    }
}

private struct AlikeWords: RowDecodable {
    let word: String
    let folded: String
    let alike: [String]
    init(_ row: borrowing Row) throws(PostgresError) {
        (word, folded, alike) = (try row["word"], try row["folded"], try row["alike"])
    }
}
