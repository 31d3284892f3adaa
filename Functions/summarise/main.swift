// From words to a summary, which nobody sees before a person approved it. The bus tells of a text that is ready, the
// queue brings the id of a summary that is wanted; editors ask by HTTP:
// POST /ai/summary · GET /ai/summary/{audiobookId} · POST /ai/summary/{audiobookId}/approve
//
// Asked for again while one is wanted or waits to be judged, it is that one. Approved again, it stays
// approved.

import Core
import World

func summaries(_ request: Request, in shop: Shop) throws -> Response {
    let editor = try shop.identity.editor(request)
    switch request.route {
    case "POST /api/v1/ai/summary": return try ask(request, in: shop)
    case "GET /api/v1/ai/summary/{audiobookId}": return try list(request, in: shop)
    case "POST /api/v1/ai/summary/{audiobookId}/approve": return try approve(request, by: editor, in: shop)
    default: throw Problem.notFound
    }
}

func write(_ message: QueueMessage, in shop: Shop) throws {
    guard let id = Summary.ID(message.body) else { return log("a message without a summary is passed over") }
    let (claimed, phrases) = try shop.database.transaction(.readCommitted) { transaction in
        let claimed = try transaction.claimSummary(id, leaseSeconds: 150)
        return (claimed, try claimed.map { try transaction.phrases(for: $0) } ?? [])
    }
    guard let summary = claimed else {
        return log("a summary in other hands is passed over", ["summary": id])
    }
    do {
        let writing = try shop.summed(phrases, of: summary)
        try shop.database.transaction(.readCommitted) { transaction in
            try transaction.store(writing, promptVersion: SummaryPrompt.version, for: summary)
        }
        shop.publishSoon()
        log("summary written", ["summary": id, "model": writing.model])
    } catch let failure as OutsideFailure {
        let isLast = try shop.database.transaction(.readCommitted) { transaction in
            try transaction.fail(summary, because: failure.word, maximumAttempts: 5)
        }
        log("summary failed", ["summary": id, "reason": failure.word, "last": isLast], level: .warning)
    }
}

extension Shop {
    /// The whole at once where it fits; else part by part, and then the whole of the parts.
    func summed(_ phrases: [String], of summary: ClaimedSummary) throws -> Writing {
        var parts = SummaryPrompt.parts(phrases)
        while parts.count > 1 {
            let retold = try parts.map {
                try writer.write(SummaryPrompt.part($0, of: summary.title, language: summary.language)).text
            }
            parts = SummaryPrompt.parts(retold)
        }
        return try writer.write(
            SummaryPrompt.whole(parts.first ?? "", of: summary.title, language: summary.language))
    }
}

Lambda.serve(
    { try Shop.live().reaching(.writer, .summaries, .events) }, http: summaries, queue: write, bus: begin)
