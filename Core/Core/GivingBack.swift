public import Bookshop
import FoundationEssentials
internal import Lambda
internal import Postgres
internal import Records

extension Shop {
    /// Writes down what is to be given back, asks the provider, and writes down what it says. What nobody knows the
    /// end of then, the relay pursues.
    ///
    /// Throws `RefundError`.
    public func giveBack(
        _ wish: RefundWish, by asker: Financing, under key: IdempotencyKey, _ fingerprint: [UInt8]
    ) throws -> Refund {
        let refund = try database.transaction(.readCommitted) { transaction in
            try transaction.request(wish, by: asker.id, under: key, requestHash: fingerprint)
        }
        let pursued = try pursue(refund)
        if pursued.state == .failed { throw RefundError.refused(pursued.failureReason ?? "unknown") }
        return pursued
    }

    /// Asks for a refund that is written down and not yet known to the provider. The same key gives back once,
    /// however often it is asked; a key that the provider may have forgotten is not used before it was asked what
    /// became of it.
    public func pursue(_ refund: Refund) throws -> Refund {
        let errand = try database.transaction(.readCommitted) { try $0.errand(for: refund.id) }
        if let errand {
            do {
                if let fact = try told(errand) {
                    let outcome = try database.transaction(.readCommitted) { transaction in
                        try transaction.record(fact, toldBy: "refund:\(fact.id)", at: now())
                    }
                    log("refund asked for", ["refund": refund.id, "outcome": outcome.rawValue])
                }
            } catch let failure as OutsideFailure {
                log("refund not made", ["refund": refund.id, "reason": failure.word], level: .warning)
                if failure.kind == .refused {
                    try database.transaction(.readCommitted) {
                        try $0.refuse(refund.id, code: failure.code ?? "refused")
                    }
                }
            }
        }
        return try database.transaction { try $0.refund(refund.id) } ?? refund
    }

    /// Asks how a refund stands that has been on its way for long.
    public func follow(_ refund: Refund) throws {
        let payment = try database.transaction { try $0.payment(ofRefund: refund.id) }
        guard let payment else { return }
        let facts = try refunds.all(payment)
        try database.transaction(.readCommitted) { transaction in
            for fact in facts {
                _ = try transaction.record(fact, toldBy: "refund:\(fact.id)", at: now())
            }
        }
    }

    private func told(_ errand: RefundErrand) throws -> RefundFact? {
        let request = errand.request
        guard errand.isKeyOutworn else { return try refunds.give(request) }
        if let made = try refunds.all(request.paymentIntent).first(where: { $0.own == request.refund.id }) {
            return made
        }
        // It was never made: the next turn asks under a key that is new.
        try database.transaction(.readCommitted) { try $0.renewKey(of: request.refund.id) }
        return nil
    }
}
