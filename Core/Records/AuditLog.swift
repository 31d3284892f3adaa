public import Bookshop
public import Postgres

extension Transaction {
    /// Notes who did what to what: `summary.approved`. What was noted stays.
    public func audit(
        _ action: String, of subject: String, by actor: Principal.ID?, requestID: String? = nil
    ) throws {
        try run(
            """
            INSERT INTO plumbing.audit_log (actor, action, subject, request_id)
            VALUES (\(actor), \(action), \(subject), \(requestID))
            """)
    }
}
