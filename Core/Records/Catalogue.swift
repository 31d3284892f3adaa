public import Bookshop
import FoundationEssentials
public import Postgres

extension Listing: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(
            id: try row["id"], slug: try row["slug"], title: try row["title"], subtitle: try row["subtitle"],
            language: try row["language"], authors: try row["authors"], narrators: try row["narrators"],
            price: try row.money("price"), durationMilliseconds: try row["duration_ms"],
            publishedAt: try row["published_at"])
    }
}

/// A line and what it was sorted by.
private struct Listed: RowDecodable {
    let listing: Listing
    let key: String
    init(_ row: borrowing Row) throws(PostgresError) {
        (listing, key) = (try Listing(row), try row["sort_key"])
    }
}

extension Transaction {
    /// What is on sale in the currency asked for, a page at a time.
    public func catalogue(
        _ query: CatalogueQuery, after cursor: Cursor? = nil, size: PageSize = .standard
    ) throws -> Page<Listing> {
        let list = "catalogue.\(query.sort.rawValue).\(query.currency.rawValue)"
        var conditions: [SQL] = ["book.state = 'published'"]
        if let language = query.language {
            conditions.append("(language = \(language) OR language LIKE \(language.rawValue + "-%"))")
        }
        if let text = query.text, !text.isEmpty { conditions.append(matches(text)) }
        if let cursor { conditions.append(try beyond(cursor, of: list, by: query.sort)) }

        let listed: [Listed] = try all(
            """
            SELECT book.id, slug, title, subtitle, language, published_at, edition.duration_ms,
                price.amount AS price, price.currency, \(sortKey(query.sort))::text AS sort_key,
                ARRAY(\(names(of: .author))) AS authors, ARRAY(\(names(of: .narrator))) AS narrators
            FROM catalogue.audiobooks AS book
                JOIN catalogue.editions AS edition ON edition.id = current_edition_id
                JOIN sales.prices AS price ON price.audiobook_id = book.id
                    AND price.currency = \(query.currency) AND price.valid @> now()
            WHERE \(conditions.joined(separator: " AND "))
            ORDER BY \(ordering(query.sort)) LIMIT \(size.rawValue + 1)
            """)
        let page = Page(listed, size: size) { Cursor(list: list, key: $0.key, id: $0.listing.id.rawValue) }
        return Page(items: page.items.map(\.listing), next: page.next)
    }

    private func matches(_ text: String) -> SQL {
        let escaped = text.lowercased().replacing("\\", with: "\\\\").replacing("%", with: "\\%")
            .replacing("_", with: "\\_")
        let pattern = "%\(escaped)%"
        return """
            (lower(title) LIKE \(pattern) OR lower(subtitle) LIKE \(pattern) OR book.id IN (
                SELECT audiobook_id
                FROM catalogue.audiobook_contributors
                    JOIN catalogue.contributors ON contributors.id = contributor_id
                WHERE lower(name) LIKE \(pattern)))
            """
    }

    private func sortKey(_ sort: CatalogueQuery.Sort) -> SQL {
        switch sort {
        case .newest: "published_at"
        case .title: "lower(title)"
        case .price: "price.amount"
        }
    }

    private func ordering(_ sort: CatalogueQuery.Sort) -> SQL {
        switch sort {
        case .newest: "published_at DESC, book.id DESC"
        case .title: "lower(title), book.id"
        case .price: "price.amount, book.id"
        }
    }

    /// A cursor comes back from outside, so its key may be anything.
    private func beyond(
        _ cursor: Cursor, of list: String, by sort: CatalogueQuery.Sort
    ) throws(ForeignCursor) -> SQL {
        guard cursor.list == list else { throw ForeignCursor() }
        switch sort {
        case .newest:
            guard let date = Date(sqlText: cursor.key) else { throw ForeignCursor() }
            return "(published_at, book.id) < (\(date)::timestamptz, \(cursor.id)::uuid)"
        case .title: return "(lower(title), book.id) > (\(cursor.key), \(cursor.id)::uuid)"
        case .price:
            guard let amount = Int(cursor.key) else { throw ForeignCursor() }
            return "(price.amount, book.id) > (\(amount)::bigint, \(cursor.id)::uuid)"
        }
    }

    func names(of role: Credit.Role) -> SQL {
        """
        SELECT name
        FROM catalogue.audiobook_contributors JOIN catalogue.contributors ON contributors.id = contributor_id
        WHERE audiobook_id = book.id AND role = \(role) ORDER BY position
        """
    }
}
