public import Bookshop
public import Postgres

extension LineItem: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(
            audiobook: try row["audiobook_id"], slug: try row["slug"], title: try row["title"],
            price: try row.money(ifAny: "price"), seenPrice: try row.money("seen_price"))
    }
}

private struct CartHead: RowDecodable {
    let id: Cart.ID
    let currency: Currency
    let version: Int
    init(_ row: borrowing Row) throws(PostgresError) {
        (id, currency, version) = (try row["id"], try row["currency"], try row["version"])
    }
}

extension Transaction {
    /// What a customer has chosen, at today's prices: a price is agreed when the order is placed. `nil` when
    /// they never chose anything since their last order.
    public func cart(of customer: Customer.ID) throws -> Cart? {
        let head: CartHead? = try first(
            """
            SELECT id, currency, version FROM sales.carts
            WHERE user_id = \(customer) AND state = 'active'
            """)
        guard let head else { return nil }
        return Cart(
            id: head.id, currency: head.currency,
            items: try all(
                """
                SELECT item.audiobook_id, slug, title, seen_price, \(head.currency) AS currency,
                    CASE WHEN book.state IN ('published', 'unlisted') THEN price.amount END AS price
                FROM sales.cart_items AS item
                    JOIN catalogue.audiobooks AS book ON book.id = item.audiobook_id
                    LEFT JOIN sales.prices AS price ON price.audiobook_id = book.id
                        AND price.currency = \(head.currency) AND price.valid @> now()
                WHERE cart_id = \(head.id) ORDER BY added_at, item.audiobook_id
                """), version: head.version)
    }

    /// Puts a book in. One that is in there stays as it is. An empty cart takes the currency asked for.
    public func add(
        _ book: Audiobook.ID, toCartOf customer: Customer.ID, in currency: Currency
    ) throws {
        let cart = try openCart(of: customer, in: currency)
        let state: Audiobook.State? = try value("SELECT state FROM catalogue.audiobooks WHERE id = \(book)")
        switch state {
        case nil, .draft: throw CartError.noSuchBook
        case .archived: throw CartError.notOnSale
        case .published, .unlisted: break
        }
        guard try !owns(customer, book) else { throw CartError.alreadyOwned }
        let price: Int? = try value(
            """
            SELECT amount FROM sales.prices
            WHERE audiobook_id = \(book) AND currency = \(cart.currency) AND valid @> now()
            """)
        guard let price else { throw CartError.notOnSale }
        let items: Int = try only(
            """
            SELECT count(*) FROM sales.cart_items WHERE cart_id = \(cart.id) AND audiobook_id <> \(book)
            """)
        guard items < Cart.maximumItems else { throw CartError.full }
        let added = try run(
            """
            INSERT INTO sales.cart_items (cart_id, audiobook_id, seen_price)
            VALUES (\(cart.id), \(book), \(price)) ON CONFLICT (cart_id, audiobook_id) DO NOTHING
            """)
        if added == 1 { try change(cart.id) }
    }

    /// Takes a book out. One that is not in there is out already.
    public func remove(_ book: Audiobook.ID, fromCartOf customer: Customer.ID) throws {
        guard let cart = try lockCart(of: customer) else { return }
        let removed = try run(
            "DELETE FROM sales.cart_items WHERE cart_id = \(cart.id) AND audiobook_id = \(book)")
        if removed > 0 { try change(cart.id) }
    }

    public func clearCart(of customer: Customer.ID) throws {
        guard let cart = try lockCart(of: customer) else { return }
        if try run("DELETE FROM sales.cart_items WHERE cart_id = \(cart.id)") > 0 { try change(cart.id) }
    }

    /// What a customer has now, or will have again when a dispute ends: nothing of it is sold to them twice.
    public func audiobooks(ownedBy customer: Customer.ID) throws -> Set<Audiobook.ID> {
        Set(
            try values(
                """
                SELECT DISTINCT audiobook_id FROM listening.entitlements
                WHERE user_id = \(customer) AND state <> 'revoked'
                """))
    }

    private func owns(_ customer: Customer.ID, _ book: Audiobook.ID) throws -> Bool {
        try only(
            """
            SELECT EXISTS (SELECT 1 FROM listening.entitlements
                WHERE user_id = \(customer) AND audiobook_id = \(book) AND state <> 'revoked')
            """)
    }

    private func openCart(of customer: Customer.ID, in currency: Currency) throws -> CartHead {
        try run(
            """
            INSERT INTO sales.carts (user_id, currency) VALUES (\(customer), \(currency))
            ON CONFLICT (user_id) WHERE state = 'active' DO NOTHING
            """)
        guard let cart = try lockCart(of: customer) else {
            preconditionFailure("a cart that is there was not found")
        }
        guard cart.currency != currency else { return cart }
        return try first(
            """
            UPDATE sales.carts SET currency = \(currency)
            WHERE id = \(cart.id)
                AND NOT EXISTS (SELECT 1 FROM sales.cart_items WHERE cart_id = \(cart.id))
            RETURNING id, currency, version
            """) ?? cart
    }

    private func lockCart(of customer: Customer.ID) throws -> CartHead? {
        try first(
            """
            SELECT id, currency, version FROM sales.carts
            WHERE user_id = \(customer) AND state = 'active' FOR UPDATE
            """)
    }

    private func change(_ cart: Cart.ID) throws {
        try run("UPDATE sales.carts SET version = version + 1, changed_at = now() WHERE id = \(cart)")
    }
}
