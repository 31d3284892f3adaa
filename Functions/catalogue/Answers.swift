import Core
import FoundationEssentials

/// The page of one book.
struct BookAnswer: Encodable {
    let id: Audiobook.ID
    let slug: Slug
    let title: String
    let subtitle: String?
    let description: String
    let language: LanguageTag
    let state: Audiobook.State
    let people: [Credit]
    let price: Money?
    let durationMilliseconds: Int?
    let publishedAt: Date?
    let version: Int
    let chapters: [ChapterAnswer]
    /// Only once a person has approved it.
    let summary: String?

    init(_ book: Audiobook, chapters: [Chapter], summary: String?) {
        (id, slug, title, subtitle) = (book.id, book.slug, book.title, book.subtitle)
        (description, language, state, people) = (book.description, book.language, book.state, book.people)
        (price, durationMilliseconds) = (book.price, book.durationMilliseconds)
        (publishedAt, version, self.summary) = (book.publishedAt, book.version, summary)
        self.chapters = chapters.map(ChapterAnswer.init)
    }

    func response(_ status: Int) throws -> Response {
        var headers = ["etag": EntityTag(version: version).description]
        if status == 201 { headers["location"] = "/api/v1/audiobooks/\(id)" }
        return try Response(status, self, headers: headers)
    }
}

extension Transaction {
    func page(of reference: Audiobook.Reference, in currency: Currency, seenBy viewer: Viewer) throws
        -> BookAnswer
    {
        guard let book = try audiobook(reference, in: currency, seenBy: viewer) else {
            throw CatalogueError.noSuchBook
        }
        return BookAnswer(
            book, chapters: try book.edition.map { try chapters(of: $0) } ?? [],
            summary: try approvedSummary(of: book.id)?.text)
    }
}
