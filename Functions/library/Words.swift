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
