import Core
import FoundationEssentials

struct BookmarkBody: Decodable {
    let positionMilliseconds: Int
    let note: String?

    func checked() throws(BookmarkError) -> Bookmark.Content {
        try Bookmark.Content(milliseconds: positionMilliseconds, note: note ?? "")
    }
}

/// What is left out stays.
struct BookmarkChange: Decodable {
    let positionMilliseconds: Int?
    let note: String?
}

struct BookmarkAnswer: Encodable {
    let id: Bookmark.ID
    let positionMilliseconds: Int
    let note: String
    let version: Int
    let createdAt: Date
    let changedAt: Date

    init(_ bookmark: Bookmark) {
        (id, positionMilliseconds, note) = (bookmark.id, bookmark.milliseconds, bookmark.note)
        (version, createdAt, changedAt) = (bookmark.version, bookmark.createdAt, bookmark.changedAt)
    }
}

extension Request {
    fileprivate func bookmark() throws(Problem) -> (book: Audiobook.ID, bookmark: Bookmark.ID) {
        (try id(), try id("bookmarkId"))
    }
}

extension SavedBookmark {
    fileprivate func response(in book: Audiobook.ID) throws -> Response {
        switch self {
        case .found(let bookmark):
            return try .personal(BookmarkAnswer(bookmark), version: bookmark.version)
        case .made(let bookmark):
            var response = try Response.personal(
                BookmarkAnswer(bookmark), status: 201, version: bookmark.version)
            response.headers["location"] = "/api/v1/library/\(book)/bookmarks/\(bookmark.id)"
            return response
        }
    }
}

func bookmarks(_ request: Request, of customer: Principal, in shop: Shop) throws -> Response {
    try request.refuseUnknownQuery(allowing: ["cursor", "limit"])
    let book: Audiobook.ID = try request.id()
    let (size, cursor) = try request.page()
    let page = try shop.database.transaction(.readOnly) { transaction in
        _ = try transaction.entitlement(of: customer.id, to: book)
        return try transaction.bookmarks(of: customer.id, in: book, after: cursor, size: size)
    }
    return try .personal(ListAnswer(page, BookmarkAnswer.init))
}

func addBookmark(_ request: Request, of customer: Principal, in shop: Shop) throws -> Response {
    let book: Audiobook.ID = try request.id()
    let content = try request.decoded(as: BookmarkBody.self).checked()
    return try shop.database.transaction { transaction in
        _ = try transaction.entitlement(of: customer.id, to: book)
        return try transaction.once(request, of: customer.id) {
            try transaction.save(content, as: Bookmark.ID(), of: customer.id, in: book).response(in: book)
        }
    }
}

/// Under a name of the device's own, so that it may be offline when it makes one, and send it again.
func putBookmark(_ request: Request, of customer: Principal, in shop: Shop) throws -> Response {
    let (book, id) = try request.bookmark()
    let version = request.headers["if-match"] == nil ? nil : try request.expectedVersion.version
    let content = try request.decoded(as: BookmarkBody.self).checked()
    return try shop.database.transaction { transaction in
        _ = try transaction.entitlement(of: customer.id, to: book)
        return try transaction.save(content, as: id, of: customer.id, in: book, ifVersion: version)
            .response(in: book)
    }
}

func editBookmark(_ request: Request, of customer: Principal, in shop: Shop) throws -> Response {
    let (book, id) = try request.bookmark()
    let version = try request.expectedVersion.version
    let change = try request.decoded(as: BookmarkChange.self)
    return try shop.database.transaction { transaction in
        _ = try transaction.entitlement(of: customer.id, to: book)
        let known = try transaction.bookmark(id, of: customer.id, in: book)
        let content = try Bookmark.Content(
            milliseconds: change.positionMilliseconds ?? known.milliseconds, note: change.note ?? known.note)
        return try transaction.save(content, as: id, of: customer.id, in: book, ifVersion: version)
            .response(in: book)
    }
}

func deleteBookmark(_ request: Request, of customer: Principal, in shop: Shop) throws -> Response {
    let (book, id) = try request.bookmark()
    try shop.database.transaction(.readCommitted) { transaction in
        _ = try transaction.entitlement(of: customer.id, to: book)
        try transaction.delete(id, of: customer.id, in: book)
    }
    return .noContent
}
