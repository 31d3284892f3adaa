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

extension AccessEvidence: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(
            title: try row["title"], action: try row["action"], ip: try row["ip"],
            userAgent: try row["user_agent"], at: try row["at"])
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

    /// When, from where and by what the books of an order were heard, the latest first: what a bank wants to
    /// see of somebody who says that they never got them.
    public func accessEvidence(of order: Order.ID, limit: Int = 100) throws -> [AccessEvidence] {
        try all(
            """
            SELECT title, action, host(ip) AS ip, user_agent, access_log.at
            FROM listening.entitlements
                JOIN listening.access_log ON entitlement_id = entitlements.id
                JOIN catalogue.audiobooks ON audiobooks.id = audiobook_id
            WHERE order_id = \(order)
            ORDER BY access_log.id DESC LIMIT \(limit)
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
