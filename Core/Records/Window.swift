public import Bookshop
public import Postgres

/// What the shop's pages show beside lists and books.
extension Transaction {
    /// The lines of these books, of those that are on sale in the currency, by their ids.
    public func listings(of books: [Audiobook.ID], in currency: Currency) throws -> [Audiobook.ID: Listing] {
        guard !books.isEmpty else { return [:] }
        let listed: [Listed] = try all(
            lines(
                from: "catalogue.listings AS listing",
                where: Listing.onSale(in: currency) + ["listing.audiobook_id = ANY (\(books)::uuid[])"],
                key: "listing.audiobook_id", by: "listing.audiobook_id", most: books.count))
        return Dictionary(uniqueKeysWithValues: listed.map { ($0.listing.id, $0.listing) })
    }

    /// What most people came to own in the last three months, the most wanted first.
    public func popular(in currency: Currency, limit: Int) throws -> [Listing] {
        let listed: [Listed] = try all(
            lines(
                from: """
                    (SELECT audiobook_id, count(*) AS owners FROM listening.entitlements
                    WHERE granted_at > now() - interval '90 days' AND state = 'active'
                    GROUP BY audiobook_id) AS wanted JOIN catalogue.listings AS listing USING (audiobook_id)
                    """,
                where: Listing.onSale(in: currency), key: "owners", by: "owners DESC, listing.audiobook_id",
                most: limit))
        return listed.map(\.listing)
    }

    /// How many books of each series are on sale.
    public func bookCounts(of series: [Series.ID]) throws -> [Series.ID: Int] {
        let counts: [SeriesCount] = try all(
            """
            SELECT series_id, count(*) AS books
            FROM catalogue.series_entries JOIN catalogue.audiobooks AS book ON book.id = audiobook_id
            WHERE series_id = ANY (\(series)::uuid[]) AND \(Viewer.anyone.seesListed) GROUP BY series_id
            """)
        return Dictionary(uniqueKeysWithValues: counts.map { ($0.series, $0.books) })
    }
}

private struct SeriesCount: RowDecodable {
    let series: Series.ID
    let books: Int
    init(_ row: borrowing Row) throws(PostgresError) {
        (series, books) = (try row["series_id"], try row["books"])
    }
}
