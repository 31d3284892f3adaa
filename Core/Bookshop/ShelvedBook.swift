public import FoundationEssentials

/// A book as it stands among others of one person or one series.
public struct ShelvedBook: Hashable, Sendable {
    /// What it has to do with them.
    public enum Tie: Hashable, Sendable {
        case credits([Credit.Role])
        case place(label: String?, sortKey: SeriesEntry.SortKey)
    }

    public let id: Audiobook.ID
    public let slug: Slug
    public let title: String
    public let subtitle: String?
    public let state: Audiobook.State
    public let hasCover: Bool
    public let publishedAt: Date?
    public let tie: Tie

    public init(
        id: Audiobook.ID, slug: Slug, title: String, subtitle: String?, state: Audiobook.State,
        hasCover: Bool,
        publishedAt: Date?, tie: Tie
    ) {
        (self.id, self.slug, self.title, self.subtitle) = (id, slug, title, subtitle)
        (self.state, self.hasCover, self.publishedAt, self.tie) = (state, hasCover, publishedAt, tie)
    }
}
