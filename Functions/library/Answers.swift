import Core
import FoundationEssentials

struct OwnedBook: Encodable {
    let audiobookId: Audiobook.ID
    let slug: Slug
    let title: String
    let subtitle: String?
    let authors: [String]
    let narrators: [String]
    let durationMilliseconds: Int
    let ownedSince: Date
    let exports: [Export.Format]
    let progress: ProgressAnswer?

    init(_ item: LibraryItem) {
        (audiobookId, slug, title, subtitle) = (item.audiobook, item.slug, item.title, item.subtitle)
        (authors, narrators) = (item.authors, item.narrators)
        (durationMilliseconds, ownedSince) = (item.durationMilliseconds, item.ownedSince)
        exports = item.exports
        progress = item.progress.map(ProgressAnswer.init)
    }
}

struct ProgressAnswer: Encodable {
    let positionMilliseconds: Int
    let listenedAt: Date
    let finishedAt: Date?

    init(_ progress: LibraryItem.Progress) {
        (positionMilliseconds, listenedAt) = (progress.milliseconds, progress.listenedAt)
        finishedAt = progress.finishedAt
    }
}

struct OwnedPage: Encodable {
    let book: OwnedBook
    let chapters: [ChapterAnswer]
    let position: PositionAnswer
    let settings: SettingsBody
}

extension Response {
    /// What is one customer's own, and kept by no cache.
    static func personal(_ body: some Encodable, status: Int = 200, version: Int? = nil) throws -> Response {
        var headers = ["cache-control": "private, no-store"]
        if let version { headers["etag"] = EntityTag(version: version).description }
        return try Response(status, body, headers: headers)
    }
}

extension Transaction {
    /// A book the customer may hear now.
    func owned(_ book: Audiobook.ID, by customer: Principal) throws -> LibraryItem {
        _ = try entitlement(of: customer.id, to: book)
        guard let item = try libraryItem(book, of: customer.id) else { throw AccessError.noSuchBook }
        return item
    }
}
