public import Bookshop
public import Lambda

/// One page of the catalogue as a request asks for it: the same parameters for the list and for the search.
public struct CatalogueRequest {
    public let query: CatalogueQuery
    public let cursor: Cursor?
    public let size: PageSize
    public let extras: Finding.Extras
}

extension Request {
    private static let catalogueParameters: Set<String> = [
        "q", "category", "author", "narrator", "series", "language", "minPrice", "maxPrice", "minDuration",
        "maxDuration", "currency", "sort", "facets", "count", "cursor", "limit",
    ]

    /// What of the catalogue is asked for; prices are told in `currency` unless the request names another.
    public func catalogueRequest(pricedIn currency: Currency) throws(Problem) -> CatalogueRequest {
        try refuseUnknownQuery(allowing: Self.catalogueParameters)
        let text = try query.searchText
        let isSearched = text?.contains { !$0.isWhitespace } ?? false
        var wanted = CatalogueQuery(
            text: text, currency: try query.currency ?? currency, sort: try query.value("sort") ?? .newest)
        if wanted.sort == .relevance, !isSearched {
            throw Query.refusal(of: "sort", "By relevance only what is searched for by q is sorted.")
        }
        wanted.categories = try query.references("category")
        wanted.authors = try query.references("author")
        wanted.narrators = try query.references("narrator")
        wanted.series = try query.references("series")
        wanted.languages = try query.several("language", expecting: "a language such as en or en-GB") {
            LanguageTag(rawValue: $0)
        }
        wanted.prices = try query.bounds("minPrice", "maxPrice", upTo: Money.maximumMinorUnits)
        wanted.durationsMilliseconds = try query.bounds("minDuration", "maxDuration", upTo: 1_000_000_000_000)
        var extras: Finding.Extras = []
        if try query.boolean("facets") ?? false { extras.insert(.facets) }
        if try query.boolean("count") ?? false { extras.insert(.total) }
        let (size, cursor) = try page()
        return CatalogueRequest(query: wanted, cursor: cursor, size: size, extras: extras)
    }

    /// The same, but that something must be searched for, the most relevant comes first, and what finds nothing
    /// is taken for mistyped.
    public func searchRequest(pricedIn currency: Currency) throws(Problem) -> CatalogueRequest {
        let wanted = try catalogueRequest(pricedIn: currency)
        var query = wanted.query
        guard query.text?.contains(where: { !$0.isWhitespace }) ?? false else {
            throw Query.refusal(of: "q", "Say what to search for.")
        }
        if try self.query.one("sort") == nil { query.sort = .relevance }
        return CatalogueRequest(
            query: query, cursor: wanted.cursor, size: wanted.size, extras: wanted.extras.union(.guesses))
    }
}

extension Query {
    public var currency: Currency? {
        get throws(Problem) {
            try parsed("currency", expecting: "a currency we sell in") { Currency(rawValue: $0) }
        }
    }

    /// What to look for. A NUL is in no text of ours, and the database would refuse it.
    public var searchText: String? {
        get throws(Problem) {
            let text = try one("q")
            if let text, text.utf8.contains(0) { throw Self.refusal(of: "q", "Expected a text without NUL.") }
            return text.map { String($0.prefix(CatalogueQuery.longestText)) }
        }
    }

    fileprivate func references<Entity>(_ name: String) throws(Problem) -> [Reference<Entity>] {
        try several(name, expecting: "ids or slugs") { Reference<Entity>($0) }
    }

    /// Values of a parameter that may be given several times.
    fileprivate func several<Value>(
        _ name: String, expecting what: String, _ parse: (String) -> Value?
    ) throws(Problem) -> [Value] {
        let texts = all(name)
        guard texts.count <= CatalogueQuery.mostValues else {
            throw Self.refusal(of: name, "It may be given \(CatalogueQuery.mostValues) times.")
        }
        var values: [Value] = []
        for text in texts {
            guard let value = parse(text) else { throw Self.refusal(of: name, "Expected \(what).") }
            values.append(value)
        }
        return values
    }

    fileprivate func bounds(_ least: String, _ most: String, upTo limit: Int) throws(Problem) -> Bounds {
        let bounds = Bounds(least: try integer(least, in: 0...limit), most: try integer(most, in: 0...limit))
        guard let bounds else { throw Self.refusal(of: most, "It is less than \(least).") }
        return bounds
    }
}
