public import Bookshop
public import Postgres

/// Whose a cart is. A guest is known by what their browser holds, and the shop keeps only its SHA-256.
public enum CartOwner: Hashable, Sendable {
    case customer(Customer.ID)
    case guest(tokenHash: [UInt8])

    /// Who they are, where that is known.
    public var customer: Customer.ID? {
        guard case .customer(let id) = self else { return nil }
        return id
    }

    var condition: SQL {
        switch self {
        case .customer(let id): "user_id = \(id)"
        case .guest(let hash): "guest_token_hash = \(hash)"
        }
    }
}

extension LineItem: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        let gift: JSONText? = try row["gift"]
        self.init(
            audiobook: try row["audiobook_id"], slug: try row["slug"], title: try row["title"],
            price: try row.money(ifAny: "price"), seenPrice: try row.money("seen_price"),
            gift: gift == nil ? nil : try row.json("gift"))
    }
}

struct CartHead: RowDecodable {
    let id: Cart.ID
    let currency: Currency
    let version: Int
    let promotion: Promotion.ID?

    init(_ row: borrowing Row) throws(PostgresError) {
        (id, currency, version) = (try row["id"], try row["currency"], try row["version"])
        promotion = try row["promotion_id"]
    }

    static let columns: SQL = "id, currency, version, promotion_id"
}

extension Transaction {
    /// What somebody has chosen, at today's prices: a price is agreed when the order is placed. `nil` when
    /// they never chose anything since their last order.
    public func cart(of owner: CartOwner) throws -> Cart? {
        let head: CartHead? = try first(
            "SELECT \(CartHead.columns) FROM sales.carts WHERE \(owner.condition) AND state = 'active'")
        return try head.map { try whole($0, of: owner) }
    }

    public func cart(of customer: Customer.ID) throws -> Cart? { try cart(of: .customer(customer)) }

    private func whole(_ head: CartHead, of owner: CartOwner) throws -> Cart {
        Cart(
            id: head.id, currency: head.currency,
            items: try all(
                """
                SELECT item.audiobook_id, slug, title, seen_price, gift, \(head.currency) AS currency,
                    CASE WHEN book.state IN ('published', 'unlisted') THEN price.amount END AS price
                FROM sales.cart_items AS item
                    JOIN catalogue.audiobooks AS book ON book.id = item.audiobook_id
                    LEFT JOIN sales.prices AS price ON price.audiobook_id = book.id
                        AND price.currency = \(head.currency) AND price.valid @> now()
                WHERE cart_id = \(head.id) ORDER BY added_at, item.audiobook_id
                """),
            version: head.version,
            promotion: try head.promotion.flatMap {
                try promotion($0, enteredInto: head.id, in: head.currency, by: owner.customer)
            })
    }

    /// Puts a book in. One that is in there stays as it is. An empty cart takes the currency asked for.
    public func add(
        _ book: Audiobook.ID, as gift: GiftWish? = nil, toCartOf owner: CartOwner, in currency: Currency
    ) throws {
        let cart = try openCart(of: owner, in: currency)
        let price = try sellingPrice(of: book, in: cart.currency)
        let isThere: Bool = try only(
            """
            SELECT EXISTS (SELECT 1 FROM sales.cart_items WHERE cart_id = \(cart.id) AND audiobook_id = \(book))
            """)
        guard !isThere else { return }
        if gift == nil { try refuseOwned(book, by: owner) }
        let items: Int = try only("SELECT count(*) FROM sales.cart_items WHERE cart_id = \(cart.id)")
        guard items < Cart.maximumItems else { throw CartError.full }
        try run(
            """
            INSERT INTO sales.cart_items (cart_id, audiobook_id, seen_price, gift, added_at)
            VALUES (\(cart.id), \(book), \(price), \(try gift.map(JSONText.init(encoding:))), clock_timestamp())
            """)
        try change(cart.id)
    }

    public func add(_ book: Audiobook.ID, toCartOf customer: Customer.ID, in currency: Currency) throws {
        try add(book, toCartOf: .customer(customer), in: currency)
    }

