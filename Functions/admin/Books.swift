import Core
import FoundationEssentials

struct BookOverviewAnswer: Encodable {
    let id: Audiobook.ID
    let title: String
    let authors: [String]
    let state: Audiobook.State
    let hasRecording: Bool
    let createdAt: Date

    init(_ book: BookOverview) {
        (id, title, authors, state) = (book.id, book.title, book.authors, book.state)
        (hasRecording, createdAt) = (book.hasRecording, book.createdAt)
    }
}

/// GET /admin/audiobooks
func listBooks(_ request: Request, in shop: Shop) throws -> Response {
    _ = try shop.identity.editor(request)
    try request.refuseUnknownQuery(allowing: ["state", "q", "cursor", "limit"])
    let state: Audiobook.State? = try request.query.value("state")
    let words = try request.words()
    let (size, cursor) = try request.page()
    let page = try shop.database.transaction(.readOnly) {
        try $0.books(in: state, titled: words, after: cursor, size: size)
    }
    return try .confidential(200, ListAnswer(page, BookOverviewAnswer.init))
}
