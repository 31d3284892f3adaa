public import FoundationEssentials

/// The thing sold: one recording of one work, as its page and its editors see it.
public struct Audiobook: Hashable, Sendable {
    public typealias ID = Identifier<Audiobook>

    public enum State: String, CaseIterable, Codable, Sendable {
        case draft, published, unlisted, archived
    }

    public let id: ID
    public let slug: Slug
    public let title: String
    public let subtitle: String?
    public let description: String
    public let language: LanguageTag
    public let isbn13: ISBN13?
    public let state: State
    public let people: [Contribution]
    public let series: [SeriesPlace]
    public let categories: [CategoryName]
    public let price: Money?
    public let edition: Edition.ID?
    public let durationMilliseconds: Int?
    public let hasCover: Bool
    public let sample: Sample?
    public let publishedAt: Date?
    /// What files it may be had as by who owns it.
    public let exports: [Export.Format]
    public let version: Int

    public init(
        id: ID, slug: Slug, title: String, subtitle: String?, description: String, language: LanguageTag,
        isbn13: ISBN13?, state: State, people: [Contribution], series: [SeriesPlace],
        categories: [CategoryName], price: Money?, edition: Edition.ID?, durationMilliseconds: Int?,
        hasCover: Bool, sample: Sample?, publishedAt: Date?,
        exports: [Export.Format] = [], version: Int
    ) {
        (self.id, self.slug, self.title, self.subtitle) = (id, slug, title, subtitle)
        (self.description, self.language, self.isbn13, self.state) = (description, language, isbn13, state)
        (self.people, self.series, self.categories) = (people, series, categories)
        (self.price, self.edition, self.durationMilliseconds) = (price, edition, durationMilliseconds)
        (self.hasCover, self.sample) = (hasCover, sample)
        (self.publishedAt, self.exports, self.version) = (publishedAt, exports, version)
    }

    /// How a request names a book.
    public typealias Reference = Bookshop.Reference<Audiobook>
}

/// One version of a recording. It is replaced and never edited, so that listeners keep their place.
public enum Edition { public typealias ID = Identifier<Edition> }

/// Why an editor's wish about a book is refused.
public enum CatalogueError: Error, Equatable {
    case noSuchBook
    /// Somebody else changed it meanwhile; this is its version now.
    case changedMeanwhile(version: Int)
    case cannotPublish(Set<PublicationGap>)
    case illegalTransition(from: Audiobook.State, to: Audiobook.State)
    /// It was on sale, or is somebody's.
    case notErasable
    /// There is no recording yet whose chapters or sample could be told.
    case noRecording
    /// A sample was to begin where the recording has ended, or is about to.
    case sampleOutside
}

/// What a book lacks before anybody may buy it.
public enum PublicationGap: String, CaseIterable, Codable, Sendable {
    case recording, price, author
}

/// One line of the catalogue.
public struct Listing: Hashable, Sendable {
    public let id: Audiobook.ID
    public let slug: Slug
    public let title: String
    public let subtitle: String?
    public let language: LanguageTag
    public let authors: [String]
    public let narrators: [String]
    public let price: Money
    public let durationMilliseconds: Int
    public let publishedAt: Date
    public let hasCover: Bool

    public init(
        id: Audiobook.ID, slug: Slug, title: String, subtitle: String?, language: LanguageTag,
        authors: [String], narrators: [String], price: Money, durationMilliseconds: Int, publishedAt: Date,
        hasCover: Bool
    ) {
        (self.id, self.slug, self.title, self.subtitle) = (id, slug, title, subtitle)
        (self.language, self.authors, self.narrators, self.price) = (language, authors, narrators, price)
        (self.durationMilliseconds, self.publishedAt) = (durationMilliseconds, publishedAt)
        self.hasCover = hasCover
    }
}
