import Core
import Lambda
import Pages

extension Visit {
    /// All books, or those that are like what was typed.
    func search() throws -> Response {
        let words = try request.query.searchText?.filter { !$0.isNewline } ?? ""
        let isSearched = words.contains { !$0.isWhitespace }
        let wanted =
            try isSearched
            ? request.narrowed.searchRequest(pricedIn: shop.currency)
            : request.narrowed.catalogueRequest(pricedIn: shop.currency)
        let finding = try shop.database.transaction(.readOnly) { transaction in
            try transaction.find(
                wanted.query, after: wanted.cursor, size: .window,
                telling: wanted.extras.union([.facets, .total]),
                remembering: shop.facetMemory)
        }
        let total = "\(finding.total ?? 0)"
        let heading =
            isSearched
            ? say("shop.search.found", ["count": total, "words": words])
            : say("shop.search.all", ["count": total])
        let narrowing = Narrowing(wanted.query, at: list, in: say)
        let facets = finding.facets.map(narrowing.facets) ?? []
        return try answer(
            200, "search", title: heading, isHidden: isSearched || !narrowing.isNone,
            facts: [.list(finding.page.items, at: shop.storeURL)],
            [
                "search": .text(words), "headingText": .text(heading),
                "didYouMean": finding.meant.map { meant in
                    [
                        "words": .text(meant),
                        "address": .text(list.setting("q", meant).text),
                    ]
                } ?? false,
                "sortings": sortings(of: wanted.query, isSearched: isSearched),
                "facets": .list(facets.map(\.shown)),
                "chosen": .list(facets.flatMap(\.choices).filter(\.isChosen).map(\.shown)),
                "books": cards(finding.page.items), "isEmpty": .flag(finding.page.items.isEmpty),
                "more": PageValue(more(behind: finding.page.next)),
            ])
    }

    func category() throws -> Response {
        let reference = try reference(of: Category.self)
        var query = CatalogueQuery(currency: shop.currency, sort: try request.query.value("sort") ?? .newest)
        query.categories = [reference]
        if query.sort == .relevance { query.sort = .newest }
        let cursor = try request.narrowed.page().cursor
        let (category, all, finding) = try shop.database.transaction(.readOnly) { [query] transaction in
            guard let category = try transaction.category(reference) else { throw ShelfError.noSuchEntry }
            return (
                category, try transaction.categories(size: .most).items,
                try transaction.find(
                    query, after: cursor, size: .window, telling: .total, remembering: shop.facetMemory)
            )
        }
        let parent = all.first { $0.id == category.parent }
        return try answer(
            200, "category", title: category.name, isHidden: cursor != nil,
            facts: [.list(finding.page.items, at: shop.storeURL)],
            [
                "category": [
                    "name": .text(category.name), "slug": .text(category.slug.rawValue),
                    "parent": parent.map { named($0.slug, $0.name) } ?? false,
                ],
                "children": .list(all.filter { $0.parent == category.id }.map { named($0.slug, $0.name) }),
                "countText": .text(count(finding.total ?? 0)),
                "sortings": sortings(of: query, isSearched: false),
                "books": cards(finding.page.items), "isEmpty": .flag(finding.page.items.isEmpty),
                "more": PageValue(more(behind: finding.page.next)),
            ])
    }

    /// The address of the list from its beginning, as it is narrowed now.
    private var list: Address {
        Address(
            request.path,
            request.narrowed.query.names.filter { $0 != "cursor" }.flatMap { name in
                request.query.all(name).map { (name, $0) }
            })
    }

    func more(behind cursor: Cursor?) -> String? { cursor.map { list.setting("cursor", $0.rawValue).text } }

    private func sortings(of query: CatalogueQuery, isSearched: Bool) -> PageValue {
        let sorts: [CatalogueQuery.Sort] =
            (isSearched ? [.relevance] : []) + [.newest, .title, .price, .priceDescending, .duration]
        return .list(
            sorts.map { sort in
                [
                    "name": .text(say("shop.search.sort.\(sort.rawValue)")),
                    "address": .text(list.setting("sort", sort == sorts[0] ? nil : sort.rawValue).text),
                    "isChosen": .flag(sort == query.sort),
                ]
            })
    }
}

extension Request {
    private static let known = [
        "q", "category", "author", "narrator", "series", "language", "minPrice", "maxPrice", "minDuration",
        "maxDuration", "sort", "cursor",
    ]

    /// Without what others hang on to addresses to follow people about.
    var narrowed: Request {
        var narrowed = self
        narrowed.query = query.keeping(Self.known)
        return narrowed
    }
}

extension PageSize {
    /// As many as make whole rows of two, three, four and six.
    static let window = PageSize(rawValue: 24) ?? .standard
}
