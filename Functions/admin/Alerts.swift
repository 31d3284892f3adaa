import Core
import FoundationEssentials

struct AlertAnswer: Encodable {
    let id: Alert.ID
    let kind: String
    let subject: String
    let audience: Role
    let detail: JSONDocument
    let isOpen: Bool
    let createdAt: Date
    let resolvedAt: Date?
    let acknowledgedAt: Date?
    let acknowledgedBy: Principal.ID?

    init(_ alert: Alert) throws {
        (id, kind, subject, audience) = (alert.id, alert.kind, alert.subject, alert.audience)
        (detail, isOpen, createdAt) = (try JSONDocument(alert.detail), alert.isOpen, alert.createdAt)
        (resolvedAt, acknowledgedAt) = (alert.resolvedAt, alert.acknowledgedAt)
        acknowledgedBy = alert.acknowledgedBy
    }
}

extension Principal {
    /// Whose matters these are to see to.
    fileprivate var audiences: [Role] { Role.allCases.filter { may(actAs: $0) } }
}

/// GET /admin/alerts
func listAlerts(_ request: Request, in shop: Shop) throws -> Response {
    let staff = try shop.identity.staff(request, .editor, .support, .finance)
    try request.refuseUnknownQuery(allowing: ["open", "cursor", "limit"])
    let open = try request.query.boolean("open")
    let (size, cursor) = try request.page()
    let page = try shop.database.transaction(.readOnly) {
        try $0.alerts(for: staff.audiences, open: open, after: cursor, size: size)
    }
    return try .confidential(200, ListAnswer(page, AlertAnswer.init))
}

/// POST /admin/alerts/{id}/acknowledge: the first who does is noted; for the others it is done already.
func acknowledgeAlert(_ request: Request, in shop: Shop) throws -> Response {
    let staff = try shop.identity.staff(request, .editor, .support, .finance)
    try request.refuseUnknownQuery()
    let id: Alert.ID = try request.id()
    let alert = try shop.database.transaction(.readCommitted) { transaction in
        guard let known = try transaction.alert(id, for: staff.audiences) else { throw Problem.notFound }
        if try transaction.acknowledge(id, by: staff.id) {
            try transaction.audit(
                "alert.acknowledged", of: "alert/\(id)", by: staff.id,
                before: ["kind": known.kind, "subject": known.subject], requestID: request.invocation.id)
        }
        return try transaction.alert(id, for: staff.audiences)
    }
    guard let alert else { throw Problem.notFound }
    return try .confidential(200, AlertAnswer(alert))
}
