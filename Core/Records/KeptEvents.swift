public import Bookshop
public import FoundationEssentials
public import Postgres

/// A webhook event as the back office sees it: how far it came, and nothing of what it says.
public struct KeptEvent: RowDecodable {
    public let provider: WebhookEvent.Provider
    public let id: String
    public let type: String
    public let apiVersion: String?
    public let isLive: Bool
    public let objectID: String?
    public let state: WebhookEvent.State
    /// Why it was parked, in a word.
    public let note: String?
    public let attempts: Int
    public let createdAt: Date
    public let receivedAt: Date
    /// When it is tried next, as long as it waits for that.
    public let nextTryAt: Date?
    public let processedAt: Date?
    fileprivate let key: UUID

    public init(_ row: borrowing Row) throws(PostgresError) {
        (provider, id, type) = (try row["provider"], try row["event_id"], try row["type"])
        (apiVersion, isLive) = (try row["api_version"], try row["livemode"])
        (objectID, state, note) = (try row["object_id"], try row["state"], try row["note"])
        (attempts, createdAt) = (try row["attempts"], try row["provider_created_at"])
        (receivedAt, nextTryAt) = (try row["received_at"], try row["next_try_at"])
        (processedAt, key) = (try row["processed_at"], try row["key"])
    }
}

private let columns: SQL = """
    provider, event_id, type, api_version, livemode, object_id, state, note, attempts, provider_created_at,
    received_at, CASE WHEN state = 'received' THEN next_try_at END AS next_try_at, processed_at,
    plumbing.event_key(provider, event_id) AS key
    """

extension Transaction {
    /// What was told by other services, the newest first.
    public func keptEvents(
        in state: WebhookEvent.State? = nil, after cursor: Cursor? = nil, size: PageSize = .standard
    ) throws -> Page<KeptEvent> {
        let list = "events \(state?.rawValue ?? "")"
        var conditions: [SQL] = ["true"]
        if let state { conditions.append("state = \(state)") }
        if let cursor {
            guard cursor.list == list, let last = Date(sqlText: cursor.key) else { throw ForeignCursor() }
            conditions.append(
                """
                (received_at, plumbing.event_key(provider, event_id))
                    < (\(last)::timestamptz, \(cursor.id)::uuid)
                """)
        }
        let events: [KeptEvent] = try all(
            """
            SELECT \(columns) FROM plumbing.webhook_events
            WHERE \(conditions.joined(separator: " AND "))
            ORDER BY received_at DESC, plumbing.event_key(provider, event_id) DESC
            LIMIT \(constant: size.rawValue + 1)
            """)
        return Page(events, size: size) { Cursor(list: list, key: $0.receivedAt.sqlText, id: $0.key) }
    }

    public func keptEvent(_ id: String, of provider: WebhookEvent.Provider) throws -> KeptEvent? {
        try first(
            """
            SELECT \(columns) FROM plumbing.webhook_events
            WHERE provider = \(provider) AND event_id = \(id)
            """)
    }

    /// Lets a parked event be settled again by whoever settles what waits. One that is not parked stays as it
    /// is; answers the note it was parked with.
    public func unpark(_ id: String, of provider: WebhookEvent.Provider) throws -> String? {
        try value(
            """
            UPDATE plumbing.webhook_events SET state = 'received', next_try_at = now()
            WHERE provider = \(provider) AND event_id = \(id) AND state = 'parked'
            RETURNING note
            """)
    }
}
