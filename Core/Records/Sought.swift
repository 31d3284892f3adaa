import Bookshop
internal import Postgres

/// What is asked for in the terms of the tables: names have become numbers, and a text the words it looks for.
struct Sought {
    let query: CatalogueQuery
    var text: SoughtText?
    let numbers: [Belonging: [Int]]

    /// Lists of numbers that a line of the catalogue holds.
    enum Belonging: String, CaseIterable {
        case authors, narrators, series, categories
    }

    /// Two lists are counted alike if this is the same.
    func text(without facet: Facet?) -> String {
        query.text(without: facet) + "\u{1D}" + (text?.words ?? "")
    }
}

struct SoughtText {
    /// As it is compared with folded titles.
    let folded: String
    /// A tsquery in its text form; empty where there is no word in the text.
    var words: String
    /// Whether the words are guesses, because those that were typed find nothing.
    var isGuess = false
}

/// To be selected before what looks for words is planned, for the rest of the transaction. The plans are as
/// good as what the planner believes of disks and memory: all that is asked for lies in memory, and what is
/// compiled for 50 milliseconds is not worth it. Where a word stands in every other book, its index is no slower
/// than reading them all. And what is looked for may be rare or common: no plan made for any of it serves each.
let plannedForWords: SQL = """
    set_config('jit', 'off', true), set_config('enable_seqscan', 'off', true),
    set_config('random_page_cost', '1.1', true), set_config('max_parallel_workers_per_gather', '0', true),
    set_config('plan_cache_mode', 'force_custom_plan', true)
    """

extension Transaction {
    /// `isOneOfSeveral` where more is asked about it than a page.
    func sought(_ query: CatalogueQuery, isOneOfSeveral: Bool = false) throws -> Sought {
        // Whatever the planner believes, a page of all there is comes from the index it is sorted by.
        if query.isOfAll, !isOneOfSeveral { return Sought(query: query, text: nil, numbers: [:]) }
        // Where no text is asked for, it would take the database a while to see that there is none.
        var (folded, words): (SQL, SQL) = ("''", "''")
        if let text = query.text {
            folded = "catalogue.folded(\(text))"
            words = "catalogue.sought(text.folded, \(query.languages.map(\.language))::text[])::text"
        }
        let resolved: Resolved = try certain(
            """
            SELECT \(plannedForWords), set_config('work_mem', '32MB', true), text.folded, \(words) AS words,
                ARRAY(\(numbers(of: query.authors, in: "catalogue.contributors"))) AS authors,
                ARRAY(\(numbers(of: query.narrators, in: "catalogue.contributors"))) AS narrators,
                ARRAY(\(numbers(of: query.series, in: "catalogue.series"))) AS series,
                ARRAY(\(numbers(of: query.categories, in: "catalogue.categories"))) AS categories
            FROM (SELECT \(folded) AS folded OFFSET 0) AS text
            """)
        var numbers: [Sought.Belonging: [Int]] = [:]
        if !query.authors.isEmpty { numbers[.authors] = resolved.authors }
        if !query.narrators.isEmpty { numbers[.narrators] = resolved.narrators }
        if !query.series.isEmpty { numbers[.series] = resolved.series }
        if !query.categories.isEmpty { numbers[.categories] = resolved.categories }
        let text = resolved.folded.isEmpty ? nil : SoughtText(folded: resolved.folded, words: resolved.words)
        return Sought(query: query, text: text, numbers: numbers)
    }

    /// What nothing is named by has no number, and then nothing is found.
    private func numbers<Entity>(of references: [Reference<Entity>], in table: SQL) -> SQL {
        var ids: [Identifier<Entity>] = []
        var slugs: [String] = []
        for reference in references {
            switch reference {
            case .id(let id): ids.append(id)
            case .slug(let slug): slugs.append(slug.rawValue)
            }
        }
        if references.isEmpty { return "SELECT NULL::integer WHERE false" }
        return """
            SELECT number FROM \(table) WHERE id = ANY (\(ids)::uuid[])
            UNION SELECT number FROM \(table) WHERE slug = ANY (\(slugs)::text[])
            """
    }
}

private struct Resolved: RowDecodable {
    let folded: String
    let words: String
    let authors: [Int]
    let narrators: [Int]
    let series: [Int]
    let categories: [Int]

