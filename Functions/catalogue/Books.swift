import Core

func showBook(_ request: Request, in shop: Shop) throws -> Response {
    let reference = try request.book
    try request.refuseUnknownQuery(allowing: ["currency"])
    let currency = try request.query.currency ?? shop.currency
    let viewer = try shop.identity.viewer(request)
    return try shop.database.transaction(.readOnly) { transaction in
        try transaction.page(of: reference, in: currency, seenBy: viewer).response(200)
    }
}

func createBook(_ request: Request, in shop: Shop) throws -> Response {
    let editor = try shop.identity.editor(request)
    try request.refuseUnknownQuery()
    let description = try request.decoded(as: DescribedBook.self).checked()
    return try shop.database.transaction(.readCommitted) { transaction in
        try transaction.once(request, of: editor.id) {
            let book = try transaction.create(description, by: editor.id)
            return try transaction.page(of: .id(book), in: shop.currency, seenBy: .editor).response(201)
        }
    }
}

/// All that is said of a book, anew. Its price and its state are no part of that.
func replaceBook(_ request: Request, in shop: Shop) throws -> Response {
    let editor = try shop.identity.editor(request)
    let book: Audiobook.ID = try request.id()
    try request.refuseUnknownQuery()
    let version = try request.expectedVersion.version
    let description = try request.decoded(as: DescribedBook.self).checked()
    return try shop.database.transaction { transaction in
        try transaction.describe(book, as: description, by: editor.id, ifVersion: version)
        return try transaction.page(of: .id(book), in: shop.currency, seenBy: .editor).response(200)
    }
}

/// What was never on sale goes with all that was made of it.
func eraseBook(_ request: Request, in shop: Shop) throws -> Response {
    let editor = try shop.identity.editor(request)
    let book: Audiobook.ID = try request.id()
    try request.refuseUnknownQuery()
    let version = try request.expectedVersion.version
    try shop.database.transaction(.readCommitted) {
        try $0.erase(book, by: editor.id, ifVersion: version)
    }
    return .noContent
}

func changeBook(_ request: Request, in shop: Shop) throws -> Response {
    let editor = try shop.identity.editor(request)
    let book: Audiobook.ID = try request.id()
    try request.refuseUnknownQuery()
    let version = try request.expectedVersion.version
    let change = try request.decoded(as: BookChange.self)
    return try shop.database.transaction { transaction in
        try change.make(of: book, ifVersion: version, by: editor.id, in: shop.currency, transaction)
        return try transaction.page(
            of: .id(book), in: change.currency(or: shop.currency), seenBy: .editor
        ).response(200)
    }
}
