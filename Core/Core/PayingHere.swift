public import Bookshop
import FoundationEssentials
internal import Lambda
internal import Postgres
internal import Records

extension Shop {
    /// How long an order waits for an intent before it is given up.
    private static let intentSeconds = 45.0 * 60

    /// The payment by which a customer pays an order on a page of the shop's own. Asked again, it is the same as long
    /// as it can be paid. Whatever else could bring money for the order is closed first.
    ///
    /// Throws `PaymentError`.
    public func intent(toPay id: Order.ID, by customer: Principal) throws -> (
        order: Order, intent: PaymentIntent
    ) {
        for other in try payable(id, by: customer).others { try withdraw(other) }
        let attempt = try database.transaction { transaction in
            guard let order = try transaction.order(id, of: customer.id) else {
                throw PaymentError.noSuchOrder
            }
            guard order.state == .pending else { throw PaymentError.notPayable(order.state) }
            return try transaction.attempt(
                toPay: id, by: .paymentIntent, until: now().addingTimeInterval(Self.intentSeconds))
        }
        // Another window was quicker, and pays elsewhere.
        guard attempt.kind == .paymentIntent else { throw PaymentError.paidElsewhere }
        let intent = try attempt.paymentIntentID.map(intents.intent) ?? begun(attempt, for: customer)
        if intent.status == .succeeded || intent.status == .processing { try take(intent, as: attempt) }
        return (try payable(id, by: customer).order, intent)
    }

    /// Reads at the provider how a payment stands, and does the same about it as if it had been told.
    ///
    /// Throws `PaymentError`.
    public func confirm(_ intent: String, by customer: Principal) throws -> (
        order: Order, status: String?, intent: PaymentIntent
    ) {
        let (order, attempt) = try database.transaction { transaction in
            // No name of the provider's holds a NUL, which the database would refuse.
            guard !intent.utf8.contains(0), let attempt = try transaction.attempt(withIntent: intent),
                let order = try transaction.order(attempt.order, of: customer.id)
            else { throw PaymentError.noSuchPayment }
            return (order, attempt)
        }
        let told = try intents.intent(intent)
        try take(told, as: attempt)
        return try database.transaction { transaction in
            (
                try transaction.order(order.id) ?? order, try transaction.paymentStatus(of: order.id), told
            )
        }
    }

    /// An order that money may come for, and by what else than an intent that is open.
    private func payable(_ id: Order.ID, by customer: Principal) throws -> (
        order: Order, others: [PaymentAttempt]
    ) {
        try database.transaction { transaction in
            guard let order = try transaction.order(id, of: customer.id) else {
                throw PaymentError.noSuchOrder
            }
            guard order.state == .pending else { throw PaymentError.notPayable(order.state) }
            guard !order.total.isFree else { throw PaymentError.nothingToPay }
            let live = try transaction.liveAttempt(of: id)
            if live?.state == .processing { throw PaymentError.onItsWay }
            let others = live.map { $0.kind == .paymentIntent ? [] : [$0] } ?? []
            return (order, others + (try transaction.failedIntents(of: id)))
        }
    }

    private func begun(_ attempt: PaymentAttempt, for customer: Principal) throws -> PaymentIntent {
        let known = try database.transaction { try $0.providerCustomer(of: customer.id) }
        do {
            let intent = try intents.create(IntentRequest(attempt: attempt, customer: known))
            try database.transaction { try $0.record(intent, for: attempt.id) }
            return intent
        } catch let failure as OutsideFailure {
            log("no payment begun", ["order": attempt.order, "reason": failure.word], level: .warning)
            let outcome: AttemptOutcome =
                failure.kind == .refused ? .failed(code: failure.code ?? "refused") : .indeterminate
            _ = try database.transaction { try $0.mark(attempt.id, as: outcome) }
            throw failure
        }
    }
}
