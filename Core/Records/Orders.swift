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
    let taxRule: TaxRule?
    let waiver: String?
    let promotion: Promotion.ID?

    init(_ row: borrowing Row) throws(PostgresError) {
        (id, number, customer) = (try row["id"], try row["number"], try row["user_id"])
        (cart, state) = (try row["cart_id"], try row["state"])
        (total, createdAt) = (try row.money("total"), try row["created_at"])
        if let country: Country = try row["tax_country"] {
            taxRule = TaxRule(
                country: country, basisPoints: try row["tax_basis_points"],
                isIncluded: try row["tax_is_included"])
        } else {
            taxRule = nil
        }
        (waiver, promotion) = (try row["withdrawal_waiver_text_version"], try row["promotion_id"])
    }
}

extension OrderLine: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(
            audiobook: try row["audiobook_id"], title: try row["title"],
            listPrice: try row.money("list_price"),
            discount: try row.money("discount"), tax: try row.money("tax"),
            includedTax: try row.money("included_tax"), gift: try Self.gift(row))
    }

    private static func gift(_ row: borrowing Row) throws(PostgresError) -> GiftWish? {
        guard try row["is_gift"] as Bool, let email: EmailAddress = try row["recipient_email"] else {
            return nil
        }
        return GiftWish(
            recipientEmail: email, recipientName: try row["recipient_name"],
            senderName: try row["sender_name"],
            message: try row["message"], deliverOn: try row["deliver_on"])
    }
}

private let columns: SQL = """
    id, number, user_id, cart_id, state, total, currency, created_at, tax_country, tax_basis_points,
    tax_is_included, withdrawal_waiver_text_version, promotion_id
    """

extension Transaction {
    /// The order this customer already placed under this key, if the request is a repetition.
    ///
    /// Throws `IdempotencyKeyReused` when it was another request.
    public func order(
        of customer: Customer.ID, under key: IdempotencyKey, requestHash: [UInt8]
    ) throws -> Order? {
        let head: OrderHead? = try first(
            """
            SELECT \(columns) FROM sales.orders WHERE id = (
                SELECT order_id FROM sales.order_keys WHERE user_id = \(customer) AND key = \(key))
            """)
        guard let head else { return nil }
        let isSame: Bool = try only(
            """
            SELECT request_hash = \(requestHash) FROM sales.order_keys
            WHERE user_id = \(customer) AND key = \(key)
            """)
        guard isSame else { throw IdempotencyKeyReused() }
        return try whole(head)
    }

    /// Lets an order be found under one more key.
    public func remember(_ order: Order, under key: IdempotencyKey, requestHash: [UInt8]) throws {
        try run(
            """
            INSERT INTO sales.order_keys (user_id, key, request_hash, order_id)
            VALUES (\(order.customer), \(key), \(requestHash), \(order.id))
            """)
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
                SELECT audiobook_id, title, list_price, discount, tax, included_tax, currency, line.is_gift,
                    recipient_email, recipient_name, sender_name, message, deliver_on
                FROM sales.order_lines AS line LEFT JOIN sales.gifts AS gift USING (order_id, line_number)
                WHERE order_id = \(head.id) ORDER BY line_number
                """), total: head.total, createdAt: head.createdAt, taxRule: head.taxRule,
            waiver: head.waiver.map(WithdrawalWaiver.init), promotion: head.promotion)
    }
}

/// How an order ends that nobody pays for.
public enum OrderEnd: String, Hashable, Sendable { case cancelled, expired }
