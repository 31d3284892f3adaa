public import Bookshop
public import Postgres

/// What became of the books of a guest's cart when its owner signed in.
public struct CartMerge: Hashable, Sendable {
    public enum Fate: String, Hashable, Codable, Sendable {
        case added
        /// It was in the customer's cart already.
        case alreadyInCart = "already-in-cart"
        case alreadyOwned = "already-owned"
        /// It is not sold in the currency of the customer's cart.
        case notOnSale = "not-on-sale"
        case cartFull = "cart-full"
    }

    public struct Item: Hashable, Sendable {
        public let audiobook: Audiobook.ID
        public let title: String
        public let fate: Fate
    }

    public let items: [Item]
    public static let nothing = CartMerge(items: [])
}

extension Transaction {
    /// Unites a guest's cart with a customer's, once: whoever comes second, with whatever sign-in, finds no
    /// cart under the token any more. The cart of the customer keeps its currency unless it is empty, and its
    /// promotion if it has one.
    public func merge(guest tokenHash: [UInt8], intoCartOf customer: Customer.ID) throws -> CartMerge {
        guard let guest = try lockCart(of: .guest(tokenHash: tokenHash)) else { return .nothing }
        let items = try cart(of: .guest(tokenHash: tokenHash))?.items ?? []
        let own = try openCart(of: .customer(customer), in: guest.currency)
        let there = Set(
            try values(
                "SELECT audiobook_id FROM sales.cart_items WHERE cart_id = \(own.id)", as: Audiobook.ID.self))
        let owned = try audiobooks(ownedBy: customer)
        var room = Cart.maximumItems - there.count
        var merged: [CartMerge.Item] = []
        for item in items {
            var fate = CartMerge.Fate.added
            if there.contains(item.audiobook) {
                fate = .alreadyInCart
            } else if item.gift == nil, owned.contains(item.audiobook) {
                fate = .alreadyOwned
            } else if room == 0 {
                fate = .cartFull
            } else if try !move(item.audiobook, from: guest, to: own) {
                fate = .notOnSale
            } else {
                room -= 1
            }
            merged.append(CartMerge.Item(audiobook: item.audiobook, title: item.title, fate: fate))
        }
        try run("DELETE FROM sales.cart_items WHERE cart_id = \(guest.id)")
        try run(
            """
            UPDATE sales.carts
            SET state = 'merged', merged_into = \(own.id), version = version + 1, changed_at = now(),
                promotion_id = NULL
            WHERE id = \(guest.id)
            """)
        try run(
            """
            UPDATE sales.carts
            SET promotion_id = COALESCE(promotion_id, \(guest.promotion)), version = version + 1,
                changed_at = now()
            WHERE id = \(own.id)
            """)
        return CartMerge(items: merged)
    }

    /// In another currency, what is seen is the price of today; a book without one in it stays behind.
    private func move(_ book: Audiobook.ID, from guest: CartHead, to own: CartHead) throws -> Bool {
        try run(
            """
            INSERT INTO sales.cart_items (cart_id, audiobook_id, seen_price, gift, added_at)
            SELECT \(own.id), item.audiobook_id,
                CASE WHEN \(guest.currency == own.currency) THEN seen_price ELSE price.amount END, gift, added_at
            FROM sales.cart_items AS item LEFT JOIN sales.prices AS price
                ON price.audiobook_id = item.audiobook_id AND price.currency = \(own.currency)
                    AND price.valid @> now()
            WHERE item.cart_id = \(guest.id) AND item.audiobook_id = \(book)
                AND (\(guest.currency == own.currency) OR price.amount IS NOT NULL)
            """) == 1
    }

    /// Lets go of guests' carts that nobody touched for so long, with all that was in them. Answers how many.
    public func expireGuestCarts(idleSeconds: Int, limit: Int) throws -> Int {
        let idle: [Cart.ID] = try values(
            """
            SELECT id FROM sales.carts
            WHERE guest_token_hash IS NOT NULL AND state = 'active'
                AND changed_at <= now() - make_interval(secs => \(idleSeconds))
            ORDER BY changed_at LIMIT \(limit) FOR UPDATE SKIP LOCKED
            """)
        try run("DELETE FROM sales.cart_items WHERE cart_id = ANY (\(idle)::uuid[])")
        return try run(
            """
            UPDATE sales.carts SET state = 'expired', changed_at = now() WHERE id = ANY (\(idle)::uuid[])
            """)
    }
}
