import Core
import Pages

/// By what a list may be narrowed, each choice with the address that makes it or takes it back.
struct Narrowing {
    private let query: CatalogueQuery
    private let list: Address
    private let say: Messages

    struct Facet {
        let heading: String
        let choices: [Choice]

        var shown: PageValue { ["heading": .text(heading), "choices": .list(choices.map(\.shown))] }
    }

    struct Choice {
        let name: String
        let countText: String
        let address: String
        let isChosen: Bool

        var shown: PageValue {
            [
                "name": .text(name), "countText": .text(countText), "address": .text(address),
                "isChosen": .flag(isChosen),
            ]
        }
    }

    init(_ query: CatalogueQuery, at list: Address, in say: Messages) {
        (self.query, self.list, self.say) = (query, list, say)
    }

    var isNone: Bool { list.parameters.allSatisfy { $0.name == "q" } }

    /// Those with a choice.
    func facets(_ found: Facets) -> [Facet] {
        [
            facet("category", named(found.categories, "category", query.categories)),
            facet("author", named(found.authors, "author", query.authors)),
            facet("narrator", named(found.narrators, "narrator", query.narrators)),
            facet("language", languages(found.languages)),
            facet(
                "duration",
                bands(found.durationsMilliseconds, ("minDuration", "maxDuration"), "duration", hours)),
            facet("price", bands(found.prices, ("minPrice", "maxPrice"), "price", price)),
        ].filter { $0.choices.count > 1 || $0.choices.contains(where: \.isChosen) }
    }

    private func facet(_ name: String, _ choices: [Choice]) -> Facet {
        Facet(heading: say("shop.facet.\(name)"), choices: choices)
    }

    private func named<Entity>(
        _ choices: [Facets.Choice<Entity>], _ parameter: String, _ chosen: [Reference<Entity>]
    ) -> [Choice] {
        choices.map { choice in
            let isByID = chosen.contains(.id(choice.id))
            return Choice(
                name: choice.name, countText: say.number(choice.count),
                address: list.toggling(parameter, isByID ? choice.id.description : choice.slug.rawValue).text,
                isChosen: isByID || chosen.contains(.slug(choice.slug)))
        }
    }

    private func languages(_ choices: [Facets.LanguageChoice]) -> [Choice] {
        choices.map { choice in
            Choice(
                name: say.name(of: choice.language), countText: say.number(choice.count),
                address: list.toggling("language", choice.language.rawValue).text,
                isChosen: query.languages.contains(choice.language))
        }
    }

    /// Of bands one is chosen at a time; empty ones are left out.
    private func bands(
        _ bands: [Facets.Band], _ names: (least: String, most: String), _ facet: String,
        _ told: (Int) -> String
    ) -> [Choice] {
        let bounds = facet == "price" ? query.prices : query.durationsMilliseconds
        return bands.compactMap { band in
            let most = band.below.map { $0 - 1 }
            let isChosen = !bounds.isNone && bounds.least ?? 0 == band.least && bounds.most == most
            guard band.count > 0 || isChosen else { return nil }
            let least = isChosen || band.least == 0 ? nil : "\(band.least)"
            return Choice(
                name: name(of: band, facet, told), countText: say.number(band.count),
                address: list.setting(names.least, least)
                    .setting(names.most, isChosen ? nil : most.map(String.init)).text,
                isChosen: isChosen)
        }
    }

    private func name(of band: Facets.Band, _ facet: String, _ told: (Int) -> String) -> String {
        let unit = facet == "price" ? "price" : "hours", least = told(band.least)
        guard let below = band.below.map(told) else { return say("shop.facet.\(facet)From", [unit: least]) }
        return band.least == 0
            ? say("shop.facet.\(facet)Below", [unit: below])
            : say("shop.facet.\(facet)Between", ["from": least, "below": below])
    }

    private func hours(_ milliseconds: Int) -> String { say.number(milliseconds / 3_600_000) }

    private func price(_ minorUnits: Int) -> String {
        say.money(Money(minorUnits: minorUnits, currency: query.currency))
    }
}

extension Messages {
    /// A language by its name, or by its tag where the messages know none.
    func name(of language: LanguageTag) -> String {
        let message = "common.language.\(language.language)"
        return knows(message) ? self(message) : language.rawValue
    }
}