    /// Makes a book of the cart a gift, or one's own again. Its price of today counts as seen.
    public func change(_ book: Audiobook.ID, to gift: GiftWish?, inCartOf owner: CartOwner) throws {
        guard let cart = try lockCart(of: owner) else { throw CartError.notInCart }
        if gift == nil { try refuseOwned(book, by: owner) }
        let changed = try run(
            """
            UPDATE sales.cart_items AS item
            SET gift = \(try gift.map(JSONText.init(encoding:))),
                seen_price = COALESCE((SELECT amount FROM sales.prices
                    WHERE audiobook_id = item.audiobook_id AND currency = \(cart.currency) AND valid @> now()),
                    seen_price)
            WHERE cart_id = \(cart.id) AND audiobook_id = \(book)
            """)
        guard changed == 1 else { throw CartError.notInCart }
        try change(cart.id)
    }

    /// Takes a book out. One that is not in there is out already.
    public func remove(_ book: Audiobook.ID, fromCartOf owner: CartOwner) throws {
        guard let cart = try lockCart(of: owner) else { return }
        let removed = try run(
            "DELETE FROM sales.cart_items WHERE cart_id = \(cart.id) AND audiobook_id = \(book)")
        if removed > 0 { try change(cart.id) }
    }

    public func remove(_ book: Audiobook.ID, fromCartOf customer: Customer.ID) throws {
        try remove(book, fromCartOf: .customer(customer))
    }

    public func clearCart(of owner: CartOwner) throws {
        guard let cart = try lockCart(of: owner) else { return }
        if try run("DELETE FROM sales.cart_items WHERE cart_id = \(cart.id)") > 0 { try change(cart.id) }
    }

    public func clearCart(of customer: Customer.ID) throws { try clearCart(of: .customer(customer)) }

    /// What a customer has now, or will have again when a dispute ends: nothing of it is sold to them twice.
    public func audiobooks(ownedBy customer: Customer.ID) throws -> Set<Audiobook.ID> {
        Set(
            try values(
                """
                SELECT DISTINCT audiobook_id FROM listening.entitlements
                WHERE user_id = \(customer) AND state <> 'revoked'
                """))
    }

    private func refuseOwned(_ book: Audiobook.ID, by owner: CartOwner) throws {
        guard let customer = owner.customer else { return }
        let isOwned: Bool = try only(
            """
            SELECT EXISTS (SELECT 1 FROM listening.entitlements
                WHERE user_id = \(customer) AND audiobook_id = \(book) AND state <> 'revoked')
            """)
        guard !isOwned else { throw CartError.alreadyOwned }
    }

    private func sellingPrice(of book: Audiobook.ID, in currency: Currency) throws -> Int {
        let state: Audiobook.State? = try value("SELECT state FROM catalogue.audiobooks WHERE id = \(book)")
        switch state {
        case nil, .draft: throw CartError.noSuchBook
        case .archived: throw CartError.notOnSale
        case .published, .unlisted: break
        }
        let price: Int? = try value(
            """
            SELECT amount FROM sales.prices
            WHERE audiobook_id = \(book) AND currency = \(currency) AND valid @> now()
            """)
        guard let price else { throw CartError.notOnSale }
        return price
    }
}

// What changes a cart locks its row first, and so does what places its order.
extension Transaction {
    func openCart(of owner: CartOwner, in currency: Currency) throws -> CartHead {
        switch owner {
        case .customer(let id):
            try run(
                """
                INSERT INTO sales.carts (user_id, currency) VALUES (\(id), \(currency))
                ON CONFLICT (user_id) WHERE state = 'active' DO NOTHING
                """)
        case .guest(let hash):
            try run(
                """
                INSERT INTO sales.carts (guest_token_hash, currency) VALUES (\(hash), \(currency))
                ON CONFLICT (guest_token_hash) WHERE state = 'active' DO NOTHING
                """)
        }
        guard let cart = try lockCart(of: owner) else {
            preconditionFailure("a cart that is there was not found")
        }
        guard cart.currency != currency else { return cart }
        return try first(
            """
            UPDATE sales.carts SET currency = \(currency)
            WHERE id = \(cart.id)
                AND NOT EXISTS (SELECT 1 FROM sales.cart_items WHERE cart_id = \(cart.id))
            RETURNING \(CartHead.columns)
            """) ?? cart
    }

    func lockCart(of owner: CartOwner) throws -> CartHead? {
        try first(
            """
            SELECT \(CartHead.columns) FROM sales.carts
            WHERE \(owner.condition) AND state = 'active' FOR UPDATE
            """)
    }

    func change(_ cart: Cart.ID) throws {
        try run("UPDATE sales.carts SET version = version + 1, changed_at = now() WHERE id = \(cart)")
    }
}
