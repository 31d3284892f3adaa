public import Bookshop
import FoundationEssentials
public import Postgres

extension LibraryItem: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        var progress: Progress?
        if let listenedAt: Date = try row["moved_at"] {
            progress = Progress(
                milliseconds: try row["position_ms"], listenedAt: listenedAt,
                finishedAt: try row["finished_at"])
        }
        self.init(
            audiobook: try row["id"], slug: try row["slug"], title: try row["title"],
            subtitle: try row["subtitle"], authors: try row["authors"], narrators: try row["narrators"],
            durationMilliseconds: try row["duration_ms"], ownedSince: try row["owned_since"],
            exports: try row["exports"],
            progress: progress)
    }
}

/// A line and what it was sorted by.
private struct ListedItem: RowDecodable {
    let item: LibraryItem
    let key: String
    init(_ row: borrowing Row) throws(PostgresError) {
        (item, key) = (try LibraryItem(row), try row["sort_key"])
    }
}

extension Transaction {
    /// What a customer owns, a page at a time. A book that is no longer sold stays.
    public func library(
        of customer: Customer.ID, _ query: LibraryQuery = LibraryQuery(), after cursor: Cursor? = nil,
        size: PageSize = .standard
    ) throws -> Page<LibraryItem> {
        let list = "library.\(query.sort.rawValue).\(query.progress?.rawValue ?? "all")"
        var conditions: [SQL] = ["true"]
        switch query.progress {
        case .finished: conditions.append("finished_at IS NOT NULL")
        case .unfinished: conditions.append("finished_at IS NULL")
        case nil: break
        }
        if let cursor { conditions.append(try beyond(cursor, of: list, by: query.sort)) }
        let listed: [ListedItem] = try all(
            """
            \(owned(by: customer, sortedBy: query.sort, where: conditions))
            LIMIT \(constant: size.rawValue + 1)
            """)
        let page = Page(listed, size: size) {
            Cursor(list: list, key: $0.key, id: $0.item.audiobook.rawValue)
        }
        return Page(items: page.items.map(\.item), next: page.next)
    }

    public func libraryItem(_ book: Audiobook.ID, of customer: Customer.ID) throws -> LibraryItem? {
        try first(owned(by: customer, sortedBy: .newest, where: ["audiobook_id = \(book)"]))
    }

    /// What is owned is brought in order before the books are read, and then no more of them are than a page takes.
    private func owned(by customer: Customer.ID, sortedBy sort: LibraryQuery.Sort, where conditions: [SQL])
        -> SQL
    {
        let titles: SQL =
            sort == .title ? "JOIN catalogue.audiobooks AS titled ON titled.id = audiobook_id" : ""
        let direction: SQL = sort == .title ? "ASC" : "DESC"
        return """
            SELECT book.id, slug, book.title, subtitle, edition.duration_ms, owned_since, exports,
                least(position_ms, edition.duration_ms) AS position_ms, moved_at, finished_at,
                owned.sort_key::text AS sort_key,
                ARRAY(\(names(of: .author))) AS authors, ARRAY(\(names(of: .narrator))) AS narrators
            FROM (
                SELECT audiobook_id AS book_id, owned_since, position_ms, moved_at, finished_at,
                    \(sortKey(sort)) AS sort_key
                FROM listening.library LEFT JOIN listening.positions USING (user_id, audiobook_id) \(titles)
                WHERE user_id = \(customer) AND \(conditions.joined(separator: " AND "))
                ORDER BY sort_key \(direction), book_id \(direction)
            ) AS owned
                JOIN catalogue.audiobooks AS book ON book.id = book_id
                JOIN catalogue.editions AS edition ON edition.id = current_edition_id
            ORDER BY owned.sort_key \(direction), book_id \(direction)
            """
    }

    private func sortKey(_ sort: LibraryQuery.Sort) -> SQL {
        switch sort {
        case .newest: "owned_since"
        case .recent: "COALESCE(moved_at, 'epoch')"
        case .title: "lower(title)"
        }
    }

    /// A cursor comes back from outside, so its key may be anything.
    private func beyond(
        _ cursor: Cursor, of list: String, by sort: LibraryQuery.Sort
    ) throws(ForeignCursor) -> SQL {
        guard cursor.list == list else { throw ForeignCursor() }
        switch sort {
        case .newest, .recent:
            guard let date = Date(sqlText: cursor.key) else { throw ForeignCursor() }
            return "(\(sortKey(sort)), audiobook_id) < (\(date)::timestamptz, \(cursor.id)::uuid)"
        case .title: return "(lower(title), audiobook_id) > (\(cursor.key), \(cursor.id)::uuid)"
        }
    }

    /// By what right a customer hears a book; or why they may not. A book nobody can see is none.
    public func entitlement(of customer: Customer.ID, to book: Audiobook.ID) throws -> Entitlement {
        let best: Entitlement? = try first(
            """
            SELECT id, audiobook_id, state, granted_at FROM listening.entitlements
            WHERE user_id = \(customer) AND audiobook_id = \(book)
            ORDER BY array_position(ARRAY['active', 'suspended', 'revoked'], state), granted_at LIMIT 1
            """)
        if let best {
            switch best.state {
            case .active: return best
            case .suspended: throw AccessError.suspended
            case .revoked: throw AccessError.revoked
            }
        }
        let isSold: Bool = try only(
            """
            SELECT EXISTS (SELECT 1 FROM catalogue.audiobooks
                WHERE id = \(book) AND state IN ('published', 'unlisted'))
            """)
        throw isSold ? AccessError.notEntitled : AccessError.noSuchBook
    }

    /// What a book plays now.
    public func currentEdition(of book: Audiobook.ID) throws -> Edition.ID? {
        try value("SELECT current_edition_id FROM catalogue.audiobooks WHERE id = \(book)")
    }
}
