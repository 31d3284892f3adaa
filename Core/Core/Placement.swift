public import Bookshop
import FoundationEssentials
internal import Lambda
internal import Postgres
internal import Records

/// Where an order stands before anybody is called.
public enum Placement {
    /// With the attempt it is to be paid by; none when it needs no more paying. A replay is the same request
    /// sent again under its key.
    case placed(Order, PaymentAttempt?, isReplay: Bool)
    /// One that waits for what the cart was, and is no more.
    case outdated(Order)
}

/// Whether an order is paid where it is placed, or by a later request. What costs nothing is done at once.
public enum PaymentTime: Hashable, Sendable { case now, later }

extension Transaction {
    fileprivate func attempt(for order: Order, paid time: PaymentTime, until closing: Date) throws
        -> PaymentAttempt?
    {
        guard time == .now || order.total.isFree else { return nil }
        return try attempt(toPay: order.id, until: closing)
    }
}

extension Shop {
    /// How long a page to pay on stays open: Stripe takes no less than half an hour.
    private static let pageSeconds = 45.0 * 60

    /// Finds the order of a request again, or the one that waits for this cart, or places it.
    public func placed(
        by customer: Principal, under key: IdempotencyKey, _ fingerprint: [UInt8], on terms: OrderTerms,
        paying time: PaymentTime = .now
    ) throws -> Placement {
        let closing = now().addingTimeInterval(Self.pageSeconds)
        return try database.transaction(.readCommitted) { transaction in
            try transaction.waitForTurn(toPlaceFor: customer.id)
            if let order = try transaction.order(of: customer.id, under: key, requestHash: fingerprint) {
                guard order.state == .pending else { return .placed(order, nil, isReplay: true) }
                return .placed(
                    order, try transaction.attempt(for: order, paid: time, until: closing), isReplay: true)
            }
            guard let cart = try transaction.cart(of: customer.id) else { throw CheckoutError.emptyCart }
            let draft = try cart.checkedOut(
                owning: transaction.audiobooks(ownedBy: customer.id), taxedBy: terms.taxRule)
            if let pending = try transaction.pendingOrder(of: cart.id) {
                guard pending.isStill(draft), pending.waiver == terms.waiver else {
                    return .outdated(pending)
                }
                try transaction.remember(pending, under: key, requestHash: fingerprint)
                return .placed(
                    pending, try transaction.attempt(for: pending, paid: time, until: closing),
                    isReplay: false)
            }
            let order = try transaction.place(
                draft, for: customer.id, under: key, requestHash: fingerprint, waiver: terms.waiver,
                giftCode: { GiftCodes.hash(try giftCodes.code(of: $0)) })
            log("order placed", ["order": order.id])
            return .placed(
                order, try transaction.attempt(for: order, paid: time, until: closing), isReplay: false)
        }
    }

    /// Closes an order and its page, in the name of a person unless the shop does it by itself; or learns that it
    /// was paid after all, which then counts.
    public func giveUp(_ order: Order, by person: Principal.ID? = nil) throws {
        try stopPayment(of: order)
        _ = try database.transaction { transaction in
            if let person { try transaction.act(as: person) }
            return try transaction.close(order.id, as: .cancelled)
        }
    }

    /// Closes an order's page, or learns that it was paid after all, which then counts.
    public func stopPayment(of order: Order) throws {
        let live = try database.transaction { try $0.liveAttempt(of: order.id) }
        if let live { try withdraw(live) }
    }

    /// The page of an attempt. What we do not know of a call is found out by the same key.
    public func opened(_ order: Order, _ attempt: PaymentAttempt, for customer: Principal) throws
        -> PaymentAttempt
    {
        if attempt.sessionURL != nil { return attempt }
        guard attempt.kind == .checkoutSession else {
            try withdraw(attempt)
            throw Problem(
                409, "order-pending", "This order was being paid on another page, which is closed now.",
                headers: ["retry-after": "1"])
        }
        let email = try database.transaction { try $0.email(of: customer.id) }
        do {
            let session = try payments.openSession(
                SessionRequest(
                    order: order, attempt: attempt, email: email,
                    successURL: "\(storeURL)/orders/\(order.id)", cancelURL: "\(storeURL)/cart"))
            return try database.transaction { transaction in
                try transaction.record(session, for: attempt.id)
                return try transaction.attempt(attempt.id) ?? attempt
            }
        } catch let failure as OutsideFailure {
            log("no page to pay on", ["order": order.id, "reason": failure.word], level: .warning)
            let outcome: AttemptOutcome =
                failure.kind == .refused ? .failed(code: failure.code ?? "refused") : .indeterminate
            _ = try database.transaction { try $0.mark(attempt.id, as: outcome) }
            throw failure
        }
    }

    /// What costs nothing becomes access by the same transaction as what is paid.
    public func given(_ order: Order, _ attempt: PaymentAttempt) throws -> Order {
        let fact = PaymentFact(
            attempt: attempt.id, session: nil, paymentIntent: nil, amount: 0,
            currency: order.total.currency.rawValue,
            toldBy: "checkout", occurredAt: now())
        return try database.transaction(.readCommitted) { transaction in
            _ = try transaction.record(fact)
            return try transaction.order(order.id) ?? order
        }
    }
}
