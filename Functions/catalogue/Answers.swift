import Core
import FoundationEssentials

/// The page of one book. Where what it shows is to be had, is told by addresses that stay.
struct BookAnswer: Encodable {
    let id: Audiobook.ID
    let slug: Slug
    let title: String
    let subtitle: String?
    let description: String
    let language: LanguageTag
    let isbn13: ISBN13?
    let state: Audiobook.State
    let people: [Contribution]
    let series: [SeriesPlace]
    let categories: [CategoryName]
    let price: Money?
    /// In all currencies; for editors.
    let prices: [Money]?
    let durationMilliseconds: Int?
    let publishedAt: Date?
    /// What files it may be had as by who owns it.
    let exports: [Export.Format]
    let version: Int
    let chapters: [ChapterAnswer]
    let cover: [CoverAnswer]?
    let sample: SampleAnswer?
    /// Only once a person has approved it.
    let summary: String?

    init(_ book: Audiobook, chapters: [Chapter], summary: String?, prices: [Money]?) {
        (id, slug, title, subtitle) = (book.id, book.slug, book.title, book.subtitle)
        (description, language, state, people) = (book.description, book.language, book.state, book.people)
        (isbn13, series, categories) = (book.isbn13, book.series, book.categories)
        (price, durationMilliseconds) = (book.price, book.durationMilliseconds)
        (publishedAt, exports, version) = (book.publishedAt, book.exports, book.version)
        self.summary = summary
        self.chapters = chapters.map(ChapterAnswer.init)
        self.prices = prices
        cover = book.hasCover ? CoverAnswer.all(of: book.id) : nil
        sample = book.sample.map { SampleAnswer($0, of: book.id) }
    }

    func response(_ status: Int) throws -> Response {
        var headers = ["etag": EntityTag(version: version).description]
        if status == 201 { headers["location"] = "/api/v1/audiobooks/\(id)" }
        return try Response(status, self, headers: headers)
    }
}

struct CoverAnswer: Encodable {
    /// It fits a square of so many.
    let pixels: Int
    let url: String

    static func all(of book: Audiobook.ID) -> [CoverAnswer] {
        CoverSize.allCases.map { size in
            CoverAnswer(
                pixels: size.rawValue, url: "/api/v1/audiobooks/\(book)/cover?size=\(size.rawValue)")
        }
    }
}

struct SampleAnswer: Encodable {
    let url: String
    let startMilliseconds: Int
    let durationMilliseconds: Int

    init(_ sample: Sample, of book: Audiobook.ID) {
        url = "/api/v1/audiobooks/\(book)/sample"
        (startMilliseconds, durationMilliseconds) = (sample.startMilliseconds, sample.durationMilliseconds)
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
            summary: try approvedSummary(of: book.id)?.text,
            prices: try viewer == .editor ? standingPrices(of: book.id) : nil)
    }
}
