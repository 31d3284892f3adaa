import Core
import FoundationEssentials

struct JobAnswer: Encodable {
    let kind: UnfinishedWork.Kind
    let id: UnfinishedWork.ID
    let audiobookId: Audiobook.ID
    let title: String
    let chapter: Int?
    let state: UnfinishedWork.State
    let failure: String?
    let attempts: Int
    let pieces: Int
    let donePieces: Int
    let isStuck: Bool
    let createdAt: Date

    init(_ work: UnfinishedWork) {
        (kind, id, audiobookId, title) = (work.kind, work.id, work.audiobook, work.title)
        (chapter, state, failure) = (work.chapter, work.state, work.failure)
        (attempts, pieces, donePieces) = (work.attempts, work.pieces, work.donePieces)
        (isStuck, createdAt) = (work.isStuck, work.createdAt)
    }
}

/// GET /admin/jobs
func listJobs(_ request: Request, in shop: Shop) throws -> Response {
    _ = try shop.identity.editor(request)
    try request.refuseUnknownQuery(allowing: ["state", "cursor", "limit"])
    let state: UnfinishedWork.State? = try request.query.value("state")
    let (size, cursor) = try request.page()
    let page = try shop.database.transaction(.readOnly) {
        try $0.unfinishedWork(in: state, after: cursor, size: size)
    }
    return try .confidential(200, ListAnswer(page, JobAnswer.init))
}
