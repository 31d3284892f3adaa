import Core

struct ChapterWish: Decodable {
    let title: String
    let startMilliseconds: Int
    let endMilliseconds: Int
}

struct ChapterWishes: Decodable { let chapters: [ChapterWish] }

struct ChaptersAnswer: Encodable {
    let audiobookId: Audiobook.ID
    /// Of the recording, which they tile.
    let durationMilliseconds: Int
    let chapters: [ChapterAnswer]
    /// For editors alone.
    let doubts: [DoubtAnswer]?
}

struct DoubtAnswer: Encodable {
    let position: Int
    let reason: ChapterDoubt.Reason

    init(_ doubt: ChapterDoubt) { (position, reason) = (doubt.position, doubt.reason) }
}

func showChapters(_ request: Request, in shop: Shop) throws -> Response {
    let reference = try request.book
    try request.refuseUnknownQuery()
    let viewer = try shop.identity.viewer(request)
    return try shop.database.transaction(.readOnly) {
        try $0.chapters(of: reference, seenBy: viewer, in: shop)
    }
}

func correctChapters(_ request: Request, in shop: Shop) throws -> Response {
    let editor = try shop.identity.editor(request)
    let book: Audiobook.ID = try request.id()
    try request.refuseUnknownQuery()
    let version = try request.expectedVersion.version
    let wishes = try request.decoded(as: ChapterWishes.self).chapters
    return try shop.database.transaction { transaction in
        guard let page = try transaction.audiobook(.id(book), in: shop.currency, seenBy: .editor) else {
            throw CatalogueError.noSuchBook
        }
        guard let duration = page.durationMilliseconds else { throw CatalogueError.noRecording }
        let chapters = try Chapter.checked(
            wishes.map { ($0.title, $0.startMilliseconds, $0.endMilliseconds) },
            durationMilliseconds: duration)
        try transaction.correct(book, to: chapters, by: editor.id, ifVersion: version)
        return try transaction.chapters(of: .id(book), seenBy: .editor, in: shop)
    }
}

extension Transaction {
    fileprivate func chapters(
        of reference: Audiobook.Reference, seenBy viewer: Viewer, in shop: Shop
    ) throws -> Response {
        guard let book = try audiobook(reference, in: shop.currency, seenBy: viewer) else {
            throw CatalogueError.noSuchBook
        }
        guard let edition = book.edition, let duration = book.durationMilliseconds else {
            throw CatalogueError.noRecording
        }
        let chapters = try chapters(of: edition)
        let answer = ChaptersAnswer(
            audiobookId: book.id, durationMilliseconds: duration, chapters: chapters.map(ChapterAnswer.init),
            doubts: viewer == .editor ? chapters.doubts.map(DoubtAnswer.init) : nil)
        return try Response(200, answer, headers: ["etag": EntityTag(version: book.version).description])
    }
}
