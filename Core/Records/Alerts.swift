public import Bookshop
public import FoundationEssentials
public import Postgres

/// What a person must look at.
public struct Alert: RowDecodable, Sendable {
    public typealias ID = Identifier<Alert>

    public let id: ID
    public let kind: String
    /// What it is about, as its kind names it.
    public let subject: String
    /// Whose matter it is.
    public let audience: Role
    public let detail: JSONText
    public let createdAt: Date
    /// When it was over by itself.
    public let resolvedAt: Date?
    public let acknowledgedAt: Date?
    public let acknowledgedBy: Principal.ID?

    /// Whether nobody has seen to it and it is not over.
    public var isOpen: Bool { resolvedAt == nil && acknowledgedAt == nil }

    public init(_ row: borrowing Row) throws(PostgresError) {
        (id, kind, subject) = (try row["id"], try row["kind"], try row["subject"])
        (audience, detail) = (try row["audience"], try row["detail"])
        (createdAt, resolvedAt) = (try row["created_at"], try row["resolved_at"])
        (acknowledgedAt, acknowledgedBy) = (try row["acknowledged_at"], try row["acknowledged_by"])
    }
}

private let columns: SQL =
    "id, kind, subject, audience, detail, created_at, resolved_at, acknowledged_at, acknowledged_by"
/// As the index has it.
private let isOpen: SQL = "(acknowledged_at IS NULL AND resolved_at IS NULL)"

extension Transaction {
    /// The matters of these roles, the open ones first and of each the newest.
    public func alerts(
        for roles: [Role], open: Bool? = nil, after cursor: Cursor? = nil, size: PageSize = .standard
    ) throws -> Page<Alert> {
        let list = "alerts \(open.map(String.init) ?? "")"
        var conditions: [SQL] = ["audience = ANY (\(roles)::text[])"]
        if let open { conditions.append("\(isOpen) = \(open)") }
        if let cursor {
            // `t 2026-07-29 12:00:00+00`: whether the last was open, and when it was raised.
            let key = cursor.key
            guard cursor.list == list, key.dropFirst().first == " ",
                let wasOpen = Bool(sqlText: String(key.prefix(1))),
                let last = Date(sqlText: String(key.dropFirst(2)))
            else { throw ForeignCursor() }
            conditions.append(
                """
                (\(isOpen), created_at, id) < (\(wasOpen)::boolean, \(last)::timestamptz, \(cursor.id)::uuid)
                """)
        }
        let alerts: [Alert] = try all(
            """
            SELECT \(columns) FROM plumbing.alerts WHERE \(conditions.joined(separator: " AND "))
            ORDER BY \(isOpen) DESC, created_at DESC, id DESC LIMIT \(constant: size.rawValue + 1)
            """)
        return Page(alerts, size: size) {
            Cursor(list: list, key: "\($0.isOpen.sqlText) \($0.createdAt.sqlText)", id: $0.id.rawValue)
        }
    }

    /// Another's matter is none.
    public func alert(_ id: Alert.ID, for roles: [Role]) throws -> Alert? {
        try first(
            """
            SELECT \(columns) FROM plumbing.alerts WHERE id = \(id) AND audience = ANY (\(roles)::text[])
            """)
    }

    /// Notes that somebody sees to it. What is not open stays as it is; answers whether it was.
    public func acknowledge(_ id: Alert.ID, by person: Principal.ID) throws -> Bool {
        try run(
            """
            UPDATE plumbing.alerts SET acknowledged_at = now(), acknowledged_by = \(person)
            WHERE id = \(id) AND \(isOpen)
            """) == 1
    }
}
