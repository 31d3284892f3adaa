public import Bookshop
public import FoundationEssentials
public import Postgres

/// An event of the outbox as the back office sees it: how far it came.
public struct OutboxEntry: RowDecodable {
    public let event: OutboxEvent
    public let state: OutboxEvent.State
    /// Why it was put aside, in a word.
    public let note: String?
    /// How often somebody set out to tell it.
    public let attempts: Int
    /// When it is told next, as long as it waits for that and was told in vain before.
    public let nextTryAt: Date?
    public let publishedAt: Date?
    public let parkedAt: Date?

    public init(_ row: borrowing Row) throws(PostgresError) {
        (event, state, note) = (try OutboxEvent(row), try row["state"], try row["note"])
        (attempts, nextTryAt) = (try row["attempts"], try row["next_try_at"])
        (publishedAt, parkedAt) = (try row["published_at"], try row["parked_at"])
    }
}

private let columns: SQL = """
    id, topic, key, payload, created_at, trace_header, note, attempts, published_at, parked_at,
    CASE WHEN published_at IS NOT NULL THEN 'published' WHEN parked_at IS NOT NULL THEN 'parked'
        ELSE 'waiting' END AS state,
    CASE WHEN published_at IS NULL AND parked_at IS NULL AND next_try_at <> '-infinity'
        THEN next_try_at END AS next_try_at
    """

extension Transaction {
    /// What the shop tells of itself, the newest first.
    public func outboxEntries(
        in state: OutboxEvent.State? = nil, after cursor: Cursor? = nil, size: PageSize = .standard
    ) throws -> Page<OutboxEntry> {
        let list = "outbox \(state?.rawValue ?? "")"
        var conditions: [SQL] = []
        switch state {
        case .waiting: conditions.append("published_at IS NULL AND parked_at IS NULL")
        case .parked: conditions.append("parked_at IS NOT NULL")
        case .published: conditions.append("published_at IS NOT NULL")
        case nil: conditions.append("true")
        }
        if let cursor {
            guard cursor.list == list, let last = Int(cursor.key) else { throw ForeignCursor() }
            conditions.append("id < \(last)::bigint")
        }
        let entries: [OutboxEntry] = try all(
            """
            SELECT \(columns) FROM plumbing.outbox
            WHERE \(conditions.joined(separator: " AND ")) ORDER BY id DESC LIMIT \(constant: size.rawValue + 1)
            """)
        // Numbers tell the events apart: the id of the cursor is of no use here.
        return Page(entries, size: size) {
            Cursor(
                list: list, key: String($0.event.id),
                id: UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)))
        }
    }

    public func outboxEntry(_ id: OutboxEvent.ID) throws -> OutboxEntry? {
        try first("SELECT \(columns) FROM plumbing.outbox WHERE id = \(id)")
    }

    /// Lets an event that was put aside be told again, as if it had just been written. One that was not stays as it
    /// is; answers the note it was put aside with.
    public func unpark(_ id: OutboxEvent.ID) throws -> String? {
        // What it says before is in no RETURNING: the row is locked, and read as it was.
        try value(
            """
            WITH aside AS (
                SELECT id, note FROM plumbing.outbox WHERE id = \(id) AND parked_at IS NOT NULL FOR UPDATE)
            UPDATE plumbing.outbox AS event
            SET parked_at = NULL, note = NULL, attempts = 0, next_try_at = '-infinity'
            FROM aside WHERE event.id = aside.id
            RETURNING aside.note
            """)
    }
}
