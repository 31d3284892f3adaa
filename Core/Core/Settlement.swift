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
        try continuing(event) {
            try settle(record, event)
            try settleHeld(for: event.payment)
        }
    }

    /// The same, and asks Stripe where the event alone does not suffice: for the relay, which may.
    public func settleByAsking(_ record: WebhookEvent) throws {
        let event = try Stripe.Event(record.raw)
        try continuing(event) { try settleByAsking(record, event) }
    }

    private func settleByAsking(_ record: WebhookEvent, _ event: Stripe.Event) throws {
        var verdict = try settle(record, event)
        if case .waiting(let intent) = verdict {
            try learn(of: intent)
            verdict = try settle(record, event)
            // Somebody else's, who uses the same account.
            if case .waiting = verdict { try end(record, as: .ignored) }
        }
        if case .unfinished = verdict, case .chargeRefunded(let intent?, _) = event.subject {
            let facts = try refunds.all(intent)
            try database.transaction(.readCommitted) { transaction in
                for fact in facts {
                    _ = try transaction.record(fact, toldBy: record.id, at: record.createdAt)
                }
            }
            try end(record, as: .processed)
        }
        try settleHeld(for: event.payment)
    }

    /// Asks the provider how an attempt stands and does the same about it. What was told of its payment before, the
    /// relay settles.
    public func reconcile(_ attempt: PaymentAttempt) throws {
        if let id = attempt.sessionID {
            let session = try payments.session(id)
            _ = try database.transaction(.readCommitted) { transaction in
                try transaction.take(session, as: attempt.id, toldBy: "session:\(id)", at: now())
            }
        } else if let id = attempt.paymentIntentID {
            try take(try intents.intent(id), as: attempt)
        } else {
            // No page of it was ever heard of. The same key would still open one, so nobody may any more.
            _ = try database.transaction(.readCommitted) { transaction in
                try transaction.mark(attempt.id, as: .failed(code: "never-opened"))
            }
        }
    }

    /// What the provider said of an attempt when it was asked.
    func take(_ intent: PaymentIntent, as attempt: PaymentAttempt) throws {
        _ = try database.transaction(.readCommitted) { transaction in
            try transaction.take(intent, as: attempt, toldBy: "intent:\(intent.id)", at: now())
        }
    }

    @discardableResult
    private func settle(_ record: WebhookEvent, _ event: Stripe.Event) throws -> WebhookVerdict {
        try database.transaction(.readCommitted) { transaction in
            let verdict = try transaction.verdict(on: event)
            try transaction.settle(record, as: verdict)
            log("webhook settled", ["event": record.id, "type": record.type, "verdict": "\(verdict)"])
            return verdict
        }
    }

    private func end(_ record: WebhookEvent, as verdict: WebhookVerdict) throws {
        try database.transaction(.readCommitted) { try $0.settle(record, as: verdict) }
    }

    /// What was told of a payment before anybody knew of it. What fails here stays kept, and has its turn again.
    private func settleHeld(for intent: String?) throws {
        guard let intent else { return }
        let held = try database.transaction(.readCommitted) { try $0.events(heldFor: intent) }
        for record in held {
            do { try settle(record, Stripe.Event(record.raw)) } catch {
                log("held webhook kept", ["event": record.id, "error": "\(error)"], level: .error)
            }
        }
    }

    /// A payment we were told nothing of may be ours all the same.
    private func learn(of id: String) throws {
        let intent: PaymentIntent
        do { intent = try intents.intent(id) } catch let failure as OutsideFailure
            where failure.kind == .refused
        {
            return log("payment of nobody's", ["reason": failure.word], level: .warning)
        }
        guard let name = intent.attempt else { return }
        let attempt = try database.transaction { try $0.attempt(name) }
        if let attempt { try take(intent, as: attempt) }
    }
}

extension Stripe.Event {
    /// The payment that this event makes known.
    fileprivate var payment: String? {
        switch subject {
        case .checkoutSession(_, let session): session.paymentIntent
        case .paymentIntent(_, let intent): intent.id
        default: nil
        }
    }
}
