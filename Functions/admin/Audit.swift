import Core
import FoundationEssentials

/// One thing that somebody did.
struct AuditAnswer: Encodable {
    let id: Int
    let at: Date
    let actor: Principal.ID?
    let action: String
    let subject: String
    let before: JSONDocument?
    let after: JSONDocument?
    let requestId: String?

    init(_ entry: AuditEntry) throws {
        (id, at, actor) = (entry.id, entry.at, entry.actor)
        (action, subject, requestId) = (entry.action, entry.subject, entry.requestID)
        (before, after) = (try entry.before.map(JSONDocument.init), try entry.after.map(JSONDocument.init))
    }
}

func listAudit(_ request: Request, in shop: Shop) throws -> Response {
    _ = try shop.identity.admin(request)
    try request.refuseUnknownQuery(allowing: ["actor", "subject", "action", "from", "to", "cursor", "limit"])
    let asked = request.query
    let query = AuditQuery(
        actor: try asked.parsed("actor", expecting: "an id") { Principal.ID($0) },
        subject: try asked.text("subject", upTo: 300),
        action: try asked.text("action", upTo: 100),
        from: try asked.moment("from"), to: try asked.moment("to"))
    let (size, cursor) = try request.page()
    let page = try shop.database.transaction(.readOnly) {
        try $0.auditLog(query, after: cursor, size: size)
    }
    return try .confidential(200, ListAnswer(page, AuditAnswer.init))
}

extension Query {
    /// A text that could be one of ours: there are none with a NUL in them.
    func text(_ name: String, upTo length: Int) throws(Problem) -> String? {
        try parsed(name, expecting: "1 to \(length) characters") { text in
            (1...length).contains(text.count) && !text.utf8.contains(0) ? text : nil
        }
    }

    /// An instant as RFC 3339 writes it, which differs by two letters from how the database does.
    func moment(_ name: String) throws(Problem) -> Date? {
        try parsed(name, expecting: "a time such as 2026-07-29T12:00:00Z") { text in
            let capitals = text.uppercased()
            guard !capitals.contains(" ") else { return nil }
            return Date(sqlText: capitals.replacing("T", with: " ").replacing("Z", with: "+00"))
        }
    }
}
