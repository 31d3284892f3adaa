import Core
import Pages

extension Visit {
    func home() throws -> Response {
        let members: [String: PageValue] = try shop.database.transaction(.readOnly) { transaction in
            let newest = try transaction.catalogue(CatalogueQuery(currency: shop.currency), size: .shelf)
                .items
            let popular = try transaction.popular(in: shop.currency, limit: PageSize.shelf.rawValue)
            let series = try transaction.series(seenBy: .anyone, size: .few).items
            let counts = try transaction.bookCounts(of: series.map(\.id))
            let categories = try transaction.categories(size: .most).items
            return [
                "newest": cards(newest), "popular": cards(popular),
                "series": .list(
                    series.map { series in
                        [
                            "slug": .text(series.slug.rawValue), "name": .text(series.name),
                            "countText": .text(count(counts[series.id] ?? 0)),
                        ]
                    }),
                "categories": .list(categories.filter { $0.parent == nil }.map { named($0.slug, $0.name) }),
            ]
        }
        return try answer(
            200, "home", title: say("common.siteTitle"), isWhole: true, description: say("shop.home.detail"),
            facts: [.shop(at: shop.storeURL, named: shop.seller.name)], members)
    }
}

extension PageSize {
    /// A row of a page.
    static let shelf = PageSize(rawValue: 12) ?? .standard
    static let few = PageSize(rawValue: 8) ?? .standard
    static let most = PageSize(rawValue: 100) ?? .standard
}
