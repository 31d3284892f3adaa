import Core
import FoundationEssentials

/// A price to be: from a moment on, or with `until` for a time only.
struct PriceWish: Decodable {
    let price: Money
    let from: Date?
    let until: Date?
}

struct PriceAnswer: Encodable {
    enum State: String, Encodable { case past, current, planned }

    let id: BookPrice.ID
    let price: Money
    let from: Date
    let until: Date?
    let isSale: Bool
    let state: State
    let setBy: Editor.ID?
    let setAt: Date

    init(_ price: BookPrice, now: Date) {
        let stretch = price.stretch
        (id, self.price, isSale) = (price.id, price.price, stretch.isSale)
        (from, until, setBy, setAt) = (stretch.from, stretch.until, stretch.setBy, stretch.setAt)
        state = stretch.from > now ? .planned : stretch.until.map { $0 <= now } ?? false ? .past : .current
    }
}

func listPrices(_ request: Request, in shop: Shop) throws -> Response {
    _ = try shop.identity.editor(request)
    let book: Audiobook.ID = try request.id()
    try request.refuseUnknownQuery(allowing: ["cursor", "limit"])
    let (size, cursor) = try request.page()
    let page = try shop.database.transaction(.readOnly) { transaction in
        guard try transaction.audiobook(.id(book), in: shop.currency, seenBy: .editor) != nil else {
            throw CatalogueError.noSuchBook
        }
        return try transaction.prices(of: book, after: cursor, size: size)
    }
    let now = shop.now()
    return try Response(
        200, ListAnswer(page) { PriceAnswer($0, now: now) }, headers: ["cache-control": "private, no-store"])
}

func setPrice(_ request: Request, in shop: Shop) throws -> Response {
    let editor = try shop.identity.editor(request)
    let book: Audiobook.ID = try request.id()
    try request.refuseUnknownQuery()
    let wish = try request.decoded(as: PriceWish.self)
    let price = try Money.price(wish.price.minorUnits, wish.price.currency)
    return try shop.database.transaction { transaction in
        try transaction.once(request, of: editor.id) {
            let id =
                if let end = wish.until {
                    try transaction.sell(book, at: price, from: wish.from, until: end, by: editor.id)
                } else {
                    try transaction.setPrice(price, of: book, from: wish.from, by: editor.id)
                }
            guard let set = try transaction.price(id, of: book) else { throw PriceError.noSuchPrice }
            return try Response(
                201, PriceAnswer(set, now: shop.now()),
                headers: ["location": "/api/v1/audiobooks/\(book)/prices"])
        }
    }
}

func removePrice(_ request: Request, in shop: Shop) throws -> Response {
    let editor = try shop.identity.editor(request)
    let book: Audiobook.ID = try request.id()
    let price: BookPrice.ID = try request.id("priceId")
    try request.refuseUnknownQuery()
    try shop.database.transaction { try $0.removePrice(price, of: book, by: editor.id) }
    return .noContent
}
