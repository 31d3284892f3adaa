import Core
import FoundationEssentials

/// A webhook event, and how far it came.
struct EventAnswer: Encodable {
    let provider: WebhookEvent.Provider
    let id: String
    let type: String
    let state: WebhookEvent.State
    let note: String?
    let attempts: Int
    let apiVersion: String?
    let isLive: Bool
    let objectId: String?
    let createdAt: Date
    let receivedAt: Date
    let nextTryAt: Date?
    let processedAt: Date?

    init(_ event: KeptEvent) {
        (provider, id, type, state) = (event.provider, event.id, event.type, event.state)
        (note, attempts, apiVersion) = (event.note, event.attempts, event.apiVersion)
        (isLive, objectId, createdAt) = (event.isLive, event.objectID, event.createdAt)
        (receivedAt, nextTryAt, processedAt) = (event.receivedAt, event.nextTryAt, event.processedAt)
    }
}

func listEvents(_ request: Request, in shop: Shop) throws -> Response {
    _ = try shop.identity.finance(request)
    try request.refuseUnknownQuery(allowing: ["state", "cursor", "limit"])
    let state: WebhookEvent.State? = try request.query.value("state")
    let (size, cursor) = try request.page()
    let page = try shop.database.transaction(.readOnly) {
        try $0.keptEvents(in: state, after: cursor, size: size)
    }
    return try .confidential(200, ListAnswer(page, EventAnswer.init))
}

/// What was parked waits again, and the relay settles it within a minute: by the code that parked it, as it is by
/// now, and with rights that the back office does not have. One that waits already, or was settled, stays so.
func replay(_ request: Request, in shop: Shop) throws -> Response {
    let financing = try shop.identity.finance(request)
    try request.refuseUnknownQuery()
    guard let provider = request.parameters["provider"].flatMap(WebhookEvent.Provider.init),
        let id = request.parameters["id"]
    else { throw Problem.notFound }
    let event = try shop.database.transaction(.readCommitted) { transaction in
        if let note = try transaction.unpark(id, of: provider) {
            try transaction.audit(
                "webhook_event.replayed", of: "\(provider.rawValue)/\(id)", by: financing.id,
                before: ["state": "parked", "note": note], after: ["state": "received"],
                requestID: request.invocation.id)
        }
        return try transaction.keptEvent(id, of: provider)
    }
    guard let event else { throw Problem.notFound }
    return try .confidential(event.state == .received ? 202 : 200, EventAnswer(event))
}
