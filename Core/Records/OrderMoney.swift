public import Bookshop
public import FoundationEssentials
public import Postgres

/// One try to be paid for an order, and what came of it.
public struct AttemptRecord: RowDecodable, Hashable, Sendable {
    public let id: PaymentAttempt.ID
    public let number: Int
    public let kind: PaymentAttempt.Kind
    public let state: PaymentAttempt.State
    public let amount: Money
    public let received: Money?
    /// What the money was taken for: `applied`, `surplus` or `mismatch`.
    public let disposition: String?
    public let failureCode: String?
    /// Under which names the provider knows it.
    public let sessionID: String?
    public let paymentIntentID: String?
    public let createdAt: Date
    public let expiresAt: Date?

    public init(_ row: borrowing Row) throws(PostgresError) {
        (id, number, kind, state) = (try row["id"], try row["number"], try row["kind"], try row["state"])
        (amount, received) = (try row.money("amount"), try row.money(ifAny: "amount_received"))
        (disposition, failureCode) = (try row["disposition"], try row["failure_code"])
        (sessionID, paymentIntentID) = (try row["session_id"], try row["payment_intent_id"])
        (createdAt, expiresAt) = (try row["created_at"], try row["expires_at"])
    }
}

/// A payment that the customer's bank disputes, as we know of it.
public struct DisputeRecord: RowDecodable, Hashable, Sendable {
    public let id: String
    public let amount: Money
    /// `warning`, `open`, `closed`, `won` or `lost`.
    public let state: String
    /// In the provider's words.
    public let status: String
    public let reason: String
    public let evidenceDueAt: Date?
    public let evidenceSubmissions: Int
    public let createdAt: Date

    public init(_ row: borrowing Row) throws(PostgresError) {
        (id, amount, state) = (try row["provider_dispute_id"], try row.money("amount"), try row["state"])
        (status, reason) = (try row["provider_status"], try row["reason"])
        (evidenceDueAt, evidenceSubmissions) = (try row["evidence_due_at"], try row["evidence_submissions"])
        createdAt = try row["created_at"]
    }
}

/// A fact of money: to us is positive, from us negative.
public struct LedgerEntry: RowDecodable, Hashable, Sendable {
    public let kind: String
    public let amount: Balance
    /// The provider's name of what moved it.
    public let object: String
    public let toldBy: String
    public let occurredAt: Date
    public let recordedAt: Date

    public init(_ row: borrowing Row) throws(PostgresError) {
        kind = try row["kind"]
        amount = Balance(minorUnits: try row["amount"], currency: try row["currency"])
        (object, toldBy) = (try row["provider_object_id"], try row["told_by"])
        (occurredAt, recordedAt) = (try row["occurred_at"], try row["recorded_at"])
    }
}

extension Transaction {
    /// All tries to be paid for an order, the first first.
    public func attempts(of order: Order.ID) throws -> [AttemptRecord] {
        try all(
            """
            SELECT id, number, kind, state, amount, currency, amount_received, disposition, failure_code,
                session_id, payment_intent_id, created_at, expires_at
            FROM sales.payment_attempts WHERE order_id = \(order) ORDER BY number LIMIT 200
            """)
    }

    public func disputes(of order: Order.ID) throws -> [DisputeRecord] {
        try all(
            """
            SELECT provider_dispute_id, amount, currency, state, provider_status, reason, evidence_due_at,
                evidence_submissions, created_at
            FROM sales.disputes WHERE order_id = \(order) ORDER BY created_at, provider_dispute_id LIMIT 200
            """)
    }

    /// What moved for an order, in the order in which we heard of it.
    public func ledger(of order: Order.ID) throws -> [LedgerEntry] {
        try all(
            """
            SELECT kind, amount, currency, provider_object_id, told_by, occurred_at, recorded_at
            FROM sales.ledger WHERE order_id = \(order) ORDER BY id LIMIT 500
            """)
    }
}