    init(_ row: borrowing Row) throws(PostgresError) {
        (folded, words) = (try row["folded"], try row["words"])
        (authors, narrators) = (try row["authors"], try row["narrators"])
        (series, categories) = (try row["series"], try row["categories"])
    }
}

extension CatalogueQuery {
    /// Whether nothing is looked for, so that it is the same question for whoever asks.
    fileprivate var isOfAll: Bool { self == CatalogueQuery(currency: currency, sort: sort) }
}

extension Sought {
    /// What a line of the catalogue must be, but for the filter of one facet, and perhaps but for the text.
    func conditions(without facet: Facet? = nil, withText: Bool = true) -> [SQL] {
        var conditions = Listing.onSale(in: query.currency)
        func belongs(_ column: SQL, _ belonging: Belonging, _ own: Facet?) {
            guard let numbers = numbers[belonging], own == nil || own != facet else { return }
            conditions.append("\(column) && \(numbers)::integer[]")
        }
        belongs("listing.categories", .categories, .category)
        belongs("listing.authors", .authors, .author)
        belongs("listing.narrators", .narrators, .narrator)
        belongs("listing.series", .series, nil)
        if facet != .language, let languages { conditions.append(languages) }
        if facet != .price { conditions += within(query.prices, "listing.amount") }
        if facet != .duration { conditions += within(query.durationsMilliseconds, "listing.duration_ms") }
        if withText, let text {
            conditions.append(
                """
                listing.audiobook_id IN (SELECT document.audiobook_id
                    FROM catalogue.search_documents AS document WHERE \(text.isFound))
                """)
        }
        return conditions
    }

    private var languages: SQL? {
        let languages = query.languages.filter { $0.language == $0.rawValue }.map(\.rawValue)
        let tags = query.languages.filter { $0.language != $0.rawValue }.map(\.rawValue)
        var any: [SQL] = []
        if languages.count == 1 {
            any.append("split_part(listing.language, '-', 1) = \(languages[0])")
        } else if !languages.isEmpty {
            any.append("split_part(listing.language, '-', 1) = ANY (\(languages)::text[])")
        }
        // Of a country's own, the language is an index.
        any += tags.map { tag in
            let language = String(tag.prefix { $0 != "-" })
            return "split_part(listing.language, '-', 1) = \(language) AND listing.language = \(tag)"
        }
        return any.isEmpty ? nil : "((\(any.joined(separator: ") OR ("))))"
    }

    private func within(_ bounds: Bounds, _ column: SQL) -> [SQL] {
        [
            bounds.least.map { "\(column) >= \($0)::bigint" },
            bounds.most.map { "\(column) <= \($0)::bigint" },
        ].compactMap { $0 }
    }
}

extension SoughtText {
    /// The beginning of a title, whatever stands in it.
    private var beginning: SQL {
        let escaped = folded.replacing("\\", with: "\\\\").replacing("%", with: "\\%").replacing(
            "_", with: "\\_")
        return "document.title LIKE \(escaped + "%")"
    }

    /// Anywhere in a book's document.
    var isFound: SQL { words.isEmpty ? beginning : "(document.words @@ \(words)::tsquery OR \(beginning))" }

    /// In what a book is named by.
    var isNamed: SQL { words.isEmpty ? beginning : "(document.names @@ \(words)::tsquery OR \(beginning))" }

    /// In its description alone. What is named comes first, so this is asked for only once that is all told.
    var isMentioned: SQL {
        words.isEmpty ? "false" : "document.words @@ \(words)::tsquery AND NOT \(isNamed)"
    }

    /// The whole title before its beginning, before its words, before those of title and subtitle together,
    /// before people and series. The more of a title was asked for, the better.
    var score: SQL {
        let closeness: SQL = "least(999, 999 * length(\(folded)) / length(document.title))"
        guard !words.isEmpty else {
            return "CASE WHEN document.title = \(folded) THEN 9000 ELSE 8000 + \(closeness) END"
        }
        return """
            CASE WHEN document.title = \(folded) THEN 9000
                WHEN \(beginning) THEN 8000 + \(closeness)
                WHEN ts_filter(document.names, '{a}') @@ \(words)::tsquery THEN 7000 + \(closeness)
                WHEN ts_filter(document.names, '{a,b}') @@ \(words)::tsquery THEN 6000
                ELSE 5000 END
            """
    }
}
