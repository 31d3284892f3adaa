// From words to summaries, which nobody sees before a person approved them: of each chapter, and then of the
// whole. The bus tells of a text that is ready, the queue brings the id of one that is wanted; editors ask by
// HTTP: POST /ai/summary · GET /ai/summary/{audiobookId} · POST /ai/summary/{audiobookId}/approve ·
// …/regenerate
//
// Asked for again while one is wanted or waits to be judged, it is that one. Approved again, it stays
// approved. A message for a book whose chapters are not written yet is passed over: the last chapter sends another.

import Core
import World

func summaries(_ request: Request, in shop: Shop) throws -> Response {
    let editor = try shop.identity.editor(request)
    switch request.route {
    case "POST /api/v1/ai/summary": return try ask(request, in: shop)
    case "GET /api/v1/ai/summary/{audiobookId}": return try list(request, in: shop)
    case "POST /api/v1/ai/summary/{audiobookId}/approve": return try approve(request, by: editor, in: shop)
    case "POST /api/v1/ai/summary/{audiobookId}/regenerate":
        return try regenerate(request, by: editor, in: shop)
    default: throw Problem.notFound
    }
}

func write(_ message: QueueMessage, in shop: Shop) throws {
    guard let id = Summary.ID(message.body) else { return log("a message without a summary is passed over") }
    guard let (summary, sources, rest) = try shop.claim(id) else {
        return log("a summary in other hands is passed over", ["summary": id])
    }
    if let rest { return try shop.put(off: summary, until: rest, spent: .nothing) }
    var cost = WritingCost.nothing
    let due: Summary.ID?
    do {
        let writing = try shop.calling(.writing) {
            try shop.writer.sum(up: sources, of: summary, spending: &cost)
        }
        due = try shop.database.transaction(.readCommitted) { [cost] transaction in
            try transaction.store(writing, promptVersion: SummaryPrompt.version, cost: cost, for: summary)
        }
        shop.publishSoon()
        Metrics.add(.summariesWritten)
        log("summary written", ["summary": id, "model": writing.model, "microdollars": cost.microdollars])
    } catch let service as ServiceRests {
        return try shop.put(off: summary, until: service.rest, spent: cost)
    } catch let failure as OutsideFailure {
        let isLast: Bool
        (isLast, due) = try shop.database.transaction(.readCommitted) { [cost] transaction in
            try transaction.fail(summary, because: failure.word, cost: cost, maximumAttempts: 5)
        }
        log("summary failed", ["summary": id, "reason": failure.word, "last": isLast], level: .warning)
    }
    if let due { try shop.summaries.send(due.description) }
}

Lambda.serve(
    { try Shop.live().reaching(.writer, .summaries, .events) }, http: summaries, queue: write, bus: begin)
