public import Bookshop
public import Postgres

extension AskedRefund.Reason: SQLValue {}

extension AskedRefund: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(lines: try row["lines"], reason: try row["reason"], askedAt: try row["asked_at"])
    }
}

extension Transaction {
    /// What was asked for last of an order.
    public func askedRefund(of order: Order.ID) throws -> AskedRefund? {
        try first("SELECT lines, reason, asked_at FROM sales.refund_requests WHERE order_id = \(order)")
    }

    /// Asks for money back, in the place of what was asked before. The same, asked again, stays as it was.
    public func askForRefund(of order: Order.ID, lines: [Int], because reason: AskedRefund.Reason) throws {
        try run(
            """
            INSERT INTO sales.refund_requests AS known (order_id, lines, reason)
            VALUES (\(order), \(lines)::smallint[], \(reason))
            ON CONFLICT (order_id) DO UPDATE
            SET lines = EXCLUDED.lines, reason = EXCLUDED.reason, asked_at = EXCLUDED.asked_at
            WHERE (known.lines, known.reason) IS DISTINCT FROM (EXCLUDED.lines, EXCLUDED.reason)
            """)
    }
}
