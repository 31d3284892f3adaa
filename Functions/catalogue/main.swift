// What is on sale, and the editors' work on it:
// GET /audiobooks · GET /audiobooks/{id or slug} · POST /audiobooks · PATCH /audiobooks/{id} · GET /health
//
// Creating again under one Idempotency-Key answers the same book. A change names the version it was made on
// (If-Match), so that sending it again changes nothing twice.

import Core

func catalogue(_ request: Request, in shop: Shop) throws -> Response {
    switch request.route {
    case "GET /api/v1/audiobooks": try list(request, in: shop)
    case "GET /api/v1/audiobooks/{id}": try show(request, in: shop)
    case "POST /api/v1/audiobooks": try create(request, in: shop)
    case "PATCH /api/v1/audiobooks/{id}": try edit(request, in: shop)
    case "GET /api/v1/health": try health(in: shop)
    default: throw Problem.notFound
    }
}

func show(_ request: Request, in shop: Shop) throws -> Response {
    guard let reference = request.parameters["id"].flatMap(Audiobook.Reference.init) else {
        throw Problem.notFound
    }
    try request.refuseUnknownQuery(allowing: ["currency"])
    let currency = try request.query.currency ?? shop.currency
    let viewer: Viewer = try shop.identity.mayEdit(request) ? .editor : .anyone
    let answer = try shop.database.transaction { try $0.page(of: reference, in: currency, seenBy: viewer) }
    return try answer.response(200)
}

func create(_ request: Request, in shop: Shop) throws -> Response {
    let editor = try shop.identity.editor(request)
    let description = try request.decoded(as: NewBook.self).checked()
    return try shop.database.transaction(.readCommitted) { transaction in
        try transaction.once(request, of: editor.id) {
            let book = try transaction.create(description, by: editor.id)
            return try transaction.page(of: .id(book), in: shop.currency, seenBy: .editor).response(201)
        }
    }
}

func edit(_ request: Request, in shop: Shop) throws -> Response {
    let editor = try shop.identity.editor(request)
    let book: Audiobook.ID = try request.id()
    let version = try request.expectedVersion.version
    let change = try request.decoded(as: BookChange.self)
    let answer = try shop.database.transaction { transaction in
        try transaction.apply(change, to: book, ifVersion: version, by: editor.id, in: shop.currency)
        return try transaction.page(
            of: .id(book), in: change.price?.currency ?? shop.currency, seenBy: .editor)
    }
    return try answer.response(200)
}

func health(in shop: Shop) throws -> Response {
    _ = try shop.database.transaction(.readOnly) { try $0.value("SELECT 1") as Int? }
    return try Response(200, ["status": "ok"], headers: ["cache-control": "no-store"])
}

Lambda.serve({ try Shop.live() }, http: catalogue)
