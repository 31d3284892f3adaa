public import Bookshop
public import Postgres

extension OutboxEvent: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        let payload: JSONText = try row["payload"]
        self.init(id: try row["id"], topic: try row["topic"], key: try row["key"], payload: payload.text)
    }
}

extension Transaction {
    /// Writes what is to be told once this transaction holds. The same fact, `once`, is told once.
    public func emit(
        _ topic: OutboxEvent.Topic, about key: String, once: String, _ payload: some Encodable
    ) throws {
        try run(
            """
            INSERT INTO plumbing.outbox (topic, key, dedupe_key, payload)
            VALUES (\(topic), \(key), \(topic.rawValue + ":" + once), \(try JSONText(encoding: payload)))
            ON CONFLICT (dedupe_key) DO NOTHING
            """)
    }

    /// What is still to be told, oldest first.
    public func unpublishedEvents(limit: Int) throws -> [OutboxEvent] {
        try all(
            """
            SELECT id, topic, key, payload FROM plumbing.outbox
            WHERE published_at IS NULL ORDER BY id LIMIT \(limit)
            """)
    }

    public func markPublished(_ events: [OutboxEvent]) throws {
        try run(
            """
            UPDATE plumbing.outbox SET published_at = now()
            WHERE id = ANY (\(events.map(\.id))::bigint[]) AND published_at IS NULL
            """)
    }
}
