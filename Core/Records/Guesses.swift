import Bookshop
internal import Postgres

/// A text that found nothing, and for each of its words all that it may have been meant to be.
struct Guess {
    let sought: Sought
    let words: [GuessedWord]
}

/// The word as it was typed, and the known words near it, the nearest first.
struct GuessedWord {
    let word: String
    let near: [String]
}

extension Transaction {
    /// Words that are one or a few slips from those that were typed; the last may also be the beginning of one.
    /// None if some word is like nothing we know.
    func guess(what sought: Sought) throws -> Guess? {
        guard let text = sought.text, !text.words.isEmpty else { return nil }
        let typed: [TypedWord] = try all(
            """
            SELECT word.word, word.is_weak, ARRAY(
                SELECT known.word FROM catalogue.search_words AS known
                WHERE known.word % word.word ORDER BY similarity(known.word, word.word) DESC, known.word LIMIT 30
            ) AS alike
            FROM (SELECT set_config('pg_trgm.similarity_threshold', '0.2', true) OFFSET 0) AS setting,
                catalogue.words_of(\(text.folded), \(sought.query.languages.map(\.language))::text[]) AS word
            ORDER BY word.place
            """)
        let strong = typed.filter { !$0.isWeak }
        let words = (strong.isEmpty ? typed : strong).map { typed in
            GuessedWord(word: typed.word, near: Spelling.near(typed.word, among: typed.alike))
        }
        guard !words.isEmpty, words.count <= Self.mostGuessed else { return nil }
        let groups: [String] = try values(
            """
            SELECT string_agg('(' || variants::text || ')', ' | ' ORDER BY alternative.place)
            FROM unnest(\(words.indices.flatMap { index in words[index].all.map { _ in index } })::integer[],
                    \(words.flatMap(\.all))::text[]) WITH ORDINALITY AS alternative (word, text, place),
                catalogue.words_of(alternative.text, \(sought.query.languages.map(\.language))::text[])
            GROUP BY alternative.word ORDER BY alternative.word
            """)
        var parts = groups
        // What is being typed may lack its end.
        if let last = words.last, last.word == typed.last?.word, last.word.unicodeScalars.count >= 3,
            let group = parts.popLast()
        {
            parts.append("\(group) | \(quoted(lexeme: last.word)):*")
        }
        var guessed = sought
        guessed.text?.words = parts.map { "(\($0))" }.joined(separator: " & ")
        guessed.text?.isGuess = true
        return Guess(sought: guessed, words: words)
    }

    private static var mostGuessed: Int { 12 }

    /// The text with those words in it that its best book holds; none if these are the very words.
    func whatWasMeant(_ guess: Guess, by book: Audiobook.ID) throws -> String? {
        let alternatives = guess.words.flatMap(\.all)
        let held: [String] = try values(
            """
            SELECT alternative FROM unnest(\(alternatives)::text[]) AS alternative,
                catalogue.words_of(alternative, \(guess.sought.query.languages.map(\.language))::text[]) AS word,
                catalogue.search_documents AS document
            WHERE document.audiobook_id = \(book) AND document.words @@ word.variants
            """)
        let isHeld = Set(held)
        var meant: [String: String] = [:]
        for word in guess.words {
            guard let choice = word.all.first(where: isHeld.contains), choice != word.word else { continue }
            meant[word.word] = choice
        }
        guard !meant.isEmpty, let text = guess.sought.text?.folded else { return nil }
        return text.split(separator: " ").map { meant[String($0)] ?? String($0) }.joined(separator: " ")
    }
}

extension GuessedWord {
    var all: [String] { [word] + near }
}

/// PostgreSQL 15, section 8.11.2: in a quoted lexeme, quotes and backslashes are doubled.
private func quoted(lexeme: String) -> String {
    "'" + lexeme.replacing("\\", with: "\\\\").replacing("'", with: "''") + "'"
}

private struct TypedWord: RowDecodable {
    let word: String
    let isWeak: Bool
    let alike: [String]

    init(_ row: borrowing Row) throws(PostgresError) {
        (word, isWeak, alike) = (try row["word"], try row["is_weak"], try row["alike"])
    }
}
