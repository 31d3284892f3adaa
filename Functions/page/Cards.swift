import Core
import Pages

extension Visit {
    func price(_ price: Money) -> String { price.isFree ? say("common.free") : say.money(price) }

    /// A book as one of many; `label` is its place in a series.
    func card(_ listing: Listing, label: String? = nil) -> PageValue {
        [
            "slug": .text(listing.slug.rawValue), "title": .text(listing.title),
            "subtitle": PageValue(listing.subtitle),
            "authorsText": .text(say.listed(listing.authors)),
            "narratorsText": listing.narrators.isEmpty
                ? "" : .text(say("shop.card.readBy", ["names": say.listed(listing.narrators)])),
            "priceText": .text(price(listing.price)),
            "durationText": .text(say.duration(listing.durationMilliseconds)),
            "hasCover": .flag(listing.hasCover),
            "labelText": label.map { .text(say("shop.series.part", ["label": $0])) } ?? "",
        ]
    }

    func cards(_ listings: [Listing]) -> PageValue { .list(listings.map { card($0) }) }

    func count(_ number: Int) -> String { say("shop.count", ["count": "\(number)"]) }

    func named(_ slug: Slug, _ name: String) -> PageValue {
        ["slug": .text(slug.rawValue), "name": .text(name)]
    }
}
