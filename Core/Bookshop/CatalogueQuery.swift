/// What of the catalogue is asked for. Of the values of one filter any will do; all filters must agree.
public struct CatalogueQuery: Hashable, Sendable {
    public enum Sort: String, CaseIterable, Codable, Sendable {
        case newest, title, price, duration, relevance
        case priceDescending = "price-descending"
    }

    public var text: String?
    /// With all that is below them.
    public var categories: [Reference<Category>] = []
    public var authors: [Reference<Contributor>] = []
    public var narrators: [Reference<Contributor>] = []
    public var series: [Reference<Series>] = []
    /// `en` is asked for by `en` alone, and means every English.
    public var languages: [LanguageTag] = []
    /// In minor units of the currency.
    public var prices = Bounds.none
    public var durationsMilliseconds = Bounds.none
    public var currency: Currency
    public var sort: Sort

    public init(
        text: String? = nil, language: LanguageTag? = nil, currency: Currency, sort: Sort = .newest
    ) {
        (self.text, self.currency, self.sort) = (text, currency, sort)
        languages = language.map { [$0] } ?? []
    }

    public static let longestText = 200
    public static let mostValues = 20
}

/// From one number to another, both of which are within; either may be missing.
public struct Bounds: Hashable, Sendable {
    public let least: Int?
    public let most: Int?
    public static let none = Bounds(checked: nil, nil)

    /// Nothing where the least is more than the most.
    public init?(least: Int?, most: Int?) {
        if let least, let most, least > most { return nil }
        self.init(checked: least, most)
    }

    private init(checked least: Int?, _ most: Int?) { (self.least, self.most) = (least, most) }

    public var isNone: Bool { least == nil && most == nil }
}

extension CatalogueQuery {
    /// The same text for the same filters, whatever process asks. Of a facet that is left out the filter is
    /// none.
    public func text(without facet: Facet? = nil) -> String {
        func names<Entity>(_ references: [Reference<Entity>]) -> [String] {
            references.map { reference in
                switch reference {
                case .id(let id): id.description
                case .slug(let slug): slug.rawValue
                }
            }
        }
        func range(_ bounds: Bounds) -> [String] {
            [bounds.least, bounds.most].map { $0.map(String.init) ?? "" }
        }
        let parts: [(Facet?, [String])] = [
            (nil, [currency.rawValue]), (nil, [text ?? ""]), (nil, names(series).sorted()),
            (.category, names(categories).sorted()), (.author, names(authors).sorted()),
            (.narrator, names(narrators).sorted()), (.language, languages.map(\.rawValue).sorted()),
            (.price, range(prices)), (.duration, range(durationsMilliseconds)),
        ]
        return parts.map { part, values in
            facet != nil && part == facet ? "" : values.joined(separator: ",")
        }.joined(separator: "\u{1E}")
    }

    /// Tells this list from others in a cursor. FNV-1a: nobody gains by making two lists alike.
    public var fingerprint: String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text().utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return String(hash, radix: 36)
    }
}
