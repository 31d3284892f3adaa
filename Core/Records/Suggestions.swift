public import Bookshop
import FoundationEssentials
public import Postgres

extension Suggestion: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(
            kind: try row["kind"], id: try row["id"], slug: try row["slug"], text: try row["text"])
    }
}

extension Transaction {
    /// Titles, people and series for who is still typing: first what begins so, then where a word begins so,
    /// and if that is not enough, what is alike. People and series count only with a book on sale.
    public func suggestions(for text: String) throws -> [Suggestion] {
        let folded: String = try only(
            """
            SELECT catalogue.folded(\(text))
            FROM (SELECT set_config('jit', 'off', true), set_config('random_page_cost', '1.1', true),
                set_config('plan_cache_mode', 'force_custom_plan', true),
                set_config('pg_trgm.word_similarity_threshold', '0.5', true) OFFSET 0) AS setting
            """)
        guard !folded.isEmpty else { return [] }
        let escaped = folded.replacing("\\", with: "\\\\").replacing("%", with: "\\%").replacing(
            "_", with: "\\_")
        let begins = escaped + "%", within = "% " + escaped + "%"
        var stages: [(matches: (SQL) -> SQL, ordering: (SQL) -> SQL)] = [
            ({ "\($0) LIKE \(begins)" }, { $0 })
        ]
        if folded.unicodeScalars.count >= 2 {
            stages.append(({ "\($0) LIKE \(within) AND \($0) NOT LIKE \(begins)" }, { $0 }))
        }
        if folded.unicodeScalars.count >= 3 {
            stages.append(
                (
                    { "\(folded) <% \($0) AND \($0) NOT LIKE \(within) AND \($0) NOT LIKE \(begins)" },
                    { "word_similarity(\(folded), \($0)) DESC, \($0)" }
                ))
        }
        var suggestions: [Suggestion] = []
        for stage in stages where suggestions.count < Suggestion.most {
            suggestions += try all(suggested(stage.matches, stage.ordering), as: Suggestion.self)
        }
        return Array(suggestions.prefix(Suggestion.most))
    }

    /// The kinds take turns, so that none hides the others.
    private func suggested(_ matches: (SQL) -> SQL, _ ordering: (SQL) -> SQL) -> SQL {
        let most = Suggestion.most
        return """
            SELECT kind, id, slug, text
            FROM (
                (SELECT 'title' AS kind, 1 AS turn, book.id, book.slug, book.title AS text,
                    row_number() OVER (ORDER BY \(ordering("document.title")), book.id) AS place
                FROM catalogue.search_documents AS document
                    JOIN catalogue.audiobooks AS book ON book.id = document.audiobook_id
                WHERE \(matches("document.title"))
                ORDER BY \(ordering("document.title")), book.id LIMIT \(most))
                UNION ALL
                (SELECT 'person', 2, person.id, person.slug, person.name,
                    row_number() OVER (ORDER BY \(ordering("person.folded")), person.id)
                FROM catalogue.contributors AS person
                WHERE \(matches("person.folded")) AND EXISTS (
                    SELECT 1 FROM catalogue.audiobook_contributors AS credit
                        JOIN catalogue.search_documents AS document USING (audiobook_id)
                    WHERE credit.contributor_id = person.id)
                ORDER BY \(ordering("person.folded")), person.id LIMIT \(most))
                UNION ALL
                (SELECT 'series', 3, series.id, series.slug, series.name,
                    row_number() OVER (ORDER BY \(ordering("series.folded")), series.id)
                FROM catalogue.series
                WHERE \(matches("series.folded")) AND EXISTS (
                    SELECT 1 FROM catalogue.series_entries AS entry
                        JOIN catalogue.search_documents AS document USING (audiobook_id)
                    WHERE entry.series_id = series.id)
                ORDER BY \(ordering("series.folded")), series.id LIMIT \(most))
            ) AS suggestion
            ORDER BY place, turn LIMIT \(most)
            """
    }
}
