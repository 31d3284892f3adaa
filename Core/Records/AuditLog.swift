public import Bookshop
public import Postgres

extension Transaction {
    /// Notes who did what to what: `summary.approved`, and what it was before and after where that is worth
    /// knowing. What was noted stays.
    public func audit(
        _ action: String, of subject: String, by actor: Principal.ID?, before: (any Encodable)? = nil,
        after: (any Encodable)? = nil, requestID: String? = nil
    ) throws {
        try run(
            """
            INSERT INTO plumbing.audit_log (actor, action, subject, before, after, request_id)
            VALUES (\(actor), \(action), \(subject), \(try before.map { try JSONText(encoding: $0) }),
                \(try after.map { try JSONText(encoding: $0) }), \(requestID))
            """)
    }
}
