import Core

/// A cart at today's prices.
struct CartAnswer: Encodable {
    let items: [Item]
    let total: Money
    let version: Int

    struct Item: Encodable {
        let audiobookId: Audiobook.ID
        let slug: Slug
        let title: String
        /// Absent when the book is no longer sold.
        let price: Money?
        let seenPrice: Money
        let hasPriceChanged: Bool

        init(_ item: LineItem) {
            (audiobookId, slug, title) = (item.audiobook, item.slug, item.title)
            (price, seenPrice, hasPriceChanged) = (item.price, item.seenPrice, item.hasPriceChanged)
        }
    }

    /// Who never chose anything has an empty cart, in the shop's own currency.
    init(_ cart: Cart?, in currency: Currency) {
        items = cart?.items.map(Item.init) ?? []
        total = cart?.total ?? Money(minorUnits: 0, currency: currency)
        version = cart?.version ?? 0
    }
}
