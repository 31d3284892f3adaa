import Core
import FoundationEssentials

/// An event of the shop's own, and how far it came on its way to the bus.
struct OutboxAnswer: Encodable {
    let id: OutboxEvent.ID
    let topic: OutboxEvent.Topic
    let key: String
    let payload: JSONDocument
    let state: OutboxEvent.State
    let note: String?
    let attempts: Int
    let createdAt: Date
    let nextTryAt: Date?
    let publishedAt: Date?
    let parkedAt: Date?

    init(_ entry: OutboxEntry) throws {
        (id, topic, key) = (entry.event.id, entry.event.topic, entry.event.key)
        payload = try JSONDocument(JSONText(entry.event.payload))
        (state, note, attempts) = (entry.state, entry.note, entry.attempts)
        (createdAt, nextTryAt) = (entry.event.createdAt, entry.nextTryAt)
        (publishedAt, parkedAt) = (entry.publishedAt, entry.parkedAt)
    }
}

/// GET /admin/outbox
func listOutbox(_ request: Request, in shop: Shop) throws -> Response {
    _ = try shop.identity.admin(request)
    try request.refuseUnknownQuery(allowing: ["state", "cursor", "limit"])
    let state: OutboxEvent.State? = try request.query.value("state")
    let (size, cursor) = try request.page()
    let page = try shop.database.transaction(.readOnly) {
        try $0.outboxEntries(in: state, after: cursor, size: size)
    }
    return try .confidential(200, ListAnswer(page, OutboxAnswer.init))
}

/// POST /admin/outbox/{id}/replay: the relay tells it within a minute. One that waits already, or was told, stays so.
func tellAgain(_ request: Request, in shop: Shop) throws -> Response {
    let administering = try shop.identity.admin(request)
    try request.refuseUnknownQuery()
    guard let id = request.parameters["id"].flatMap(OutboxEvent.ID.init) else { throw Problem.notFound }
    let entry = try shop.database.transaction(.readCommitted) { transaction in
        if let note = try transaction.unpark(id) {
            try transaction.audit(
                "outbox_event.replayed", of: "outbox/\(id)", by: administering.id,
                before: ["state": "parked", "note": note], after: ["state": "waiting"],
                requestID: request.invocation.id)
        }
        return try transaction.outboxEntry(id)
    }
    guard let entry else { throw Problem.notFound }
    return try .confidential(entry.state == .waiting ? 202 : 200, OutboxAnswer(entry))
}
