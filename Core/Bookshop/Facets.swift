/// By what a list can be narrowed, with how many books each choice would leave.
public enum Facet: String, CaseIterable, Sendable {
    case category, language, author, narrator, price, duration
}

/// The choices of each facet. Each is counted as if its own filter were not set, so that a second choice may be
/// added to the first; all other filters hold.
public struct Facets: Hashable, Sendable {
    public var categories: [Choice<Category>] = []
    public var languages: [LanguageChoice] = []
    public var authors: [Choice<Contributor>] = []
    public var narrators: [Choice<Contributor>] = []
    public var prices: [Band] = []
    public var durationsMilliseconds: [Band] = []

    public init() {}

    /// How many people a facet names, beside those that are chosen already.
    public static let mostPeople = 20

    public struct Choice<Entity>: Hashable, Sendable {
        public let id: Identifier<Entity>
        public let slug: Slug
        public let name: String
        /// What a category is below.
        public let parent: Identifier<Entity>?
        public let count: Int

        public init(
            id: Identifier<Entity>, slug: Slug, name: String, parent: Identifier<Entity>? = nil, count: Int
        ) {
            (self.id, self.slug, self.name, self.parent, self.count) = (id, slug, name, parent, count)
        }
    }

    public struct LanguageChoice: Hashable, Sendable {
        public let language: LanguageTag
        public let count: Int
        public init(_ language: LanguageTag, count: Int) { (self.language, self.count) = (language, count) }
    }

    /// All from one number up to, and without, another; the last is open.
    public struct Band: Hashable, Sendable {
        public let least: Int
        public let below: Int?
        public let count: Int
        public init(_ least: Int, below: Int?, count: Int) {
            (self.least, self.below, self.count) = (least, below, count)
        }

        /// All bands that these edges make, the empty ones too. `counts` is by how many edges lie below.
        public static func all(_ edges: [Int], counts: [Int: Int]) -> [Band] {
            (0...edges.count).map { index in
                Band(
                    index == 0 ? 0 : edges[index - 1], below: index < edges.count ? edges[index] : nil,
                    count: counts[index] ?? 0)
            }
        }
    }

    /// Where one band of durations ends and the next begins: three, six, ten and twenty hours.
    public static let durationEdgesMilliseconds = [3, 6, 10, 20].map { $0 * 3_600_000 }

    /// 5, 10, 15 and 20 euros, and what is about as much elsewhere: tens of the least that can be charged.
    public static func priceEdges(in currency: Currency) -> [Int] {
        let isPublished = currency.minimumCharge > currency.multiple
        let step =
            isPublished ? currency.minimumCharge * 10 : [3: 2000, 2: 50_000][currency.exponent] ?? 5000
        return (1...4).map { $0 * step }
    }
}
