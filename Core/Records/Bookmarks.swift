public import Bookshop
import FoundationEssentials
public import Postgres

extension Bookmark: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(
            id: try row["id"], audiobook: try row["audiobook_id"], milliseconds: try row["position_ms"],
            note: try row["note"], version: try row["version"], createdAt: try row["created_at"],
            changedAt: try row["changed_at"])
    }
}

/// Whether the bookmark is there for the first time.
public enum SavedBookmark: Equatable, Sendable {
    case made(Bookmark)
    case found(Bookmark)
}

extension Transaction {
    /// A customer's bookmarks in a book as they lie in it, a page at a time.
    public func bookmarks(
        of customer: Customer.ID, in book: Audiobook.ID, after cursor: Cursor? = nil,
        size: PageSize = .standard
    ) throws -> Page<Bookmark> {
        var beyond: SQL = "true"
        if let cursor {
            guard cursor.list == "bookmarks.\(book)", let place = Int(cursor.key) else {
                throw ForeignCursor()
            }
            beyond = "(mark.position_ms, mark.id) > (\(place)::bigint, \(cursor.id)::uuid)"
        }
        let listed: [ListedBookmark] = try all(
            """
            \(bookmarks(of: customer, in: book)) AND deleted_at IS NULL AND \(beyond)
            ORDER BY mark.position_ms, mark.id LIMIT \(constant: size.rawValue + 1)
            """)
        let page = Page(listed, size: size) {
            Cursor(list: "bookmarks.\(book)", key: "\($0.storedMilliseconds)", id: $0.bookmark.id.rawValue)
        }
        return Page(items: page.items.map(\.bookmark), next: page.next)
    }

    /// Makes a bookmark under a name of the customer's, or changes what is there on the version they have seen.
    /// The same again changes nothing and needs no version. The last place is taken once where the transaction is
    /// serializable.
    public func save(
        _ content: Bookmark.Content, as id: Bookmark.ID, of customer: Customer.ID, in book: Audiobook.ID,
        ifVersion version: Int? = nil
    ) throws -> SavedBookmark {
        guard let known = try locked(id, of: customer) else {
            guard version == nil else { throw BookmarkError.noSuchBookmark }
            return .made(try make(content, as: id, of: customer, in: book))
        }
        guard known.bookmark.audiobook == book else { throw BookmarkError.exists }
        guard !known.isDeleted else { throw BookmarkError.deleted }
        let isSame =
            known.storedMilliseconds == content.milliseconds && known.bookmark.note == content.note
        guard let version else {
            guard isSame else { throw BookmarkError.exists }
            return .found(known.bookmark)
        }
        guard version == known.bookmark.version else { throw BookmarkError.changedMeanwhile }
        if !isSame { try write(content, to: id, of: customer) }
        return .found(try bookmark(id, of: customer, in: book))
    }

    /// One that is there.
    public func bookmark(
        _ id: Bookmark.ID, of customer: Customer.ID, in book: Audiobook.ID
    ) throws -> Bookmark {
        let found: Bookmark? = try first(
            "\(bookmarks(of: customer, in: book)) AND deleted_at IS NULL AND mark.id = \(id)")
        guard let found else { throw BookmarkError.noSuchBookmark }
        return found
    }

    /// Deleted again, it is deleted still.
    public func delete(_ id: Bookmark.ID, of customer: Customer.ID, in book: Audiobook.ID) throws {
        let known = try run(
            """
            UPDATE listening.bookmarks
            SET note = '', changed_at = now(), version = version + 1, deleted_at = COALESCE(deleted_at, now())
            WHERE user_id = \(customer) AND id = \(id) AND audiobook_id = \(book)
            """)
        guard known > 0 else { throw BookmarkError.noSuchBookmark }
    }

    private func make(
        _ content: Bookmark.Content, as id: Bookmark.ID, of customer: Customer.ID, in book: Audiobook.ID
    ) throws -> Bookmark {
        let count: Int = try only(
            """
            SELECT count(*) FROM listening.bookmarks
            WHERE user_id = \(customer) AND audiobook_id = \(book) AND deleted_at IS NULL
            """)
        guard count < Bookmark.most else { throw BookmarkError.tooMany }
        try run(
            """
            INSERT INTO listening.bookmarks (user_id, id, audiobook_id, edition_id, position_ms, note)
            SELECT \(customer), \(id), id, current_edition_id, \(content.milliseconds), \(content.note)
            FROM catalogue.audiobooks WHERE id = \(book)
            """)
        return try bookmark(id, of: customer, in: book)
    }

    private func write(_ content: Bookmark.Content, to id: Bookmark.ID, of customer: Customer.ID) throws {
        try run(
            """
            UPDATE listening.bookmarks AS mark
            SET position_ms = \(content.milliseconds), note = \(content.note), version = mark.version + 1,
                changed_at = now(), edition_id = current_edition_id
            FROM catalogue.audiobooks AS book
            WHERE mark.user_id = \(customer) AND mark.id = \(id) AND book.id = mark.audiobook_id
            """)
    }

    /// In an edition that is shorter, what lay behind its end lies at it.
    private func bookmarks(of customer: Customer.ID, in book: Audiobook.ID) -> SQL {
        """
        SELECT mark.id, mark.audiobook_id, least(mark.position_ms, duration_ms) AS position_ms,
            mark.position_ms AS stored_ms, note, mark.version, mark.created_at, changed_at,
            deleted_at IS NOT NULL AS is_deleted
        FROM listening.bookmarks AS mark
            JOIN catalogue.audiobooks AS book ON book.id = mark.audiobook_id
            JOIN catalogue.editions AS edition ON edition.id = current_edition_id
        WHERE mark.user_id = \(customer) AND mark.audiobook_id = \(book)
        """
    }

    private func locked(_ id: Bookmark.ID, of customer: Customer.ID) throws -> ListedBookmark? {
        try first(
            """
            SELECT id, audiobook_id, position_ms, position_ms AS stored_ms, note, version, created_at,
                changed_at, deleted_at IS NOT NULL AS is_deleted
            FROM listening.bookmarks WHERE user_id = \(customer) AND id = \(id) FOR UPDATE
            """)
    }
}

/// A bookmark, and where it was put in the edition of its time.
private struct ListedBookmark: RowDecodable {
    let bookmark: Bookmark
    let storedMilliseconds: Int
    let isDeleted: Bool

    init(_ row: borrowing Row) throws(PostgresError) {
        bookmark = try Bookmark(row)
        (storedMilliseconds, isDeleted) = (try row["stored_ms"], try row["is_deleted"])
    }
}
