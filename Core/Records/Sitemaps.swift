public import Bookshop
public import FoundationEssentials
public import Postgres

/// What has a page of its own that search engines may read.
public enum PagedKind: String, CaseIterable, Sendable {
    case books, people, series, categories
}

/// One page, and when what it tells was last changed, where that is known.
public struct SitemapEntry: RowDecodable, Hashable, Sendable {
    public let slug: Slug
    public let changedAt: Date?

    public init(_ row: borrowing Row) throws(PostgresError) {
        (slug, changedAt) = (try row["slug"], try row["changed_at"])
    }
}

extension Transaction {
    /// The first of every so many pages of a kind, by which they are read piece by piece.
    public func sitemapStarts(of kind: PagedKind, every count: Int) throws -> [Slug] {
        try values(
            """
            SELECT slug FROM (
                SELECT slug, row_number() OVER (ORDER BY slug) AS number FROM (\(pages(of: kind))) AS page
            ) AS numbered
            WHERE (number - 1) % \(count) = 0 ORDER BY slug
            """)
    }

    /// The pages of a kind from one on, in the order of their slugs.
    public func sitemap(of kind: PagedKind, from slug: Slug, limit: Int) throws -> [SitemapEntry] {
        try all(
            """
            SELECT slug, changed_at FROM (\(pages(of: kind))) AS page WHERE slug >= \(slug)
            ORDER BY slug LIMIT \(limit)
            """)
    }

    private func pages(of kind: PagedKind) -> SQL {
        switch kind {
        case .books:
            "SELECT slug, updated_at AS changed_at FROM catalogue.audiobooks WHERE state = 'published'"
        case .people:
            """
            SELECT slug, NULL::timestamptz AS changed_at FROM catalogue.contributors
            WHERE EXISTS (SELECT FROM catalogue.audiobook_contributors JOIN catalogue.audiobooks
                    ON audiobooks.id = audiobook_id
                WHERE contributor_id = contributors.id AND state = 'published')
            """
        case .series: "SELECT slug, NULL::timestamptz AS changed_at FROM catalogue.series"
        case .categories: "SELECT slug, NULL::timestamptz AS changed_at FROM catalogue.categories"
        }
    }
}
