import Core
import FoundationEssentials

struct NewSummary: Decodable { let audiobookId: Audiobook.ID }
struct Approval: Decodable { let summaryId: Summary.ID }

struct SummaryAnswer: Encodable {
    let id: Summary.ID
    let audiobookId: Audiobook.ID
    let chapter: Int?
    let state: Summary.State
    let text: String?
    let model: String?
    let createdAt: Date

    init(_ summary: Summary) {
        (id, audiobookId, state) = (summary.id, summary.audiobook, summary.state)
        (text, model, createdAt) = (summary.text, summary.model, summary.createdAt)
        chapter = summary.scope == .book ? nil : summary.scope.chapter
    }
}

func ask(_ request: Request, in shop: Shop) throws -> Response {
    let book = try request.decoded(as: NewSummary.self).audiobookId
    let summary = try shop.database.transaction { transaction in
        guard let transcript = try transaction.transcript(of: book) else { throw SummaryError.noTranscript }
        return try transaction.summary(transaction.wantSummary(of: transcript.id, .book))
    }
    guard let summary else { throw Problem.notFound }
    if summary.state == .wanted { try shop.summaries.send(summary.id.description) }
    return try Response(202, SummaryAnswer(summary))
}

func list(_ request: Request, in shop: Shop) throws -> Response {
    let book: Audiobook.ID = try request.id("audiobookId")
    let summaries = try shop.database.transaction { try $0.summaries(of: book, limit: 100) }
    return try Response(200, ListAnswer(Page(items: summaries, next: nil), SummaryAnswer.init))
}

func approve(_ request: Request, by editor: Editing, in shop: Shop) throws -> Response {
    let book: Audiobook.ID = try request.id("audiobookId")
    let id = try request.decoded(as: Approval.self).summaryId
    let summary = try shop.database.transaction { transaction in
        guard try transaction.summary(id)?.audiobook == book else { throw SummaryError.noSuchSummary }
        try transaction.approve(id, by: editor.id)
        return try transaction.summary(id)
    }
    guard let summary else { throw Problem.notFound }
    return try Response(200, SummaryAnswer(summary))
}
