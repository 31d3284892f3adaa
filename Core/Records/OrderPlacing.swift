public import Bookshop
public import Postgres

extension Transaction {
    /// One order of a customer is placed after the other: a second request that comes at the same time waits
    /// here, and sees what the first has done once it is done. It is no lock on a row, which whoever records a
    /// payment may hold.
    public func waitForTurn(toPlaceFor customer: Customer.ID) throws {
        try run("SELECT pg_advisory_xact_lock(hashtextextended(\("place/\(customer)"), 0))")
    }

    /// Writes down what was agreed.
    /// A gift's code is known by its hash alone.
    ///
    /// Throws `PromotionError` when somebody else took the last use of the promotion at this moment.
    public func place(
        _ draft: OrderDraft, for customer: Customer.ID, under key: IdempotencyKey, requestHash: [UInt8],
        waiver: WithdrawalWaiver?,
        giftCode: (Gift.ID) throws -> [UInt8] = { _ in throw Unset("place.giftCode") }
    ) throws -> Order {
        try run("UPDATE sales.carts SET ordered_at = clock_timestamp() WHERE id = \(draft.cart)")
        let id = Order.ID()
        do { try write(draft, as: id, for: customer, under: key, requestHash, waiver) } catch let error
            as PostgresError
        {
            switch error.constraint {
            case "promotions_within_uses": throw PromotionError.usedUp
            case "promotion_uses_one_per_customer": throw PromotionError.usedBefore
            default: throw error
            }
        }
        for (index, line) in draft.lines.enumerated() {
            try write(line, number: index + 1, of: id)
            if let gift = line.gift { try write(gift, number: index + 1, of: id, giftCode) }
        }
        guard let order = try order(id) else { preconditionFailure("an order that is there was not found") }
        try remember(order, under: key, requestHash: requestHash)
        return order
    }

    private func write(
        _ draft: OrderDraft, as id: Order.ID, for customer: Customer.ID, under key: IdempotencyKey,
        _ requestHash: [UInt8], _ waiver: WithdrawalWaiver?
    ) throws {
        func sum(_ part: (OrderLine) -> Money) -> Int { draft.lines.reduce(0) { $0 + part($1).minorUnits } }
        try run(
            """
            INSERT INTO sales.orders (id, user_id, cart_id, idempotency_key, request_hash, currency, subtotal,
                discount, tax, included_tax, total, tax_country, tax_basis_points, tax_is_included, promotion_id,
                withdrawal_waiver_at, withdrawal_waiver_text_version)
            VALUES (\(id), \(customer), \(draft.cart), \(key), \(requestHash), \(draft.total.currency),
                \(sum(\.listPrice)), \(sum(\.discount)), \(sum(\.tax)), \(sum(\.includedTax)),
                \(draft.total.minorUnits), \(draft.taxRule?.country), \(draft.taxRule?.basisPoints),
                \(draft.taxRule?.isIncluded), \(draft.promotion), CASE WHEN \(waiver != nil) THEN now() END,
                \(waiver?.textVersion))
            """)
    }

    private func write(_ line: OrderLine, number: Int, of order: Order.ID) throws {
        try run(
            """
            INSERT INTO sales.order_lines (order_id, line_number, currency, audiobook_id, title, list_price,
                discount, tax, included_tax, total, is_gift)
            VALUES (\(order), \(number), \(line.listPrice.currency), \(line.audiobook), \(line.title),
                \(line.listPrice.minorUnits), \(line.discount.minorUnits), \(line.tax.minorUnits),
                \(line.includedTax.minorUnits), \(line.total.minorUnits), \(line.isGift))
            """)
    }

    private func write(
        _ gift: GiftWish, number: Int, of order: Order.ID, _ code: (Gift.ID) throws -> [UInt8]
    ) throws {
        let id = Gift.ID()
        try run(
            """
            INSERT INTO sales.gifts (id, order_id, line_number, code_hash, recipient_email, recipient_name,
                sender_name, message, deliver_on)
            VALUES (\(id), \(order), \(number), \(try code(id)), \(gift.recipientEmail), \(gift.recipientName),
                \(gift.senderName), \(gift.message), \(gift.deliverOn))
            """)
    }
}
