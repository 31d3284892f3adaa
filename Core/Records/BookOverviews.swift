public import Bookshop
public import FoundationEssentials
public import Postgres

/// One line of the editors' list of books.
public struct BookOverview: RowDecodable, Hashable, Sendable {
    public let id: Audiobook.ID
    public let title: String
    public let authors: [String]
    public let state: Audiobook.State
    public let hasRecording: Bool
    public let createdAt: Date

    public init(_ row: borrowing Row) throws(PostgresError) {
        (id, title, state) = (try row["id"], try row["title"], try row["state"])
        (authors, hasRecording) = (try row["authors"], try row["has_recording"])
        createdAt = try row["created_at"]
    }
}

extension Transaction {
    /// All books, those nobody else sees among them, the newest first, a page at a time.
    public func books(
        in state: Audiobook.State? = nil, titled words: String? = nil, after cursor: Cursor? = nil,
        size: PageSize = .standard
    ) throws -> Page<BookOverview> {
        let list = "books \(state?.rawValue ?? "")"
        var conditions: [SQL] = ["true"]
        if let state { conditions.append("o.state = \(state)") }
        if let words { conditions.append("lower(o.title) LIKE \(containing(words))") }
        if let cursor { conditions.append(try older(than: cursor, in: list)) }
        let books: [BookOverview] = try all(
            """
            SELECT o.id, o.title, o.state, o.current_edition_id IS NOT NULL AS has_recording, o.created_at,
                ARRAY(SELECT name FROM catalogue.audiobook_contributors JOIN catalogue.contributors
                        ON contributors.id = contributor_id
                    WHERE audiobook_id = o.id AND role = 'author' ORDER BY position) AS authors
            FROM catalogue.audiobooks AS o
            WHERE \(conditions.joined(separator: " AND "))
            ORDER BY o.created_at DESC, o.id DESC LIMIT \(constant: size.rawValue + 1)
            """)
        return Page(books, size: size) {
            Cursor(list: list, key: $0.createdAt.sqlText, id: $0.id.rawValue)
        }
    }
}
