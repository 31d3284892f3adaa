public import Bookshop
import FoundationEssentials
public import Postgres

extension Listing: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(
            id: try row["id"], slug: try row["slug"], title: try row["title"], subtitle: try row["subtitle"],
            language: try row["language"], authors: try row["authors"], narrators: try row["narrators"],
            price: try row.money("price"), durationMilliseconds: try row["duration_ms"],
            publishedAt: try row["published_at"], hasCover: try row["has_cover"])
    }
}

extension Listing {
    /// What the row `listing` must be to be a line of now.
    static func onSale(in currency: Currency) -> [SQL] {
        ["listing.currency = \(currency)", "listing.valid_from <= now()", "listing.valid_until > now()"]
    }
}

/// A line and what it was sorted by.
struct Listed: RowDecodable {
    let listing: Listing
    let key: String
    init(_ row: borrowing Row) throws(PostgresError) {
        (listing, key) = (try Listing(row), try row["sort_key"])
    }
}

extension Transaction {
    /// What is on sale in the currency asked for, a page at a time. Only what is published has lines.
    public func catalogue(
        _ query: CatalogueQuery, after cursor: Cursor? = nil, size: PageSize = .standard
    ) throws -> Page<Listing> {
        try page(of: sought(query), after: cursor, size: size)
    }

    func page(of sought: Sought, after cursor: Cursor?, size: PageSize) throws -> Page<Listing> {
        if let cursor, cursor.list != sought.list { throw ForeignCursor() }
        if sought.query.sort == .relevance, let text = sought.text {
            return try page(of: sought, by: text, after: cursor, size: size)
        }
        let order = Ordering(sought.query.sort)
        var conditions = sought.conditions()
        if let cursor { conditions.append(try order.beyond(cursor)) }
        let listed: [Listed] = try all(
            lines(
                from: "catalogue.listings AS listing", where: conditions, key: order.column, by: order.terms,
                most: size.rawValue + 1))
        return sought.page(of: listed, size: size)
    }

    /// A page of lines, with what only they need.
    func lines(from tables: SQL, where conditions: [SQL], key: SQL, by ordering: SQL, most: Int) -> SQL {
        """
        SELECT book.id, book.slug, book.title, book.subtitle, book.language, listing.published_at,
            listing.duration_ms, listing.amount AS price, listing.currency, listing.sort_key,
            book.cover_asset_id IS NOT NULL AS has_cover,
            ARRAY(\(names(of: .author))) AS authors, ARRAY(\(names(of: .narrator))) AS narrators
        FROM (
            SELECT listing.audiobook_id, listing.published_at, listing.duration_ms, listing.amount,
                listing.currency, listing.title, (\(key))::text AS sort_key,
                row_number() OVER (ORDER BY \(ordering)) AS place
            FROM \(tables)
            WHERE \(conditions.joined(separator: " AND "))
            ORDER BY \(ordering) LIMIT \(constant: most)
        ) AS listing JOIN catalogue.audiobooks AS book ON book.id = listing.audiobook_id
        ORDER BY listing.place
        """
    }

    func names(of role: Credit.Role) -> SQL {
        """
        SELECT name
        FROM catalogue.audiobook_contributors JOIN catalogue.contributors ON contributors.id = contributor_id
        WHERE audiobook_id = book.id AND role = \(role) ORDER BY position
        """
    }
}

extension Sought {
    /// What a cursor must say to be one of this list.
    var list: String {
        "catalogue.\(query.sort.rawValue).\(query.fingerprint)\(text?.isGuess == true ? ".guess" : "")"
    }

    func page(of listed: [Listed], size: PageSize) -> Page<Listing> {
        let page = Page(listed, size: size) { Cursor(list: list, key: $0.key, id: $0.listing.id.rawValue) }
        return Page(items: page.items.map(\.listing), next: page.next)
    }
}

/// How lines follow one another, and what comes behind a cursor.
struct Ordering {
    let column: SQL
    let isDescending: Bool
    /// What a cursor's key must be, as a value of the column's type. It comes back from outside, so it may be
    /// anything.
    private let value: (String) -> SQL?

    /// By relevance without a text is by age: nothing is more relevant than another.
    init(_ sort: CatalogueQuery.Sort) {
        func instant(_ key: String) -> SQL? { Date(sqlText: key).map { "\($0)::timestamptz" } }
        func number(_ key: String) -> SQL? { Int(key).map { "\($0)::bigint" } }
        switch sort {
        case .newest, .relevance: (column, isDescending, value) = ("listing.published_at", true, instant)
        case .title: (column, isDescending, value) = ("listing.title", false, { "\($0)::text" })
        case .price: (column, isDescending, value) = ("listing.amount", false, number)
        case .priceDescending: (column, isDescending, value) = ("listing.amount", true, number)
        case .duration: (column, isDescending, value) = ("listing.duration_ms", false, number)
        }
    }

    var terms: SQL {
        isDescending ? "\(column) DESC, listing.audiobook_id DESC" : "\(column), listing.audiobook_id"
    }

    func beyond(_ cursor: Cursor) throws(ForeignCursor) -> SQL {
        guard let value = value(cursor.key) else { throw ForeignCursor() }
        let behind: SQL = isDescending ? "<" : ">"
        return "(\(column), listing.audiobook_id) \(behind) (\(value), \(cursor.id)::uuid)"
    }
}
