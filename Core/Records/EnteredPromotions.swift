public import Bookshop
import FoundationEssentials
public import Postgres

extension EnteredPromotion: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        var reduction: Reduction?
        if let percent: Int = try row["percent"] {
            let isGood: Bool = try row["is_for_currency"]
            reduction = isGood ? .percent(percent) : nil
        } else {
            reduction = try row.money(ifAny: "amount").map(Reduction.amount)
        }
        let audiobooks: [Audiobook.ID] = try row["audiobooks"]
        self.init(
            id: try row["id"], code: try row["code"], standing: try row["standing"], reduction: reduction,
            minimum: try row.money(ifAny: "minimum"), audiobooks: Set(audiobooks))
    }
}

extension Transaction {
    /// The promotion of this code, whether it helps or not.
    public func promotion(under code: PromotionCode) throws -> Promotion.ID? {
        try value("SELECT id FROM sales.promotions WHERE code = \(code)")
    }

    /// Keeps a code with a cart, if it helps there now. One that stops helping later stays, and is told.
    ///
    /// Throws `PromotionError` when it does not, and `CheckoutError.emptyCart` when there is nothing to buy.
    public func enter(_ code: PromotionCode, intoCartOf owner: CartOwner) throws {
        guard let head = try lockCart(of: owner), let cart = try cart(of: owner), !cart.items.isEmpty else {
            throw CheckoutError.emptyCart
        }
        guard let id = try promotion(under: code) else { throw PromotionError.unknown }
        let entered = try promotion(id, enteredInto: head.id, in: head.currency, by: owner.customer)
        let tried = Cart(
            id: cart.id, currency: cart.currency, items: cart.items, version: cart.version, promotion: entered
        )
        _ = try tried.discount()
        try run("UPDATE sales.carts SET promotion_id = \(id) WHERE id = \(head.id)")
        try change(head.id)
    }

    /// Takes the code out again. Without one, nothing happens.
    public func removePromotion(fromCartOf owner: CartOwner) throws {
        guard let cart = try lockCart(of: owner), cart.promotion != nil else { return }
        try run("UPDATE sales.carts SET promotion_id = NULL WHERE id = \(cart.id)")
        try change(cart.id)
    }

    /// How a promotion stands for a cart.
    func promotion(
        _ id: Promotion.ID, enteredInto cart: Cart.ID, in currency: Currency, by customer: Customer.ID?
    ) throws -> EnteredPromotion? {
        try first(
            """
            SELECT id, code, percent, \(currency) AS currency, named.amount,
                NULLIF(named.minimum, 0) AS minimum,
                sales.promotion_standing(id, \(customer)::uuid, \(cart)::uuid) AS standing,
                ARRAY(SELECT sales.promoted_books(id, \(cart)::uuid)) AS audiobooks,
                named.promotion_id IS NOT NULL OR NOT EXISTS (
                    SELECT 1 FROM sales.promotion_currencies WHERE promotion_id = promotions.id) AS is_for_currency
            FROM sales.promotions LEFT JOIN sales.promotion_currencies AS named
                ON named.promotion_id = id AND named.currency = \(currency)
            WHERE id = \(id)
            """)
    }
}
