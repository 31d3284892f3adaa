public import Bookshop
import FoundationEssentials
public import Postgres

private struct OrderHead: RowDecodable {
    let id: Order.ID
    let number: Int?
    let customer: Customer.ID
    let cart: Cart.ID?
    let state: Order.State
    let total: Money
    let createdAt: Date

    init(_ row: borrowing Row) throws(PostgresError) {
        (id, number, customer) = (try row["id"], try row["number"], try row["user_id"])
        (cart, state) = (try row["cart_id"], try row["state"])
        (total, createdAt) = (try row.money("total"), try row["created_at"])
    }
}

extension OrderLine: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(audiobook: try row["audiobook_id"], title: try row["title"], price: try row.money("total"))
    }
}

private let columns: SQL = "id, number, user_id, cart_id, state, total, currency, created_at"

extension Transaction {
    /// The order this customer already placed under this key, if the request is a repetition.
    ///
    /// Throws `IdempotencyKeyReused` when it was another request.
    public func order(
        of customer: Customer.ID, under key: IdempotencyKey, requestHash: [UInt8]
    ) throws -> Order? {
        let head: OrderHead? = try first(
            """
            SELECT \(columns) FROM sales.orders WHERE user_id = \(customer) AND idempotency_key = \(key)
            """)
        guard let head else { return nil }
        guard try only("SELECT request_hash = \(requestHash) FROM sales.orders WHERE id = \(head.id)") else {
            throw IdempotencyKeyReused()
        }
        return try whole(head)
    }

    /// The one order that waits to be paid for this cart. There is never a second: it is closed first.
    public func pendingOrder(of cart: Cart.ID) throws -> Order? {
        let head: OrderHead? = try first(
            "SELECT \(columns) FROM sales.orders WHERE cart_id = \(cart) AND state = 'pending'")
        return try head.map { try whole($0) }
    }

    public func order(_ id: Order.ID) throws -> Order? {
        let head: OrderHead? = try first("SELECT \(columns) FROM sales.orders WHERE id = \(id)")
        return try head.map { try whole($0) }
    }

    /// Another customer's order is none.
    public func order(_ id: Order.ID, of customer: Customer.ID) throws -> Order? {
        let head: OrderHead? = try first(
            "SELECT \(columns) FROM sales.orders WHERE id = \(id) AND user_id = \(customer)")
        return try head.map { try whole($0) }
    }

    /// Writes down what was agreed. Two who place one cart at once meet at its row, and the second finds the
    /// order of the first when its transaction is run again.
    public func place(
        _ draft: OrderDraft, for customer: Customer.ID, under key: IdempotencyKey, requestHash: [UInt8],
        waiver: WithdrawalWaiver?
    ) throws -> Order {
        try run("UPDATE sales.carts SET ordered_at = clock_timestamp() WHERE id = \(draft.cart)")
        let id = Order.ID()
        let total = draft.total
        try run(
            """
            INSERT INTO sales.orders (id, user_id, cart_id, idempotency_key, request_hash, currency, subtotal,
                total, withdrawal_waiver_at, withdrawal_waiver_text_version)
            VALUES (\(id), \(customer), \(draft.cart), \(key), \(requestHash), \(total.currency),
                \(total.minorUnits), \(total.minorUnits), CASE WHEN \(waiver != nil) THEN now() END,
                \(waiver?.textVersion))
            """)
        for (index, line) in draft.lines.enumerated() {
            try run(
                """
                INSERT INTO sales.order_lines
                    (order_id, line_number, currency, audiobook_id, title, list_price, total)
                VALUES (\(id), \(index + 1), \(line.price.currency), \(line.audiobook), \(line.title),
                    \(line.price.minorUnits), \(line.price.minorUnits))
                """)
        }
        let head: OrderHead = try certain("SELECT \(columns) FROM sales.orders WHERE id = \(id)")
        return try whole(head)
    }

    /// Gives up an order that waits, unless money may still come for it. Answers whether it is closed now.
    public func close(_ order: Order.ID, as end: OrderEnd) throws -> Bool {
        let state: Order.State? = try value("SELECT state FROM sales.orders WHERE id = \(order) FOR UPDATE")
        guard state == .pending else { return state == .cancelled || state == .expired }
        return try run(
            """
            UPDATE sales.orders SET state = \(end.rawValue), closed_at = now()
            WHERE id = \(order) AND state = 'pending' AND NOT EXISTS (
                SELECT 1 FROM sales.payment_attempts WHERE order_id = \(order)
                    AND payment_attempts.state IN ('created', 'indeterminate', 'open', 'processing'))
            """) == 1
    }

    /// How an order stands with money, by the ledger: `paid`, `unpaid`, `partially_refunded`, ….
    public func paymentStatus(of order: Order.ID) throws -> String? {
        try value("SELECT status FROM sales.order_payment_status WHERE order_id = \(order)")
    }

    private func whole(_ head: OrderHead) throws -> Order {
        Order(
            id: head.id, number: head.number, customer: head.customer, cart: head.cart, state: head.state,
            lines: try all(
                """
                SELECT audiobook_id, title, total, currency FROM sales.order_lines
                WHERE order_id = \(head.id) ORDER BY line_number
                """), total: head.total, createdAt: head.createdAt)
    }
}

/// How an order ends that nobody pays for.
public enum OrderEnd: String, Hashable, Sendable { case cancelled, expired }
