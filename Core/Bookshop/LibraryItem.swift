public import FoundationEssentials

/// One book of a customer's library.
public struct LibraryItem: Hashable, Sendable {
    public let audiobook: Audiobook.ID
    public let slug: Slug
    public let title: String
    public let subtitle: String?
    public let authors: [String]
    public let narrators: [String]
    public let durationMilliseconds: Int
    public let ownedSince: Date
    /// What files an editor lets it be had as.
    public let exports: [Export.Format]
    /// None while nothing was heard.
    public let progress: Progress?

    /// How far a customer is in a book.
    public struct Progress: Hashable, Sendable {
        public let milliseconds: Int
        public let listenedAt: Date
        public let finishedAt: Date?

        public init(milliseconds: Int, listenedAt: Date, finishedAt: Date?) {
            (self.milliseconds, self.listenedAt, self.finishedAt) = (milliseconds, listenedAt, finishedAt)
        }
    }

    public init(
        audiobook: Audiobook.ID, slug: Slug, title: String, subtitle: String?, authors: [String],
        narrators: [String], durationMilliseconds: Int, ownedSince: Date, exports: [Export.Format] = [],
        progress: Progress? = nil
    ) {
        (self.audiobook, self.slug, self.title, self.subtitle) = (audiobook, slug, title, subtitle)
        (self.authors, self.narrators) = (authors, narrators)
        (self.durationMilliseconds, self.ownedSince) = (durationMilliseconds, ownedSince)
        (self.exports, self.progress) = (exports, progress)
    }
}

/// What of a library is asked for.
public struct LibraryQuery: Hashable, Sendable {
    public enum Sort: String, CaseIterable, Codable, Sendable {
        /// What was bought last comes first.
        case newest
        /// What was listened to last comes first, and what never was comes last.
        case recent
        case title
    }

    public enum Progress: String, CaseIterable, Codable, Sendable { case unfinished, finished }

    public var progress: Progress?
    public var sort: Sort

    public init(progress: Progress? = nil, sort: Sort = .newest) {
        (self.progress, self.sort) = (progress, sort)
    }
}
