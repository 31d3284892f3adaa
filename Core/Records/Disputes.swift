public import Bookshop
public import FoundationEssentials
public import Postgres

extension Transaction {
    /// What the provider says of a dispute: it suspends, restores or revokes, and books what moved.
    public func record(_ fact: DisputeFact, toldBy teller: String, at: Date) throws -> FactOutcome {
        guard let intent = fact.paymentIntent else { return .park }
        return try only(
            """
            SELECT sales.record_dispute(\(fact.id), \(intent), \(fact.amount), \(fact.currency),
                \(fact.status), \(fact.reason), \(fact.isChargeRefundable), \(fact.evidenceDueAt),
                \(fact.evidenceSubmissions), \(fact.funds), \(teller), \(at))
            """)
    }

    /// A suspicion takes nothing away: it is shown to a person.
    public func record(_ warning: FraudWarning) throws -> FactOutcome {
        guard let intent = warning.paymentIntent else { return .park }
        return try only(
            "SELECT sales.record_fraud_warning(\(warning.id), \(intent), \(warning.type))")
    }

    /// What the customer of a disputed order was given, the latest first.
    public func evidence(ofDispute dispute: String, limit: Int) throws -> [AccessEvidence] {
        try all(
            """
            SELECT title, at, action, host(ip) AS ip, user_agent FROM sales.dispute_evidence
            WHERE provider_dispute_id = \(dispute) ORDER BY access_id DESC LIMIT \(limit)
            """)
    }
}

extension AccessEvidence: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(
            title: try row["title"], at: try row["at"], action: try row["action"], ip: try row["ip"],
            userAgent: try row["user_agent"])
    }
}
