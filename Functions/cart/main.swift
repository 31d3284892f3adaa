// What a customer means to buy:
// GET /cart · POST /cart/items · DELETE /cart/items/{id} · POST /cart/clear
//
// A book is in a cart or it is not: putting it in or taking it out again changes nothing.

import Core

struct NewItem: Decodable {
    let audiobookId: Audiobook.ID
    let currency: Currency?
}

func cart(_ request: Request, in shop: Shop) throws -> Response {
    let customer = try shop.identity.customer(request)
    try request.refuseUnknownQuery()
    let change: Change =
        switch request.route {
        case "GET /api/v1/cart": .none
        case "POST /api/v1/cart/items": .add(try request.decoded())
        case "DELETE /api/v1/cart/items/{id}": .remove(try request.id())
        case "POST /api/v1/cart/clear": .clear
        default: throw Problem.notFound
        }
    let cart = try shop.database.transaction { transaction in
        switch change {
        case .none: break
        case .add(let item):
            try transaction.add(item.audiobookId, toCartOf: customer.id, in: item.currency ?? shop.currency)
        case .remove(let book): try transaction.remove(book, fromCartOf: customer.id)
        case .clear: try transaction.clearCart(of: customer.id)
        }
        return try transaction.cart(of: customer.id)
    }
    return try Response(200, CartAnswer(cart, in: shop.currency), headers: ["cache-control": "no-store"])
}

enum Change {
    case none, clear
    case add(NewItem)
    case remove(Audiobook.ID)
}

Lambda.serve({ try Shop.live() }, http: cart)
