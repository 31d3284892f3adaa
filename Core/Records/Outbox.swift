public import Bookshop
public import Postgres

extension OutboxEvent: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        let payload: JSONText = try row["payload"]
        self.init(
            id: try row["id"], topic: try row["topic"], key: try row["key"], payload: payload.text,
            createdAt: try row["created_at"], traceHeader: try row["trace_header"])
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

    /// Takes what is still to be told, oldest first, for half a minute: who asks meanwhile gets other events.
    /// What is not ended by then may be taken again, and each time later than the last, up to ten minutes.
    public func claimEvents(limit: Int) throws -> [OutboxEvent] {
        let claimed: [OutboxEvent] = try all(
            """
            UPDATE plumbing.outbox SET attempts = attempts + 1, next_try_at = clock_timestamp()
                + least(interval '30 seconds' * power(2, least(attempts, 10)), interval '10 minutes')
            WHERE id IN (
                SELECT id FROM plumbing.outbox
                WHERE published_at IS NULL AND parked_at IS NULL AND next_try_at <= clock_timestamp()
                ORDER BY id LIMIT \(limit) FOR UPDATE SKIP LOCKED)
            RETURNING id, topic, key, payload, created_at, trace_header
            """)
        return claimed.sorted { $0.id < $1.id }
    }

    public func markPublished(_ events: [OutboxEvent.ID]) throws {
        try run(
            """
            UPDATE plumbing.outbox SET published_at = clock_timestamp(), parked_at = NULL, note = NULL
            WHERE id = ANY (\(events)::bigint[]) AND published_at IS NULL
            """)
    }

    /// Puts an event aside that the bus will never take, for a person to look at. One that was told stays told.
    public func park(_ event: OutboxEvent.ID, because note: String) throws {
        try run(
            """
            UPDATE plumbing.outbox SET parked_at = clock_timestamp(), note = \(note)
            WHERE id = \(event) AND published_at IS NULL AND parked_at IS NULL
            """)
    }

    /// Forgets what was told a week ago. Of a refund or a dispute we may be told again for as long as a bank takes:
    /// that it is no news then is known by its row here.
    @discardableResult
    public func forgetPublishedEvents(limit: Int) throws -> Int {
        try run(
            """
            DELETE FROM plumbing.outbox WHERE id IN (
                SELECT id FROM plumbing.outbox
                WHERE published_at < now() - interval '7 days'
                    AND (topic NOT IN (\(OutboxEvent.Topic.refundProcessed), \(OutboxEvent.Topic.disputeOpened))
                        OR published_at < now() - interval '2 years')
                ORDER BY published_at LIMIT \(limit))
            """)
    }
}

extension Transaction {
    /// Counts an event for a consumer, in the transaction that acts on it. False, if it was counted before.
    public func consume(_ event: OutboxEvent.ID, by consumer: String) throws -> Bool {
        try run(
            """
            INSERT INTO plumbing.consumed (consumer, event_id) VALUES (\(consumer), \(event))
            ON CONFLICT DO NOTHING
            """) == 1
    }

    /// Forgets what was counted so long ago that nobody tells it any more: the bus tries for a day, dead
    /// letters are kept for two weeks.
    @discardableResult
    public func forgetConsumedEvents(limit: Int) throws -> Int {
        try run(
            """
            DELETE FROM plumbing.consumed WHERE (consumer, event_id) IN (
                SELECT consumer, event_id FROM plumbing.consumed
                WHERE consumed_at < now() - interval '30 days' ORDER BY consumed_at LIMIT \(limit))
            """)
    }
}
