public import Bookshop
import FoundationEssentials
public import Postgres

extension Entitlement: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(
            id: try row["id"], audiobook: try row["audiobook_id"], state: try row["state"],
            grantedAt: try row["granted_at"])
    }
}

extension Transaction {
    /// Notes that somebody was given an address.
    public func record(_ access: AccessRecord) throws {
        try run(
            """
            INSERT INTO listening.access_log (entitlement_id, asset_id, action, ip, user_agent)
            VALUES (\(access.entitlement), \(access.asset), \(access.action), \(access.ip),
                \(access.userAgent.map { String($0.prefix(500)) }))
            """)
    }

    /// Forgets what no dispute can ask for any more. Younger evidence the schema keeps, whoever asks.
    public func forgetAccess(limit: Int) throws -> Int {
        try run(
            """
            DELETE FROM listening.access_log WHERE id IN (
                SELECT id FROM listening.access_log WHERE at < now() - interval '540 days' LIMIT \(limit))
            """)
    }
}
