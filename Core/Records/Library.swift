public import Bookshop
import FoundationEssentials
public import Postgres

extension Entitlement: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(
            id: try row["id"], audiobook: try row["audiobook_id"], state: try row["state"],
            grantedAt: try row["granted_at"])
    }
}

extension LibraryItem: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(
            audiobook: try row["id"], slug: try row["slug"], title: try row["title"],
            subtitle: try row["subtitle"], authors: try row["authors"], narrators: try row["narrators"],
            durationMilliseconds: try row["duration_ms"], ownedSince: try row["owned_since"])
    }
}

extension Transaction {
    /// What a customer owns, the newest first, a page at a time. A book that is no longer sold stays.
    public func library(
        of customer: Customer.ID, after cursor: Cursor? = nil, size: PageSize = .standard
    ) throws -> Page<LibraryItem> {
        var beyond: SQL = "true"
        if let cursor {
            guard cursor.list == "library", let since = Date(sqlText: cursor.key) else {
                throw ForeignCursor()
            }
            beyond = "(owned_since, book.id) < (\(since)::timestamptz, \(cursor.id)::uuid)"
        }
        let items: [LibraryItem] = try all(
            """
            \(owned(by: customer)) AND \(beyond)
            ORDER BY owned_since DESC, book.id DESC LIMIT \(size.rawValue + 1)
            """)
        return Page(items, size: size) {
            Cursor(list: "library", key: $0.ownedSince.sqlText, id: $0.audiobook.rawValue)
        }
    }

    public func libraryItem(_ book: Audiobook.ID, of customer: Customer.ID) throws -> LibraryItem? {
        try first("\(owned(by: customer)) AND book.id = \(book)")
    }

    private func owned(by customer: Customer.ID) -> SQL {
        """
        SELECT book.id, slug, title, subtitle, edition.duration_ms, owned_since,
            ARRAY(\(names(of: .author))) AS authors, ARRAY(\(names(of: .narrator))) AS narrators
        FROM listening.library
            JOIN catalogue.audiobooks AS book ON book.id = audiobook_id
            JOIN catalogue.editions AS edition ON edition.id = current_edition_id
        WHERE user_id = \(customer)
        """
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

    public func record(_ access: AccessRecord) throws {
        try run(
            """
            INSERT INTO listening.access_log (entitlement_id, asset_id, action, ip, user_agent)
            VALUES (\(access.entitlement), \(access.asset), \(access.action), \(access.ip),
                \(access.userAgent.map { String($0.prefix(500)) }))
            """)
    }
}
