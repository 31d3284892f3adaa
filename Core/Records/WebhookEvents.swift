public import Bookshop
public import Postgres

extension WebhookEvent: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(
            provider: try row["provider"], id: try row["event_id"], type: try row["type"],
            apiVersion: try row["api_version"], isLive: try row["livemode"], objectID: try row["object_id"],
            createdAt: try row["provider_created_at"], raw: try row["raw"])
    }
}

/// What was done with an event.
public enum WebhookVerdict: Hashable, Sendable {
    case processed
    /// It does not concern us.
    case ignored
    /// A person must look at it; why, in a word.
    case parked(String)
    /// It is about a payment nobody has told us of yet.
    case waiting(for: String)
    /// It says less than there is to know: whoever can, asks the provider.
    case unfinished
}

extension Transaction {
    /// Keeps what was told, as it came, and answers whether it was told before.
    public func receive(_ event: WebhookEvent) throws -> WebhookReceipt {
        let stored = try run(
            """
            INSERT INTO plumbing.webhook_events
                (provider, event_id, type, api_version, livemode, object_id, provider_created_at, raw)
            VALUES (\(event.provider), \(event.id), \(event.type), \(event.apiVersion), \(event.isLive),
                \(event.objectID), \(event.createdAt), \(event.raw))
            ON CONFLICT (provider, event_id) DO NOTHING
            """)
        if stored == 1 { return .first }
        return .again(
            try only(
                """
                SELECT state FROM plumbing.webhook_events
                WHERE provider = \(event.provider) AND event_id = \(event.id)
                """))
    }

    /// Notes what was done with an event that waited. What was settled stays settled.
    public func settle(_ event: WebhookEvent, as verdict: WebhookVerdict) throws {
        let (state, note): (WebhookEvent.State, String?)
        switch verdict {
        case .processed: (state, note) = (.processed, nil)
        case .ignored: (state, note) = (.ignored, nil)
        case .parked(let reason): (state, note) = (.parked, reason)
        case .waiting(let intent): return try hold(event, for: intent)
        case .unfinished: return
        }
        try run(
            """
            UPDATE plumbing.webhook_events
            SET state = \(state), note = \(note), attempts = attempts + 1,
                processed_at = CASE WHEN \(state != .parked) THEN now() END
            WHERE provider = \(event.provider) AND event_id = \(event.id) AND state = 'received'
            """)
    }

    private func hold(_ event: WebhookEvent, for intent: String) throws {
        try run(
            """
            UPDATE plumbing.webhook_events SET waits_for = \(intent)
            WHERE provider = \(event.provider) AND event_id = \(event.id) AND state = 'received'
            """)
    }

    /// What was told of a payment before it was known, the oldest first.
    public func events(heldFor intent: String) throws -> [WebhookEvent] {
        try all(
            """
            SELECT provider, event_id, type, api_version, livemode, object_id, provider_created_at, raw
            FROM plumbing.webhook_events
            WHERE waits_for = \(intent) AND state = 'received' ORDER BY provider_created_at LIMIT 100
            """)
    }

    /// Events that were kept and never settled, because whoever received them did not live to.
    public func waitingWebhookEvents(
        of provider: WebhookEvent.Provider, idleSeconds: Int, limit: Int
    ) throws -> [WebhookEvent] {
        try all(
            """
            SELECT provider, event_id, type, api_version, livemode, object_id, provider_created_at, raw
            FROM plumbing.webhook_events
            WHERE provider = \(provider) AND state = 'received' AND next_try_at <= now()
                AND received_at <= now() - make_interval(secs => \(idleSeconds))
            ORDER BY received_at LIMIT \(limit)
            """)
    }

    /// Puts an event off that could not be settled, twice as long each time, up to an hour.
    public func putOff(_ event: WebhookEvent) throws {
        try run(
            """
            UPDATE plumbing.webhook_events
            SET attempts = attempts + 1,
                next_try_at = now() + make_interval(secs => LEAST(3600, 30 * 2 ^ LEAST(attempts, 10)))
            WHERE provider = \(event.provider) AND event_id = \(event.id) AND state = 'received'
            """)
    }
}
