public import Bookshop
import FoundationEssentials
public import Postgres

/// Whom an order is of, as far as those need it who help them.
public struct OrderingCustomer: RowDecodable, Hashable, Sendable {
    public let id: Customer.ID
    /// None of somebody who is gone.
    public let email: String?
    public let name: String?

    public init(_ row: borrowing Row) throws(PostgresError) {
        (id, email, name) = (try row["customer_id"], try row["email"], try row["name"])
    }
}

/// One line of the list of everybody's orders.
public struct CustomerOrder: RowDecodable, Hashable, Sendable {
    public let overview: OrderOverview
    public let customer: OrderingCustomer

    public init(_ row: borrowing Row) throws(PostgresError) {
        (overview, customer) = (try OrderOverview(row), try OrderingCustomer(row))
    }
}

/// Which of all orders are asked for.
public struct CustomerOrderQuery: Hashable, Sendable {
    public var state: Order.State?
    /// Of whoever has this address, in small letters or capitals.
    public var email: String?
    public var number: Int?

    public init(state: Order.State? = nil, email: String? = nil, number: Int? = nil) {
        (self.state, self.email, self.number) = (state, email, number)
    }

    /// A cursor is of no use to another question.
    fileprivate var list: String {
        "all orders \(state?.rawValue ?? "") \(number.map(String.init) ?? "") \(email?.lowercased() ?? "")"
    }
}

extension Transaction {
    /// Everybody's orders, the newest first, a page at a time.
    public func customerOrders(
        _ query: CustomerOrderQuery, after cursor: Cursor? = nil, size: PageSize = .standard
    ) throws -> Page<CustomerOrder> {
        var conditions: [SQL] = ["true"]
        if let state = query.state { conditions.append("o.state = \(state)") }
        if let number = query.number { conditions.append("o.number = \(number)") }
        if let email = query.email {
            // Asked first, for it decides how the orders are best found.
            let customers: [Customer.ID] = try values(
                """
                SELECT id FROM identity.users WHERE lower(email) = lower(\(email)) AND email IS NOT NULL LIMIT 100
                """)
            conditions.append("o.user_id = ANY (\(customers)::uuid[])")
        }
        if let cursor { conditions.append(try older(than: cursor, in: query.list)) }
        let orders: [CustomerOrder] = try all(
            """
            SELECT \(overviewColumns), buyer.id AS customer_id, buyer.email, buyer.name
            FROM sales.orders AS o JOIN identity.users AS buyer ON buyer.id = o.user_id
            WHERE \(conditions.joined(separator: " AND "))
            ORDER BY o.created_at DESC, o.id DESC LIMIT \(constant: size.rawValue + 1)
            """)
        return Page(orders, size: size) {
            Cursor(list: query.list, key: $0.overview.createdAt.sqlText, id: $0.overview.id.rawValue)
        }
    }

    public func orderingCustomer(of order: Order.ID) throws -> OrderingCustomer? {
        try first(
            """
            SELECT id AS customer_id, email, name FROM identity.users
            WHERE id = (SELECT user_id FROM sales.orders WHERE id = \(order))
            """)
    }
}
