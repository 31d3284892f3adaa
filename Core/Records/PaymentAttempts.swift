public import Bookshop
public import FoundationEssentials
public import Postgres

extension PaymentAttempt: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(
            id: try row["id"], order: try row["order_id"], kind: try row["kind"], state: try row["state"],
            amount: try row.money("amount"), idempotencyKey: try row["idempotency_key"],
            sessionID: try row["session_id"], sessionURL: try row["session_url"],
            paymentIntentID: try row["payment_intent_id"], expiresAt: try row["expires_at"])
    }
}

/// What became of an attempt, short of being paid, which only `record` can say.
public enum AttemptOutcome: Hashable, Sendable {
    /// Nobody knows whether the provider opened a page. The same key finds out.
    case indeterminate
    /// The customer has paid in a way that takes days.
    case processing
    case failed(code: String)
    case expired
    case cancelled

    fileprivate var state: PaymentAttempt.State {
        switch self {
        case .indeterminate: .indeterminate
        case .processing: .processing
        case .failed: .failed
        case .expired: .expired
        case .cancelled: .cancelled
        }
    }
}

private let columns: SQL = """
    id, order_id, kind, state, amount, currency, idempotency_key, session_id, session_url, payment_intent_id,
    expires_at
    """

extension Transaction {
    /// The attempt to be made for an order, written before anybody is called. As long as one may still bring
    /// money, that one is it.
    public func attempt(
        toPay order: Order.ID, by kind: PaymentAttempt.Kind = .checkoutSession, until expiresAt: Date
    ) throws -> PaymentAttempt {
        try run("SELECT 1 FROM sales.orders WHERE id = \(order) FOR UPDATE")
        if let live = try liveAttempt(of: order) { return live }
        return try certain(
            """
            INSERT INTO sales.payment_attempts (order_id, number, currency, kind, amount, expires_at)
            SELECT id, (SELECT COALESCE(max(number), 0) + 1
                    FROM sales.payment_attempts WHERE order_id = \(order)),
                currency, CASE WHEN total = 0 THEN 'free' ELSE \(kind) END, total,
                CASE WHEN total = 0 THEN NULL ELSE \(expiresAt)::timestamptz END
            FROM sales.orders WHERE id = \(order)
            RETURNING \(columns)
            """)
    }

    public func liveAttempt(of order: Order.ID) throws -> PaymentAttempt? {
        try first(
            """
            SELECT \(columns) FROM sales.payment_attempts
            WHERE order_id = \(order) AND state IN ('created', 'indeterminate', 'open', 'processing')
            """)
    }

    public func attempt(_ id: PaymentAttempt.ID) throws -> PaymentAttempt? {
        try first("SELECT \(columns) FROM sales.payment_attempts WHERE id = \(id)")
    }

    /// The trace in which an attempt was written, if it was traced.
    public func traceHeader(of attempt: PaymentAttempt.ID) throws -> String? {
        try value("SELECT trace_header FROM sales.payment_attempts WHERE id = \(attempt)")
    }

    public func attempt(withSession session: String) throws -> PaymentAttempt? {
        try first("SELECT \(columns) FROM sales.payment_attempts WHERE session_id = \(session)")
    }

    public func attempt(withIntent intent: String) throws -> PaymentAttempt? {
        try first("SELECT \(columns) FROM sales.payment_attempts WHERE payment_intent_id = \(intent)")
    }

    /// Payments that failed and could still be tried again by whoever has their secret.
    public func failedIntents(of order: Order.ID) throws -> [PaymentAttempt] {
        try all(
            """
            SELECT \(columns) FROM sales.payment_attempts
            WHERE order_id = \(order) AND kind = 'payment_intent' AND state = 'failed'
                AND payment_intent_id IS NOT NULL ORDER BY number
            """)
    }

    /// Notes the page that was opened. A webhook that was quicker has said more already, and that stays.
    public func record(_ session: CheckoutSession, for attempt: PaymentAttempt.ID) throws {
        try run(
            """
            UPDATE sales.payment_attempts
            SET session_id = \(session.id), session_url = COALESCE(\(session.url), session_url),
                state = CASE WHEN state IN ('created', 'indeterminate') THEN 'open' ELSE state END
            WHERE id = \(attempt) AND COALESCE(session_id, \(session.id)) = \(session.id)
            """)
    }

