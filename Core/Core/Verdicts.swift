internal import Bookshop
import FoundationEssentials
internal import Postgres
internal import Records
internal import Stripe

// What each event comes to. Nothing here asks anybody: what an event carries must suffice, or be said to be
// too little.

extension Transaction {
    func verdict(on event: Stripe.Event) throws -> WebhookVerdict {
        guard event.isOfKnownVersion else { return .parked("api-version") }
        let (id, at) = (event.record.id, event.record.createdAt)
        switch event.subject {
        case .checkoutSession(let change, let session):
            guard let attempt = session.attempt else { return .ignored }
            if change == .asyncPaymentFailed { return try fail(session, attempt) }
            return try take(session, as: attempt, toldBy: id, at: at)
        case .paymentIntent(_, let intent):
            guard let name = intent.attempt, let attempt = try attempt(name) else { return .ignored }
            return try take(intent, as: attempt, toldBy: id, at: at)
        case .refund(let fact):
            return verdict(on: try record(fact, toldBy: id, at: at), of: fact.paymentIntent)
        case .chargeRefunded(let intent, let minorUnits):
            guard let intent else { return .ignored }
            guard try attempt(withIntent: intent) != nil else { return .waiting(for: intent) }
            return try returned(of: intent) >= minorUnits ? .processed : .unfinished
        case .dispute(let fact):
            return verdict(on: try record(fact, toldBy: id, at: at), of: fact.paymentIntent)
        case .fraudWarning(let warning):
            return verdict(on: try record(warning), of: warning.paymentIntent)
        case .other: return .ignored
        case .unreadable(let field): return .parked("unreadable \(field)")
        }
    }

    /// What a page says of its attempt: money, a wait for it, or that it has closed.
    @discardableResult
    func take(
        _ session: CheckoutSession, as attempt: PaymentAttempt.ID, toldBy: String, at: Date
    ) throws -> WebhookVerdict {
        if let fact = session.fact(toldBy: toldBy, at: at) { return try verdict(on: fact) }
        if let intent = session.paymentIntent { try note(intent, of: attempt) }
        switch session.status {
        case .complete: return try mark(attempt, as: .processing, session: session.id) ? .processed : .ignored
        case .expired: return try mark(attempt, as: .expired, session: session.id) ? .processed : .ignored
        case .open: return .ignored
        }
    }

    /// What a payment says of its attempt. One that failed on a page of the provider's may be tried again
    /// there, and ends with the page; one on a page of ours is over, unless it is paid after all.
    @discardableResult
    func take(
        _ intent: PaymentIntent, as attempt: PaymentAttempt, toldBy: String, at: Date
    ) throws -> WebhookVerdict {
        if let fact = intent.fact(toldBy: toldBy, at: at) { return try verdict(on: fact) }
        try note(intent.id, of: attempt.id)
        let end: AttemptOutcome
        switch intent.status {
        case .processing: end = .processing
        case .canceled where attempt.kind == .paymentIntent: end = .cancelled
        case .other("requires_payment_method") where attempt.kind == .paymentIntent:
            guard let code = intent.failureCode else { return .ignored }
            end = .failed(code: code)
        default: return .ignored
        }
        return try mark(attempt.id, as: end) ? .processed : .ignored
    }

    private func fail(_ session: CheckoutSession, _ attempt: PaymentAttempt.ID) throws -> WebhookVerdict {
        if let intent = session.paymentIntent { try note(intent, of: attempt) }
        return try mark(attempt, as: .failed(code: "async-payment"), session: session.id)
            ? .processed : .ignored
    }

    private func verdict(on fact: PaymentFact) throws -> WebhookVerdict {
        switch try self.record(fact) {
        // A surplus goes back by itself.
        case .duplicate, .surplus: return .processed
        case .applied:
            Metrics.add(.ordersPaid)
            return .processed
        case .mismatch: return .parked("mismatch")
        case .park: return .parked("other-shape")
        case .unknown: return .ignored
        }
    }

    private func verdict(on outcome: FactOutcome, of intent: String?) -> WebhookVerdict {
        switch outcome {
        case .recorded: .processed
        case .park: .parked("other-shape")
        case .unknown: intent.map(WebhookVerdict.waiting) ?? .ignored
        }
    }
}
