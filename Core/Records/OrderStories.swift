public import Bookshop
public import FoundationEssentials
public import Postgres

/// An order, and all that became of it.
public struct OrderStory: Sendable {
    public let order: Order
    public let confirmedAt: Date?
    public let closedAt: Date?
    public let payment: PaymentStanding
    /// By which money may still come.
    public let liveAttempt: PaymentAttempt?
    public let history: [OrderStep]
    /// What its customer asked to have back.
    public let askedRefund: AskedRefund?

    /// Of its state, which is all that a person may change of it.
    public var version: EntityTag { EntityTag(version: history.last?.position ?? 0) }
}

private struct OrderTimes: RowDecodable {
    let confirmedAt: Date?
    let closedAt: Date?
    init(_ row: borrowing Row) throws(PostgresError) {
        (confirmedAt, closedAt) = (try row["confirmed_at"], try row["closed_at"])
    }
}

extension PaymentStanding: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        let currency: Currency = try row["currency"]
        func balance(_ column: String, _ row: borrowing Row) throws(PostgresError) -> Balance {
            Balance(minorUnits: try row[column], currency: currency)
        }
        self.init(
            status: try row["status"], charged: try balance("charged", row),
            refunded: try balance("refunded", row), disputed: try balance("disputed", row),
            net: try balance("net", row))
    }
}

extension Transaction {
    /// Another customer's order is none.
    public func orderStory(_ id: Order.ID, of customer: Customer.ID) throws -> OrderStory? {
        try order(id, of: customer).map { try story(of: $0) }
    }

    public func orderStory(_ id: Order.ID) throws -> OrderStory? {
        try order(id).map { try story(of: $0) }
    }

    private func story(of order: Order) throws -> OrderStory {
        let times: OrderTimes = try certain(
            "SELECT confirmed_at, closed_at FROM sales.orders WHERE id = \(order.id)")
        return OrderStory(
            order: order, confirmedAt: times.confirmedAt, closedAt: times.closedAt,
            payment: try certain(
                """
                SELECT status, charged, refunded, disputed, net, currency FROM sales.order_payment_status
                WHERE order_id = \(order.id)
                """),
            liveAttempt: try liveAttempt(of: order.id), history: try history(of: order.id),
            askedRefund: try askedRefund(of: order.id))
    }

    /// What to call a customer on paper: by name, or else by where they can be written to. In the form in which
    /// letters and their marks are one (NFC), as whoever sets it needs it.
    public func buyer(_ customer: Customer.ID) throws -> String? {
        try value("SELECT normalize(COALESCE(name, email), NFC) FROM identity.users WHERE id = \(customer)")
    }
}
