import Core

/// The words of a book, for who listens to it.
struct WordsAnswer: Encodable {
    let audiobookId: Audiobook.ID
    let language: LanguageTag
    let segments: [SegmentAnswer]
    let next: String?
}

func transcript(_ request: Request, of customer: Principal, in shop: Shop) throws -> Response {
    let book: Audiobook.ID = try request.id()
    let asked = try request.transcriptRequest()
    return try shop.database.transaction(.readOnly) { transaction in
        _ = try transaction.entitlement(of: customer.id, to: book)
        let readable = try transaction.readableTranscript(of: book)
        return try transaction.read(readable.id, as: asked, for: request) { page in
            WordsAnswer(
                audiobookId: book, language: readable.language,
                segments: page.items.map(SegmentAnswer.init), next: page.next?.rawValue)
        }
    }
}

/// The story so far.
struct RecapAnswer: Encodable {
    struct Part: Encodable {
        let chapter: Int
        let title: String
        let startMilliseconds: Int
        let endMilliseconds: Int
        let summary: String?

        init(_ part: Recap.Part) {
            (chapter, title, summary) = (part.position, part.chapter.title, part.summary)
            startMilliseconds = part.chapter.span.startMilliseconds
            endMilliseconds = part.chapter.span.endMilliseconds
        }
    }

    let audiobookId: Audiobook.ID
    let positionMilliseconds: Int
    let chapters: [Part]

    init(_ recap: Recap) {
        (audiobookId, positionMilliseconds) = (recap.audiobook, recap.milliseconds)
        chapters = recap.chapters.map(Part.init)
    }
}

func recap(_ request: Request, of customer: Principal, in shop: Shop) throws -> Response {
    try request.refuseUnknownQuery(allowing: [])
    let book: Audiobook.ID = try request.id()
    let recap = try shop.database.transaction(.readOnly) { transaction in
        _ = try transaction.entitlement(of: customer.id, to: book)
        return try transaction.recap(of: book, for: customer.id)
    }
    return try .personal(RecapAnswer(recap))
}
