import Core
import TestSupport
import Testing

@testable import catalogue
@testable import search

/// Whatever a list asks, no table that grows is read from its beginning to its end.
@Suite struct PlanTests {
    private func expectIndexed(
        _ function: String, _ requests: [String],
        answeredBy story: @escaping (Request, Shop) throws -> Response
    ) throws {
        try withManyBooks { database in
            for text in requests {
                let route = "GET /api/v1/" + (text.split(separator: "?").first.map(String.init) ?? "")
                let query = try Query(
                    parsing: text.split(separator: "?").dropFirst().first.map(String.init) ?? "")
                let (found, explained) = try database.wholeReads(as: function) { connection in
                    var shop = database.shop(of: function)
                    shop.database = connection
                    let answer = Lambda.answer(Request(route, query: query)) { try story($0, shop) }
                    #expect(answer.statusCode == 200, "\(text): \(answer.text)")
                }
                #expect(found.isEmpty, "\(text)")
                #expect(explained > 0, "\(text) asks nothing")
            }
        }
    }

    private static let filters = [
        "", "q=garden", "q=garden&facets=true&count=true", "category=category-1", "category=category-1-3-2",
        "author=person-1", "narrator=person-1999", "series=series-1", "language=en", "language=sv",
        "language=en-GB", "language=en&language=de", "minPrice=500&maxPrice=900", "minDuration=7200000",
        "category=category-2&language=en&minPrice=500", "facets=true&count=true",
        "category=category-1&author=person-1&language=en&maxPrice=1999&facets=true&count=true",
    ]

    @Test func `the catalogue, in each order and by each filter`() throws {
        let requests = CatalogueQuery.Sort.allCases.flatMap { sort in
            Self.filters.filter { sort != .relevance || $0.contains("q=") }
                .map { "audiobooks?sort=\(sort.rawValue)&\($0)" }
        }
        try expectIndexed("catalogue", requests) { try catalogue($0, in: $1) }
    }

    @Test func `the search, whatever is typed`() throws {
        let texts = [
            "garden", "the", "garden%20river", "gardne", "lighthuose%20keeper", "person%20of", "k", "!!",
        ]
        try expectIndexed(
            "search", texts.map { "search?q=\($0)" } + texts.map { "search?facets=true&count=true&q=\($0)" }
        ) { try search($0, in: $1) }
    }

    @Test func `suggestions while typing`() throws {
        let texts = ["g", "ga", "gar", "garden%20r", "gardne", "the", "Kalan"]
        try expectIndexed("search", texts.map { "search/suggestions?q=\($0)" }) { try search($0, in: $1) }
    }

    @Test func `a query without an index is found out`() throws {
        try withManyBooks { database in
            let (found, explained) = try database.wholeReads(as: "catalogue") { connection in
                _ = try connection.transaction { transaction in
                    try transaction.values(
                        "SELECT slug FROM catalogue.audiobooks WHERE length(subtitle) = 7 LIMIT 5",
                        as: String.self)
                }
            }
            #expect(found.map(\.table) == ["audiobooks"] && explained == 1)
        }
    }
}
