import Core
import FoundationEssentials

struct NewSummary: Decodable {
    let audiobookId: Audiobook.ID
    let chapter: Int?
}
struct NamedSummary: Decodable { let summaryId: Summary.ID }

struct SummaryAnswer: Encodable {
    /// Of all attempts; tokens as far as the service tells.
    struct CostAnswer: Encodable {
        let calls: Int
        let tokensRead: Int
        let tokensWritten: Int
        let microdollars: Int
    }

    let id: Summary.ID
    let audiobookId: Audiobook.ID
    let chapter: Int?
    let state: Summary.State
    let text: String?
    let model: String?
    let promptVersion: String?
    let approvedBy: Editor.ID?
    let failure: String?
    let cost: CostAnswer
    let createdAt: Date

    init(_ summary: Summary) {
        (id, audiobookId, state) = (summary.id, summary.audiobook, summary.state)
        (text, model, createdAt) = (summary.text, summary.model, summary.createdAt)
        (promptVersion, approvedBy) = (summary.promptVersion, summary.approvedBy)
        chapter = summary.scope == .book ? nil : summary.scope.chapter
        failure = summary.failure
        cost = CostAnswer(
            calls: summary.cost.calls, tokensRead: summary.cost.tokensRead,
            tokensWritten: summary.cost.tokensWritten, microdollars: summary.cost.microdollars)
    }
}

/// Of a chapter, or of the whole with all chapters of which nothing was written yet.
func ask(_ request: Request, in shop: Shop) throws -> Response {
    let asked = try request.decoded(as: NewSummary.self)
    if let chapter = asked.chapter, !(1...Chapter.maximumCount).contains(chapter) {
        throw Problem.invalid("/chapter", "1 to \(Chapter.maximumCount)")
    }
    let (summary, due) = try shop.database.transaction { transaction in
        guard let transcript = try transaction.transcript(of: asked.audiobookId) else {
            throw SummaryError.noTranscript
        }
        let id =
            try asked.chapter.map { try transaction.wantSummary(of: transcript.id, .chapter($0)) }
            ?? transaction.wantSummaries(of: transcript.id)
        return (try transaction.summary(id), try transaction.dueSummaries(of: transcript.id))
    }
    guard let summary else { throw Problem.notFound }
    try shop.send(due)
    return try Response(202, SummaryAnswer(summary))
}

func list(_ request: Request, in shop: Shop) throws -> Response {
    try request.refuseUnknownQuery(allowing: ["state", "cursor", "limit"])
    let book: Audiobook.ID = try request.id("audiobookId")
    let state: Summary.State? = try request.query.value("state")
    let (size, cursor) = try request.page()
    let page = try shop.database.transaction(.readOnly) {
        try $0.summaries(of: book, in: state, after: cursor, size: size)
    }
    return try Response(200, ListAnswer(page, SummaryAnswer.init))
}

func approve(_ request: Request, by editor: Editing, in shop: Shop) throws -> Response {
    let (book, id) = try named(request)
    let summary = try shop.database.transaction { transaction in
        guard try transaction.summary(id)?.audiobook == book else { throw SummaryError.noSuchSummary }
        try transaction.approve(id, by: editor.id)
        return try transaction.summary(id)
    }
    guard let summary else { throw Problem.notFound }
    return try Response(200, SummaryAnswer(summary))
}

func regenerate(_ request: Request, by editor: Editing, in shop: Shop) throws -> Response {
    let (book, id) = try named(request)
    let (summary, due) = try shop.database.transaction { transaction in
        guard let former = try transaction.summary(id), former.audiobook == book else {
            throw SummaryError.noSuchSummary
        }
        let wanted = try transaction.regenerate(id, by: editor.id)
        return (try transaction.summary(wanted), try transaction.dueSummaries(of: former.transcript))
    }
    guard let summary else { throw Problem.notFound }
    try shop.send(due)
    return try Response(202, SummaryAnswer(summary))
}

private func named(_ request: Request) throws -> (Audiobook.ID, Summary.ID) {
    (try request.id("audiobookId"), try request.decoded(as: NamedSummary.self).summaryId)
}

extension Shop {
    /// A summary, and out of what it is to be written or until when it is to be left alone. Nil where it is done, in
    /// other hands, or its time has not come.
    func claim(_ id: Summary.ID) throws -> (ClaimedSummary, sources: [SummarySource], rest: Rest?)? {
        let leaseSeconds = 150
        return try database.transaction(.readCommitted) { transaction in
            try transaction.claimSummary(id, leaseSeconds: leaseSeconds).map { summary in
                let rest = try transaction.turn(at: .writing, probeSeconds: leaseSeconds)
                return (summary, rest == nil ? try transaction.sources(for: summary) : [], rest)
            }
        }
    }

    /// It comes again when the service may be called again.
    func put(off summary: ClaimedSummary, until rest: Rest, spent cost: WritingCost) throws {
        try database.transaction(.readCommitted) { try $0.release(summary, until: rest, cost: cost) }
        let delay = rest.delaySeconds(from: Date())
        try summaries.send(summary.id.description, delaySeconds: delay)
        log("summary put off", ["summary": summary.id, "seconds": delay])
    }

    /// What is sent twice is written once, and what is lost is sent again by the relay.
    func send(_ due: [Summary.ID]) throws {
        for summary in due { try summaries.send(summary.description) }
    }
}
