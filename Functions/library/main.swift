// What a customer owns: GET /library · GET /library/{id} · POST /library/{id}/stream · POST
// /library/{id}/download
//
// Addresses are signed when they are asked for and live a quarter of an hour; clients ask again at 80 % of
// it.

import Core
import FoundationEssentials

func library(_ request: Request, in shop: Shop) throws -> Response {
    let customer = try shop.identity.customer(request)
    switch request.route {
    case "GET /api/v1/library": return try list(request, of: customer, in: shop)
    case "GET /api/v1/library/{id}": return try show(request, to: customer, in: shop)
    case "POST /api/v1/library/{id}/stream": return try open(request, for: .stream, by: customer, in: shop)
    case "POST /api/v1/library/{id}/download":
        return try open(request, for: .download, by: customer, in: shop)
    default: throw Problem.notFound
    }
}

func list(_ request: Request, of customer: Principal, in shop: Shop) throws -> Response {
    try request.refuseUnknownQuery(allowing: ["cursor", "limit"])
    let (size, cursor) = try request.page()
    let page = try shop.database.transaction { try $0.library(of: customer.id, after: cursor, size: size) }
    return try Response(
        200, ListAnswer(page, OwnedBook.init), headers: ["cache-control": "private, no-store"])
}

func show(_ request: Request, to customer: Principal, in shop: Shop) throws -> Response {
    let book: Audiobook.ID = try request.id()
    let answer = try shop.database.transaction { transaction in
        _ = try transaction.entitlement(of: customer.id, to: book)
        guard let item = try transaction.libraryItem(book, of: customer.id),
            let edition = try transaction.currentEdition(of: book)
        else { throw AccessError.noSuchBook }
        return OwnedPage(
            book: OwnedBook(item), chapters: try transaction.chapters(of: edition).map(ChapterAnswer.init))
    }
    return try Response(200, answer, headers: ["cache-control": "private, no-store"])
}

func open(
    _ request: Request, for action: AccessRecord.Action, by customer: Principal, in shop: Shop
) throws -> Response {
    let book: Audiobook.ID = try request.id()
    let (title, tracks) = try shop.database.transaction { transaction in
        let entitlement = try transaction.entitlement(of: customer.id, to: book)
        guard let item = try transaction.libraryItem(book, of: customer.id),
            let edition = try transaction.currentEdition(of: book)
        else { throw AccessError.noSuchBook }
        let tracks = try transaction.tracks(of: edition)
        for track in tracks {
            try transaction.record(
                AccessRecord(
                    entitlement: entitlement.id, asset: track.asset.id, action: action, ip: request.sourceIP,
                    userAgent: request.userAgent))
        }
        return (item.title, tracks)
    }
    let files = try tracks.map { try shop.openedTrack($0, of: title, for: action) }
    return try Response(200, ["tracks": files], headers: ["cache-control": "no-store"])
}

Lambda.serve({ try Shop.live() }, http: library)
