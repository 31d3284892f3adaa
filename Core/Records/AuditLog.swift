public import Bookshop
public import FoundationEssentials
public import Postgres

/// One thing that somebody did.
public struct AuditEntry: RowDecodable {
    public let id: Int
    public let at: Date
    /// Nobody where the shop did it by itself.
    public let actor: Principal.ID?
    public let action: String
    public let subject: String
    /// JSON, as far as it was noted.
    public let before: JSONText?
    public let after: JSONText?
    /// The name under which the logs know the request.
    public let requestID: String?

    public init(_ row: borrowing Row) throws(PostgresError) {
        (id, at, actor) = (try row["id"], try row["at"], try row["actor"])
        (action, subject) = (try row["action"], try row["subject"])
        (before, after, requestID) = (try row["before"], try row["after"], try row["request_id"])
    }
}

/// What of the log is asked for.
public struct AuditQuery: Hashable, Sendable {
    public var actor: Principal.ID?
    public var subject: String?
    public var action: String?
    /// From this moment on, and before that one.
    public var from: Date?
    public var to: Date?

    public init(
        actor: Principal.ID? = nil, subject: String? = nil, action: String? = nil, from: Date? = nil,
        to: Date? = nil
    ) {
        (self.actor, self.subject, self.action) = (actor, subject, action)
        (self.from, self.to) = (from, to)
    }
}

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

    /// What was done, the newest first.
    public func auditLog(
        _ query: AuditQuery, after cursor: Cursor? = nil, size: PageSize = .standard
    ) throws -> Page<AuditEntry> {
        var conditions: [SQL] = ["true"]
        if let actor = query.actor { conditions.append("actor = \(actor)") }
        if let subject = query.subject { conditions.append("subject = \(subject)") }
        if let action = query.action { conditions.append("action = \(action)") }
        if let from = query.from { conditions.append("at >= \(from)::timestamptz") }
        if let to = query.to { conditions.append("at < \(to)::timestamptz") }
        if let cursor {
            guard cursor.list == "audit", let last = Int(cursor.key) else { throw ForeignCursor() }
            conditions.append("id < \(last)::bigint")
        }
        let entries: [AuditEntry] = try all(
            """
            SELECT id, at, actor, action, subject, before, after, request_id FROM plumbing.audit_log
            WHERE \(conditions.joined(separator: " AND ")) ORDER BY id DESC LIMIT \(constant: size.rawValue + 1)
            """)
        // The numbers of the log tell its lines apart: the id of the cursor is of no use here.
        return Page(entries, size: size) {
            Cursor(
                list: "audit", key: String($0.id),
                id: UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)))
        }
    }
}