    /// Notes the payment that was begun, and that it may be paid.
    public func record(_ intent: PaymentIntent, for attempt: PaymentAttempt.ID) throws {
        try run(
            """
            UPDATE sales.payment_attempts
            SET payment_intent_id = \(intent.id),
                state = CASE WHEN state IN ('created', 'indeterminate') THEN 'open' ELSE state END
            WHERE id = \(attempt) AND COALESCE(payment_intent_id, \(intent.id)) = \(intent.id)
            """)
    }

    /// Notes by which payment an attempt is paid, as soon as anything tells of it.
    public func note(_ intent: String, of attempt: PaymentAttempt.ID) throws {
        try run(
            """
            UPDATE sales.payment_attempts SET payment_intent_id = \(intent)
            WHERE id = \(attempt) AND payment_intent_id IS NULL AND kind <> 'free' AND NOT EXISTS (
                SELECT 1 FROM sales.payment_attempts WHERE payment_intent_id = \(intent))
            """)
    }

    /// Moves an attempt, where its state still allows that; what comes too late changes nothing. Answers
    /// whether it moved.
    @discardableResult
    public func mark(
        _ attempt: PaymentAttempt.ID, as outcome: AttemptOutcome, session: String? = nil
    ) throws -> Bool {
        var code: String?
        if case .failed(let reason) = outcome { code = reason }
        return try run(
            """
            UPDATE sales.payment_attempts AS attempt
            SET state = \(outcome.state), failure_code = \(code),
                session_id = COALESCE(session_id, \(session))
            WHERE id = \(attempt) AND EXISTS (SELECT 1 FROM plumbing.legal_transition
                WHERE machine = 'attempt' AND from_state = attempt.state AND to_state = \(outcome.state))
            """) == 1
    }

    /// Attempts nobody heard of for too long: undecided ones after two minutes, open ones every ten, for the word
    /// that they were paid may have been lost; and pages that must have closed.
    public func staleAttempts(limit: Int) throws -> [PaymentAttempt] {
        try all(
            """
            SELECT \(columns) FROM sales.payment_attempts
            WHERE kind <> 'free' AND (
                state IN ('created', 'indeterminate') AND \(passed("created_at", 120))
                    AND \(passed("looked_at", 120))
                OR state IN ('open', 'processing') AND (
                    \(passed("created_at", 600)) AND \(passed("looked_at", 600))
                    OR expires_at <= now() - interval '120 seconds' AND \(passed("looked_at", 120))))
            ORDER BY COALESCE(looked_at, created_at) LIMIT \(limit)
            """)
    }

    /// That the provider is asked about it now.
    public func look(at attempt: PaymentAttempt.ID) throws {
        try run("UPDATE sales.payment_attempts SET looked_at = now() WHERE id = \(attempt)")
    }

    /// Orders that wait although nothing can bring money for them any more.
    public func forsakenOrders(idleSeconds: Int, limit: Int) throws -> [Order.ID] {
        try values(
            """
            SELECT id FROM sales.orders
            WHERE state = 'pending' AND created_at <= now() - make_interval(secs => \(idleSeconds))
                AND NOT EXISTS (SELECT 1 FROM sales.payment_attempts WHERE order_id = orders.id
                    AND payment_attempts.state IN ('created', 'indeterminate', 'open', 'processing'))
            ORDER BY created_at LIMIT \(limit)
            """)
    }

    /// Turns money into access: the one transaction of the webhook, of whoever asks the provider again, and
    /// of an order that costs nothing. Said again, it answers `duplicate` and changes nothing.
    public func record(_ fact: PaymentFact) throws -> PaymentOutcome {
        try only(
            """
            SELECT sales.record_payment(\(fact.attempt), \(fact.session), \(fact.paymentIntent),
                \(fact.amount), \(fact.currency), \(fact.toldBy), \(fact.occurredAt))
            """)
    }
}

/// Whether that instant, if there was one, is so many seconds ago.
func passed(_ instant: SQL, _ seconds: Int) -> SQL {
    "COALESCE(\(instant), '-infinity') <= now() - make_interval(secs => \(seconds))"
}
