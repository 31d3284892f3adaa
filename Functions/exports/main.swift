// A book as one file to keep, where its editors allow it:
// GET /library/{id}/exports · PUT /library/{id}/exports/{format}
// An M4B with chapters, or an EPUB 3 whose words light up as they are heard. It is made when somebody first asks for
// it, by whoever the queue brings it to, and then is everybody's who owns the book.
//
// Asked for again it is the same one, until the book says something else. A message that comes twice finds it made, or
// in other hands. What breaks off has sent parts that are nobody's: they are given up by whoever comes next.

import Core
import World

func exports(_ request: Request, in shop: Shop) throws -> Response {
    let customer = try shop.identity.customer(request)
    switch request.route {
    case "GET /api/v1/library/{id}/exports": return try list(request, of: customer, in: shop)
    case "PUT /api/v1/library/{id}/exports/{format}": return try ask(request, by: customer, in: shop)
    default: throw Problem.notFound
    }
}

func make(_ message: QueueMessage, in shop: Shop) throws {
    guard let id = Export.ID(message.body) else { return log("a message without an export is passed over") }
    // Longer than an event lasts, so that nobody is at it when it is over.
    let claimed = try shop.database.transaction(.repeatableRead) { try $0.claimExport(id, leaseSeconds: 930) }
    guard let export = claimed else {
        return log("an export in other hands is passed over", ["export": id])
    }
    do {
        let bytes = try shop.sent(export)
        try shop.database.transaction(.readCommitted) { try $0.complete(export, bytes: bytes) }
        log("export made", ["export": id, "format": export.format.rawValue, "bytes": bytes])
    } catch let failure as OutsideFailure {
        try shop.giveBack(export, because: failure.word, isFinal: failure.kind == .refused)
    } catch let refusal as ExportError {
        try shop.giveBack(export, because: "export-\(refusal)", isFinal: true)
    }
}

Lambda.serve(
    { try Shop.live().reaching(.storage, .bindery, .exports) }, http: exports, queue: make)
