public import Bookshop
import FoundationEssentials
import Lambda
internal import Postgres
internal import Records
internal import Stripe

extension Shop {
    /// Does what an event of Stripe's asks for, once: what was told before changes nothing, and the order in
    /// which events come does not matter. Called by the webhook, and by the relay for whatever the webhook
    /// did not finish.
    public func settle(_ record: WebhookEvent) throws {
        let event = try Stripe.Event(record.raw)
        try database.transaction(.readCommitted) { transaction in
            let verdict = try transaction.verdict(on: event)
            try transaction.settle(record, as: verdict)
            log("webhook settled", ["event": record.id, "type": record.type, "verdict": "\(verdict)"])
        }
    }

    /// Asks the provider how a page stands and does the same about it.
    public func reconcile(_ attempt: PaymentAttempt) throws {
        guard let id = attempt.sessionID else {
            // No page of it was ever heard of. The same key would still open one, so nobody may any more.
            _ = try database.transaction(.readCommitted) { transaction in
                try transaction.mark(attempt.id, as: .failed(code: "never-opened"))
            }
            return
        }
        let session = try payments.session(id)
        _ = try database.transaction(.readCommitted) { transaction in
            try transaction.take(session, as: attempt.id, toldBy: "session:\(id)", at: now())
        }
    }
}

extension Transaction {
    fileprivate func verdict(on event: Stripe.Event) throws -> WebhookVerdict {
        guard event.isOfKnownVersion else { return .parked("api-version") }
        switch event.subject {
        case .checkoutSession(let change, let session):
            guard let attempt = session.attempt else { return .ignored }
            if change == .asyncPaymentFailed {
                return try mark(attempt, as: .failed(code: "async-payment"), session: session.id)
                    ? .processed : .ignored
            }
            return try take(session, as: attempt, toldBy: event.record.id, at: event.record.createdAt)
        case .paymentIntent(_, let intent):
            guard let fact = intent.fact(toldBy: event.record.id, at: event.record.createdAt) else {
                return .ignored
            }
            return try verdict(on: fact)
        case .refund, .dispute: return .parked("not-handled-here")
        case .other: return .ignored
        case .unreadable(let field): return .parked("unreadable \(field)")
        }
    }

    /// What a page says of its attempt: money, a wait for it, or that it has closed.
    @discardableResult
    fileprivate func take(
        _ session: CheckoutSession, as attempt: PaymentAttempt.ID, toldBy: String, at: Date
    ) throws -> WebhookVerdict {
        if let fact = session.fact(toldBy: toldBy, at: at) { return try verdict(on: fact) }
        switch session.status {
        case .complete: return try mark(attempt, as: .processing, session: session.id) ? .processed : .ignored
        case .expired: return try mark(attempt, as: .expired, session: session.id) ? .processed : .ignored
        case .open: return .ignored
        }
    }

    private func verdict(on fact: PaymentFact) throws -> WebhookVerdict {
        switch try self.record(fact) {
        case .applied, .duplicate: .processed
        case .surplus: .parked("surplus")
        case .mismatch: .parked("mismatch")
        case .park: .parked("other-shape")
        case .unknown: .ignored
        }
    }
}
