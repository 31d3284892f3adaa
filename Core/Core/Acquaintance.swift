public import Bookshop
import FoundationEssentials
internal import Identity
internal import Lambda
internal import Postgres
internal import Records

extension Shop {
    /// Does what an event of the identity provider's asks for, once. In whatever order and number events come, the
    /// newest of what is told holds, and an account that is gone stays gone. Called by the webhook, and by the
    /// relay for whatever the webhook did not finish.
    public func acquaint(_ record: WebhookEvent) throws {
        let event = try AccountEvent(record.raw)
        try database.transaction(.readCommitted) { transaction in
            let verdict = try transaction.verdict(on: event, from: issuerURL)
            try transaction.settle(record, as: verdict)
            try transaction.forgetIfAboutNobody(record, from: issuerURL)
            log("webhook settled", ["event": record.id, "type": record.type, "verdict": "\(verdict)"])
        }
    }
}

extension Transaction {
    fileprivate func verdict(on event: AccountEvent, from issuer: String) throws -> WebhookVerdict {
        switch event.change {
        case .told(let fact): return try note(Account(fact, from: issuer)) ? .processed : .ignored
        case .gone(let subject): return try takeLeave(of: subject, from: issuer) ? .processed : .ignored
        case .other: return .ignored
        case .unreadable(let member): return .parked("unreadable \(member)")
        }
    }
}

extension Account {
    fileprivate init(_ fact: AccountFact, from issuer: String) {
        self.init(
            issuer: issuer, subject: fact.subject, email: fact.email, isEmailVerified: fact.isEmailVerified,
            name: fact.name, toldAt: Date(timeIntervalSince1970: fact.updatedAtMilliseconds / 1000))
    }
}
