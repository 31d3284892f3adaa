import Bookshop
import Foundation
import Measuring
import Postgres
import Records
import TestSupport

// The questions: what people ask of a shop, as often as they do.

extension Bench {
    mutating func measureLists(of books: Int) throws {
        try list("first page of everything, newest") { _ in CatalogueQuery(currency: .eur) }
        try list("first page and facets of everything", telling: [.facets, .total]) { _ in
            CatalogueQuery(currency: .eur)
        }
        try list("the same, counted anew", telling: [.facets, .total], anew: true, times: 60) { _ in
            CatalogueQuery(currency: .eur)
        }
        let people = books * 2 / 5
        try list("a category, facets", telling: [.facets, .total]) { random in
            var query = CatalogueQuery(currency: .eur)
            query.categories = [category(&random)]
            return query
        }
        try list("an author or narrator, facets", telling: [.facets, .total]) { random in
            var query = CatalogueQuery(currency: .eur)
            if random.chance(0.6) {
                query.authors = [Reference("person-\(random.zipf(books / 4))")!]
            } else {
                query.narrators = [Reference("person-\(people + 1 - random.zipf(books / 8))")!]
            }
            return query
        }
        try list("one to four filters, any order, facets", telling: [.facets, .total], times: 1000) {
            random in
            filtered(&random)
        }
        try list("the same, counted anew", telling: [.facets, .total], anew: true, times: 200) { random in
            filtered(&random)
        }
        try list("the same without facets") { random in filtered(&random) }
        try deepPages()
    }

    mutating func measureSearch() throws {
        let words = try vocabulary()
        try search("a word of titles or names, facets") { random in words[random.zipf(words.count) - 1] }
        try search("the same, counted anew", anew: true, times: 150) { random in
            words[random.zipf(words.count) - 1]
        }
        try search("the most frequent words, facets", anew: true, times: 60) { random in
            words[Int.random(in: 0..<20, using: &random)]
        }
        try search("two words, facets") { random in
            words[random.zipf(words.count) - 1] + " " + words[random.zipf(words.count) - 1]
        }
        let titles = try titles()
        try search("a whole title, facets") { random in titles.randomElement(using: &random)! }
        try search("a title with a slip, facets") { random in
            random.slip(titles.randomElement(using: &random)!)
        }
        try search("a word with a slip, facets") { random in
            random.slip(words[random.zipf(words.count) - 1])
        }
    }

    mutating func measureSuggestions() throws {
        let titles = try titles()
        for letters in [1, 2, 3, 5, 8] {
            try measure("suggestions after \(letters) letters", as: "search") { random in
                let typed = String(titles.randomElement(using: &random)!.prefix(letters))
                return { _ = try $0.suggestions(for: typed) }
            }
        }
        try measure("suggestions after a slip", as: "search") { random in
            let typed = random.slip(String(titles.randomElement(using: &random)!.prefix(12)))
            return { _ = try $0.suggestions(for: typed) }
        }
    }

    private mutating func list(
        _ name: String, telling extras: Finding.Extras = [], anew: Bool = false, times: Int = 300,
        _ query: (inout Random) -> CatalogueQuery
    ) throws {
        let memory = FacetMemory()
        try measure("list: " + name, as: "catalogue", times: times) { random in
            let query = query(&random)
            let remembered = anew ? FacetMemory() : memory
            return { _ = try $0.find(query, telling: extras, remembering: remembered) }
        }
    }

    private mutating func search(
        _ name: String, anew: Bool = false, times: Int = 300, _ text: (inout Random) -> String
    ) throws {
        let memory = FacetMemory()
        try measure("search: " + name, as: "search", times: times) { random in
            let query = CatalogueQuery(text: text(&random), currency: .eur, sort: .relevance)
            let remembered = anew ? FacetMemory() : memory
            return {
                _ = try $0.find(query, telling: [.facets, .total, .guesses], remembering: remembered)
            }
        }
    }

    /// Page after page: the hundredth is no slower than the first.
    private mutating func deepPages() throws {
        for sort in CatalogueQuery.Sort.allCases {
            var query = CatalogueQuery(text: sort == .relevance ? "garden" : nil, currency: .eur, sort: sort)
            if sort == .price { query.languages = [LanguageTag(rawValue: "fr")!] }
            let connection = database.connect(as: "catalogue")
            var cursors: [Cursor] = []
            for _ in 0..<100 {
                let page = try connection.transaction(.readOnly) {
                    try $0.catalogue(query, after: cursors.last, size: .standard)
                }
                guard let next = page.next else { break }
                cursors.append(next)
            }
            let deep = Array(cursors.suffix(20))
            try measure("list: pages 80 to 100 by \(sort.rawValue)", as: "catalogue", times: 200) { random in
                let cursor = deep.randomElement(using: &random)!
                return { _ = try $0.catalogue(query, after: cursor) }
            }
        }
    }

    private func vocabulary() throws -> [String] {
        try database.connect().transaction { transaction in
            try transaction.values(
                """
                SELECT word FROM ts_stat('SELECT names FROM catalogue.search_documents')
                WHERE length(word) > 3 ORDER BY ndoc DESC, word LIMIT 20000
                """)
        }
    }

    private func titles() throws -> [String] {
        try database.connect().transaction { transaction in
            try transaction.values(
                """
                SELECT title FROM catalogue.search_documents WHERE length(title) > 8 ORDER BY audiobook_id LIMIT 2000
                """)
        }
    }
}

private func category(_ random: inout Random) -> Reference<Bookshop.Category> {
    let depth = Int.random(in: 1...2, using: &random)
    return Reference(
        "category-" + [12, 8].prefix(depth).map { "\(random.zipf($0))" }.joined(separator: "-"))!
}

private func filtered(_ random: inout Random) -> CatalogueQuery {
    var query = CatalogueQuery(currency: random.chance(0.8) ? .eur : .usd)
    if random.chance(0.6) { query.categories = [category(&random)] }
    if random.chance(0.4) {
        let languages = ["en", "de", "en-GB", "fr", "es", "it", "nl", "sv", "pl", "pt", "da", "ja"]
        query.languages = [LanguageTag(rawValue: languages[random.zipf(12) - 1])!]
    }
    if random.chance(0.3) { query.prices = Bounds(least: nil, most: 499 + 500 * random.zipf(4))! }
    if random.chance(0.2) { query.durationsMilliseconds = Bounds(least: 10_800_000, most: 36_000_000)! }
    let sorts: [CatalogueQuery.Sort] = [
        .newest, .newest, .newest, .price, .title, .priceDescending, .duration,
    ]
    query.sort = sorts.randomElement(using: &random)!
    return query
}
