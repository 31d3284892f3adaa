public import Bookshop
public import FoundationEssentials
public import Postgres

extension Refund: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(
            id: try row["id"], order: try row["order_id"], amount: try row.money("amount"),
            state: try row["state"], reason: try row["reason"], lines: try row["lines"],
            idempotencyKey: try row["idempotency_key"], failureReason: try row["failure_reason"],
            createdAt: try row["created_at"])
    }
}

private let columns: SQL = """
    id, order_id, amount, currency, state, reason, idempotency_key, failure_reason, created_at,
    ARRAY(SELECT line_number::integer FROM sales.refund_lines WHERE refund_id = refunds.id ORDER BY 1) AS lines
    """

/// A refund that the provider is to be asked for.
public struct RefundErrand: Sendable {
    public let request: RefundRequest
    /// The provider may have forgotten the key: it is asked first what became of it.
    public let isKeyOutworn: Bool
}

extension Transaction {
    public func refund(_ id: Refund.ID) throws -> Refund? {
        try first("SELECT \(columns) FROM sales.refunds WHERE id = \(id)")
    }

    /// What went back, or was meant to, of an order, the oldest first.
    public func refunds(of order: Order.ID) throws -> [Refund] {
        try all(
            """
            SELECT \(columns) FROM sales.refunds WHERE order_id = \(order)
            ORDER BY created_at, id LIMIT 200
            """)
    }

    /// Writes down what is to be given back, before anybody is called. Sent again under its key it is the same
    /// refund.
    ///
    /// Throws `RefundError`, and `IdempotencyKeyReused` when the key named another request.
    public func request(
        _ wish: RefundWish, by asker: Principal.ID, under key: IdempotencyKey, requestHash: [UInt8]
    ) throws -> Refund {
        let answer: RequestedRefund = try certain(
            """
            SELECT verdict, refund FROM sales.request_refund(\(wish.order), \(wish.lines)::integer[],
                \(wish.reason), \(asker), \(key), \(requestHash))
            """)
        switch answer.verdict {
        case "requested", "found": break
        case "key_reused": throw IdempotencyKeyReused()
        case "unknown_order": throw RefundError.noSuchOrder
        case "unknown_line": throw RefundError.noSuchLine
        case "not_paid": throw RefundError.notPaid
        case "nothing_left": throw RefundError.nothingLeft
        case "too_much": throw RefundError.tooMuch
        case "disputed": throw RefundError.disputed
        default: preconditionFailure("a verdict of our own that we do not know")
        }
        guard let id = answer.refund, let refund = try refund(id) else {
            preconditionFailure("a refund that was just written is gone")
        }
        if answer.verdict == "requested" {
            try audit("refund.requested", of: "refund:\(id)", by: asker)
        }
        return refund
    }

    /// What the provider is to be asked, once that is noted; nothing where it is known already what became of it.
    public func errand(for refund: Refund.ID) throws -> RefundErrand? {
        let errand: RefundErrand? = try first(
            """
            SELECT \(columns), attempt.payment_intent_id, attempt_id,
                COALESCE(asked_at <= now() - interval '23 hours', false) AS is_outworn
            FROM sales.refunds CROSS JOIN LATERAL (
                SELECT payment_intent_id FROM sales.payment_attempts WHERE id = attempt_id) AS attempt
            WHERE id = \(refund) AND state = 'requested' AND attempt.payment_intent_id IS NOT NULL
            """)
        if errand != nil {
            try run("UPDATE sales.refunds SET asked_at = COALESCE(asked_at, now()) WHERE id = \(refund)")
        }
        return errand
    }

    /// The provider knows nothing of it under the old key, which it may have forgotten.
    public func renewKey(of refund: Refund.ID) throws {
        try run(
            """
            UPDATE sales.refunds SET idempotency_key = 'ref_' || gen_random_uuid(), asked_at = NULL
            WHERE id = \(refund) AND state = 'requested'
            """)
    }

    /// What the provider says of a refund. Whoever tells it, and however often, it comes to the same.
    public func record(_ fact: RefundFact, toldBy teller: String, at: Date) throws -> FactOutcome {
        guard let state = fact.state, let intent = fact.paymentIntent else { return .park }
        return try only(
            """
            SELECT sales.record_refund(\(fact.id), \(fact.own), \(intent), \(fact.amount),
                \(fact.currency), \(state), \(fact.failureReason), \(teller), \(at))
            """)
    }

    /// That the provider will not.
    public func refuse(_ refund: Refund.ID, code: String) throws {
        try run("SELECT sales.refuse_refund(\(refund), \(code))")
    }

    /// How much has gone back of a payment, or is on its way, as far as we know.
    public func returned(of intent: String) throws -> Int {
        try only(
            """
            SELECT COALESCE(sum(refunds.amount), 0)::bigint FROM sales.refunds
                JOIN sales.payment_attempts AS attempt ON attempt.id = attempt_id
            WHERE attempt.payment_intent_id = \(intent) AND provider_refund_id IS NOT NULL
                AND refunds.state NOT IN ('failed', 'cancelled')
            """)
    }

    /// Refunds nobody knows the end of: those to be asked for, and those on their way for an hour. That they are
    /// looked at is noted.
    public func undecidedRefunds(limit: Int) throws -> [Refund] {
        let ids: [Refund.ID] = try values(
            """
            UPDATE sales.refunds SET looked_at = now() WHERE id IN (
                SELECT id FROM sales.refunds
                WHERE state = 'requested' AND \(passed("created_at", 20)) AND \(passed("looked_at", 50))
                    OR state IN ('pending', 'requires_action') AND \(passed("created_at", 3600))
                        AND \(passed("looked_at", 3600))
                ORDER BY created_at LIMIT \(limit))
            RETURNING id
            """)
        return try all(
            """
            SELECT \(columns) FROM sales.refunds WHERE id = ANY (\(ids)::uuid[]) ORDER BY created_at, id
            """)
    }

    /// The payment a refund gives back.
    public func payment(ofRefund refund: Refund.ID) throws -> String? {
        try value(
            """
            SELECT payment_intent_id FROM sales.payment_attempts
            WHERE id = (SELECT attempt_id FROM sales.refunds WHERE id = \(refund))
            """)
    }
}

private struct RequestedRefund: RowDecodable {
    let verdict: String
    let refund: Refund.ID?
    init(_ row: borrowing Row) throws(PostgresError) {
        (verdict, refund) = (try row["verdict"], try row["refund"])
    }
}

extension RefundErrand: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        request = RefundRequest(
            refund: try Refund(row), paymentIntent: try row["payment_intent_id"],
            attempt: try row["attempt_id"], idempotencyKey: try row["idempotency_key"])
        isKeyOutworn = try row["is_outworn"]
    }
}
