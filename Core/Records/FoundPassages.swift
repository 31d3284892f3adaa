public import Bookshop
import FoundationEssentials
public import Postgres

/// A phrase that was found, as it stands in the records.
public struct FoundPassage: RowDecodable {
    static let list = "passages"
    /// Of which the words are guesses: its next page is of the same ones.
    static let guessedList = "passages.guessed"

    let audiobook: Audiobook.ID
    let title: String
    let language: LanguageTag
    let position: Int
    let span: Span
    let chapter: Int
    let chapterTitle: String
    let own: [String]
    let following: [String]
    let heard: [SpokenWord]

    public init(_ row: borrowing Row) throws(PostgresError) {
        (audiobook, title, language) = (try row["audiobook_id"], try row["title"], try row["language"])
        (position, span, chapter) = (try row["position"], try row.span(), try row["chapter"])
        chapterTitle = try row["chapter_title"] ?? ""
        (own, following) = (
            WrittenWords.words(of: try row["text"]), WrittenWords.words(of: try row["following"])
        )
        heard = try row.json("words")
    }

    fileprivate var words: [String] { own + following }

    /// With its matches shown, at the moment of the first.
    fileprivate func passage(_ text: PassageText, matching parts: [[[Set<String>]]]) -> Passage {
        let matches = text.matches(of: parts)
        let times = WrittenWords.timed(own, heardAs: heard, within: span)
        let first = matches.min() ?? 0
        return Passage(
            audiobook: audiobook, title: title, chapter: chapter, chapterTitle: chapterTitle,
            position: position,
            span: span,
            milliseconds: times.indices.contains(first)
                ? times[first].startMilliseconds : span.startMilliseconds,
            snippet: text.snippet(showing: matches, ownWords: own.count))
    }
}

extension Transaction {
    /// The page of what was found, each phrase with what in it was looked for; and what was meant, if it was a guess.
    public func finding(
        _ found: [FoundPassage], _ search: PassageSearch, _ guess: GuessedPassage?
    ) throws -> PassageFinding {
        let list = guess == nil ? FoundPassage.list : FoundPassage.guessedList
        let page = Page(found, size: search.size) {
            Cursor(list: list, key: String($0.position), id: $0.audiobook.rawValue)
        }
        let meaning = guess ?? GuessedPassage(search.query)
        var passages: [Passage?] = page.items.map { _ in nil }
        var meant: [String: String] = [:]
        for language in Set(page.items.map(\.language)).sorted(by: { $0.rawValue < $1.rawValue }) {
            let places = page.items.indices.filter { page.items[$0].language == language }
            let asked = meaning.alternatives.joined().flatMap(\.words)
            let words = asked + places.flatMap { page.items[$0].words }
            var lexemes = try lexemes(of: words, in: language)[...]
            let known = Dictionary(zip(asked, lexemes)) { first, _ in first }
            lexemes = lexemes.dropFirst(asked.count)
            let parts = meaning.alternatives.map { alternatives in
                alternatives.map { $0.lookedUp.map { known[$0] ?? [] } }
            }
            for place in places {
                let item = page.items[place]
                let text = PassageText(words: item.words, lexemes: Array(lexemes.prefix(item.words.count)))
                lexemes = lexemes.dropFirst(item.words.count)
                passages[place] = item.passage(text, matching: parts)
                if place == 0, guess != nil { meant = meaning.meant(by: text, known) }
            }
        }
        return PassageFinding(
            page: Page(items: passages.compactMap { $0 }, next: page.next),
            meant: meant.isEmpty ? nil : search.query.replacing(meant))
    }

    /// What words stand as in a language's index.
    private func lexemes(of words: [String], in language: LanguageTag) throws -> [Set<String>] {
        let distinct = Array(Set(words)).sorted()
        let known: [WordLexemes] = try all(
            "SELECT place, lexemes FROM production.lexemes(\(language), \(distinct)::text[]) ORDER BY place")
        let named = Dictionary(uniqueKeysWithValues: zip(distinct, known.map(\.lexemes)))
        return words.map { named[$0] ?? [] }
    }
}

extension GuessedPassage {
    /// For each typed word the one in its place that is said there.
    fileprivate func meant(by text: PassageText, _ known: [String: Set<String>]) -> [String: String] {
        let said = text.lexemes.reduce(into: Set<String>()) { $0.formUnion($1) }
        var meant: [String: String] = [:]
        for (part, alternatives) in zip(query.parts, alternatives) {
            let choice = alternatives.first { alternative in
                alternative.words.allSatisfy { (known[$0] ?? []).isSubset(of: said) }
            }
            guard let choice, choice != part else { continue }
            for (typed, word) in zip(part.words, choice.words) where typed != word { meant[typed] = word }
        }
        return meant
    }
}

private struct WordLexemes: RowDecodable {
    let lexemes: Set<String>
    init(_ row: borrowing Row) throws(PostgresError) {
        let all: [String] = try row["lexemes"]
        lexemes = Set(all)
    }
}
