public import Bookshop
internal import Lambda
internal import Postgres
internal import Records

extension Shop {
    /// Makes sure that nobody pays by an attempt any more, or learns that somebody has, which then counts.
    public func withdraw(_ attempt: PaymentAttempt) throws {
        do {
            if let session = attempt.sessionID {
                _ = try payments.expireSession(session)
            } else if let intent = attempt.paymentIntentID {
                _ = try intents.cancel(intent)
            }
        } catch let failure as OutsideFailure where failure.kind == .refused {
            // It is closed already or was paid meanwhile; which of the two, the provider is asked next.
            log("attempt not to be closed", ["attempt": attempt.id, "reason": failure.word], level: .warning)
        }
        try reconcile(attempt)
    }
}
