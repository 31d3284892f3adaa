// What a customer owns, and where they are in it: the books, their addresses, words, places, bookmarks, speeds and
// hours.
//
// Addresses are signed when they are asked for and live a quarter of an hour; clients ask again at 80 % of
// it. All else may be sent again: a place is moved on a version, a bookmark is made under its own name.

import Core
import World

func library(_ request: Request, in shop: Shop) throws -> Response {
    let customer = try shop.identity.customer(request)
    switch request.route {
    case "GET /api/v1/library": return try list(request, of: customer, in: shop)
    case "GET /api/v1/library/statistics": return try statistics(request, of: customer, in: shop)
    case "GET /api/v1/library/{id}": return try show(request, to: customer, in: shop)
    case "POST /api/v1/library/{id}/stream": return try open(request, for: .stream, by: customer, in: shop)
    case "POST /api/v1/library/{id}/download":
        return try open(request, for: .download, by: customer, in: shop)
    case "GET /api/v1/library/{id}/position": return try position(request, of: customer, in: shop)
    case "PUT /api/v1/library/{id}/position": return try move(request, of: customer, in: shop)
    case "POST /api/v1/library/{id}/position/undo": return try undo(request, of: customer, in: shop)
    case "GET /api/v1/library/{id}/history": return try history(request, of: customer, in: shop)
    case "GET /api/v1/library/{id}/settings": return try settings(request, of: customer, in: shop)
    case "PUT /api/v1/library/{id}/settings": return try setSettings(request, of: customer, in: shop)
    case "GET /api/v1/library/{id}/transcript": return try transcript(request, of: customer, in: shop)
    case "GET /api/v1/library/{id}/recap": return try recap(request, of: customer, in: shop)
    case "GET /api/v1/library/{id}/search": return try shop.passages(request, of: customer, in: request.id())
    case "GET /api/v1/library/{id}/bookmarks": return try bookmarks(request, of: customer, in: shop)
    case "POST /api/v1/library/{id}/bookmarks": return try addBookmark(request, of: customer, in: shop)
    case "PUT /api/v1/library/{id}/bookmarks/{bookmarkId}":
        return try putBookmark(request, of: customer, in: shop)
    case "PATCH /api/v1/library/{id}/bookmarks/{bookmarkId}":
        return try editBookmark(request, of: customer, in: shop)
    case "DELETE /api/v1/library/{id}/bookmarks/{bookmarkId}":
        return try deleteBookmark(request, of: customer, in: shop)
    default: throw Problem.notFound
    }
}

func list(_ request: Request, of customer: Principal, in shop: Shop) throws -> Response {
    try request.refuseUnknownQuery(allowing: ["progress", "sort", "cursor", "limit"])
    let query = LibraryQuery(
        progress: try request.query.value("progress"), sort: try request.query.value("sort") ?? .newest)
    let (size, cursor) = try request.page()
    let page = try shop.database.transaction(.readOnly) {
        try $0.library(of: customer.id, query, after: cursor, size: size)
    }
    return try .personal(ListAnswer(page, OwnedBook.init))
}

func show(_ request: Request, to customer: Principal, in shop: Shop) throws -> Response {
    let book: Audiobook.ID = try request.id()
    let answer = try shop.database.transaction(.readOnly) { transaction in
        let item = try transaction.owned(book, by: customer)
        guard let edition = try transaction.currentEdition(of: book) else { throw AccessError.noSuchBook }
        return OwnedPage(
            book: OwnedBook(item), chapters: try transaction.chapters(of: edition).map(ChapterAnswer.init),
            position: PositionAnswer(try transaction.position(of: customer.id, in: book)),
            settings: SettingsBody(speed: try transaction.speed(of: customer.id, in: book).rawValue))
    }
    return try .personal(answer)
}

Lambda.serve({ try Shop.live().reaching(.index) }, http: library)
