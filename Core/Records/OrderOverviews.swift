public import Bookshop
public import FoundationEssentials
public import Postgres

/// One line of a list of orders.
public struct OrderOverview: RowDecodable, Hashable, Sendable {
    public let id: Order.ID
    public let number: Int?
    public let state: Order.State
    public let total: Money
    public let bookCount: Int
    public let payment: PaymentStanding.Status
    public let createdAt: Date
    public let confirmedAt: Date?
    public let closedAt: Date?

    public init(_ row: borrowing Row) throws(PostgresError) {
        (id, number, state) = (try row["id"], try row["number"], try row["state"])
        (total, bookCount) = (try row.money("total"), try row["books"])
        (payment, createdAt) = (try row["payment"], try row["created_at"])
        (confirmedAt, closedAt) = (try row["confirmed_at"], try row["closed_at"])
    }
}

let overviewColumns: SQL = """
    o.id, o.number, o.state, o.total, o.currency, o.created_at, o.confirmed_at, o.closed_at,
    (SELECT count(*) FROM sales.order_lines WHERE order_id = o.id) AS books,
    (SELECT status FROM sales.order_payment_status WHERE order_id = o.id) AS payment
    """

extension Transaction {
    /// What a customer ever ordered, the newest first, a page at a time.
    public func orders(
        of customer: Customer.ID, in state: Order.State? = nil, after cursor: Cursor? = nil,
        size: PageSize = .standard
    ) throws -> Page<OrderOverview> {
        let list = "orders \(state?.rawValue ?? "")"
        var conditions: [SQL] = ["o.user_id = \(customer)"]
        if let state { conditions.append("o.state = \(state)") }
        if let cursor { conditions.append(try older(than: cursor, in: list)) }
        let orders: [OrderOverview] = try all(
            """
            SELECT \(overviewColumns) FROM sales.orders AS o
            WHERE \(conditions.joined(separator: " AND "))
            ORDER BY o.created_at DESC, o.id DESC LIMIT \(constant: size.rawValue + 1)
            """)
        return Page(orders, size: size) {
            Cursor(list: list, key: $0.createdAt.sqlText, id: $0.id.rawValue)
        }
    }

    /// Of orders sorted by when they were placed, those behind a cursor.
    func older(than cursor: Cursor, in list: String) throws -> SQL {
        guard cursor.list == list, let last = Date(sqlText: cursor.key) else { throw ForeignCursor() }
        return "(o.created_at, o.id) < (\(last)::timestamptz, \(cursor.id)::uuid)"
    }
}
