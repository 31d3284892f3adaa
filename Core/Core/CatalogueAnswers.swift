public import Bookshop

/// One line of the catalogue.
public struct ListingAnswer: Encodable {
    let id: Audiobook.ID
    let slug: Slug
    let title: String
    let subtitle: String?
    let language: LanguageTag
    let authors: [String]
    let narrators: [String]
    let price: Money
    let durationMilliseconds: Int

    init(_ listing: Listing) {
        (id, slug, title, subtitle) = (listing.id, listing.slug, listing.title, listing.subtitle)
        (language, authors, narrators) = (listing.language, listing.authors, listing.narrators)
        (price, durationMilliseconds) = (listing.price, listing.durationMilliseconds)
    }
}

/// A page of the catalogue, and what was asked for besides.
public struct CatalogueAnswer: Encodable {
    let items: [ListingAnswer]
    let next: String?
    let count: Int?
    let facets: FacetsAnswer?
    let didYouMean: String?

    public init(_ finding: Finding) {
        (items, next) = (finding.page.items.map(ListingAnswer.init), finding.page.next?.rawValue)
        (count, didYouMean) = (finding.total, finding.meant)
        facets = finding.facets.map(FacetsAnswer.init)
    }
}

struct FacetsAnswer: Encodable {
    struct Choice: Encodable {
        let id: String
        let slug: Slug
        let name: String
        let parent: String?
        let count: Int

        init<Entity>(_ choice: Facets.Choice<Entity>) {
            (id, slug, name) = (choice.id.description, choice.slug, choice.name)
            (parent, count) = (choice.parent?.description, choice.count)
        }
    }

    struct LanguageChoice: Encodable {
        let language: LanguageTag
        let count: Int
    }

    /// `below` is not within any more; the last band has none.
    struct Band: Encodable {
        let from: Int
        let below: Int?
        let count: Int
        init(_ band: Facets.Band) { (from, below, count) = (band.least, band.below, band.count) }
    }

    let categories: [Choice]
    let languages: [LanguageChoice]
    let authors: [Choice]
    let narrators: [Choice]
    let prices: [Band]
    let durationsMilliseconds: [Band]

    init(_ facets: Facets) {
        (categories, authors) = (facets.categories.map(Choice.init), facets.authors.map(Choice.init))
        narrators = facets.narrators.map(Choice.init)
        languages = facets.languages.map { LanguageChoice(language: $0.language, count: $0.count) }
        prices = facets.prices.map(Band.init)
        durationsMilliseconds = facets.durationsMilliseconds.map(Band.init)
    }
}
