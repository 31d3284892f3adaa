public import Bookshop
public import Postgres

extension Transaction {
    /// Forgets somebody who asked for it in this session. READ COMMITTED: whoever waited sees what the other did.
    /// Again, it changes nothing. Throws `PersonError` where something stands in the way.
    public func erase(_ person: Person.ID, askedIn session: String?) throws {
        let outcome: String = try only("SELECT identity.erase(\(person), 'person', \(session))")
        switch outcome {
        case "erased": return
        case "unknown": throw PersonError.noSuchPerson
        case "last-admin": throw PersonError.lastAdmin
        default:
            guard let unsettled = PersonError.Unsettled(rawValue: outcome) else {
                preconditionFailure("erase answers \(outcome)")
            }
            throw PersonError.unsettled(unsettled)
        }
    }

    /// The provider deleted this account: nobody signs in by it again, and who had it is forgotten as soon as
    /// nothing of theirs is unsettled. Whether that was news.
    public func takeLeave(of subject: String, from issuer: String) throws -> Bool {
        try only("SELECT identity.told_gone(\(issuer), \(subject))")
    }

    /// Forgets those of them whom something unsettled kept until now; how many.
    public func letGo(limit: Int) throws -> Int { try only("SELECT identity.let_go(\(limit))") }

    /// Of what the identity provider told, keeps nothing that is about nobody we know.
    public func forgetIfAboutNobody(_ event: WebhookEvent, from issuer: String) throws {
        try run("SELECT plumbing.forget_event(\(event.id), \(issuer))")
    }

    /// All that is known of somebody, as JSON.
    public func exported(_ person: Person.ID) throws -> JSONText {
        try only("SELECT identity.export(\(person))")
    }
}
