public import Bookshop
public import FoundationEssentials
public import Postgres

extension PaymentAttempt: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(
            id: try row["id"], order: try row["order_id"], kind: try row["kind"], state: try row["state"],
            amount: try row.money("amount"), idempotencyKey: try row["idempotency_key"],
            sessionID: try row["session_id"], sessionURL: try row["session_url"],
            expiresAt: try row["expires_at"])
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
    id, order_id, kind, state, amount, currency, idempotency_key, session_id, session_url, expires_at
    """

extension Transaction {
    /// The attempt to be made for an order, written before anybody is called. As long as one may still bring
    /// money, that one is it.
    public func attempt(toPay order: Order.ID, until expiresAt: Date) throws -> PaymentAttempt {
        try run("SELECT 1 FROM sales.orders WHERE id = \(order) FOR UPDATE")
        if let live = try liveAttempt(of: order) { return live }
        return try certain(
            """
            INSERT INTO sales.payment_attempts (order_id, number, currency, kind, amount, expires_at)
            SELECT id, (SELECT COALESCE(max(number), 0) + 1
                    FROM sales.payment_attempts WHERE order_id = \(order)),
                currency, CASE WHEN total = 0 THEN 'free' ELSE 'checkout_session' END, total,
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

    public func attempt(withSession session: String) throws -> PaymentAttempt? {
        try first("SELECT \(columns) FROM sales.payment_attempts WHERE session_id = \(session)")
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
            SET state = \(outcome.state), failure_code = COALESCE(\(code), failure_code),
                session_id = COALESCE(session_id, \(session))
            WHERE id = \(attempt) AND EXISTS (SELECT 1 FROM plumbing.legal_transition
                WHERE machine = 'attempt' AND from_state = attempt.state AND to_state = \(outcome.state))
            """) == 1
    }

    /// Attempts nobody heard of for too long: undecided ones, and pages that must have closed.
    public func staleAttempts(idleSeconds: Int, limit: Int) throws -> [PaymentAttempt] {
        try all(
            """
            SELECT \(columns) FROM sales.payment_attempts
            WHERE state IN ('created', 'indeterminate')
                    AND created_at <= now() - make_interval(secs => \(idleSeconds))
                OR state IN ('open', 'processing')
                    AND expires_at <= now() - make_interval(secs => \(idleSeconds))
            ORDER BY created_at LIMIT \(limit)
            """)
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
