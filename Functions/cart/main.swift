// What somebody means to buy, signed in or not:
// GET /cart · POST /cart/items · PUT DELETE /cart/items/{id} · POST /cart/clear · POST /cart/merge ·
// POST DELETE /cart/promotion
//
// A book is in a cart or it is not: putting it in or taking it out again changes nothing. Who has not signed
// in is known by a cookie, which is made when they first put something in and never by looking. A guest's
// cart becomes a customer's once: whoever merges second finds none.

import Core

func cart(_ request: Request, in shop: Shop) throws -> Response {
    let cookie = GuestCookie(storeURL: shop.storeURL)
    let customer = try shop.identity.visitor(request)
    if customer == nil || request.cookies[cookie.name] != nil {
        try request.refuseForeignOrigin(unlessFrom: shop.storeURL)
    }
    try request.refuseUnknownQuery()
    if request.route == "POST /api/v1/cart/merge" { return try merge(request, cookie, in: shop) }
    if request.route == "POST /api/v1/cart/promotion" {
        try shop.limit(request, .promotions, of: customer?.id)
    }
    let change = try Change(request, in: shop)

    let visit = Visit(
        known: customer.map { .customer($0.id) } ?? cookie.owner(of: request), fresh: cookie.fresh())
    let (cart, owner) = try shop.database.transaction { transaction in
        let owner = try transaction.owner(of: visit, for: change)
        if let owner { try transaction.make(change, inCartOf: owner) } else { try change.refuseWithoutCart() }
        return (try owner.flatMap { try transaction.cart(of: $0) }, owner)
    }
    var response = try Response(
        200, CartAnswer(cart, in: shop.currency), headers: ["cache-control": "no-store"])
    if customer == nil, cart != nil, request.method != "GET" {
        let text = owner == visit.fresh.owner ? visit.fresh.text : request.cookies[cookie.name]
        response.cookies = text.map { [cookie.keeping($0)] } ?? []
    }
    return response
}

func merge(_ request: Request, _ cookie: GuestCookie, in shop: Shop) throws -> Response {
    let customer = try shop.identity.customer(request)
    let guest = cookie.owner(of: request)
    let (merge, cart) = try shop.database.transaction(.readCommitted) { transaction in
        var merge = CartMerge.nothing
        if case .guest(let tokenHash) = guest {
            merge = try transaction.merge(guest: tokenHash, intoCartOf: customer.id)
        }
        return (merge, try transaction.cart(of: customer.id))
    }
    return try Response(
        200, CartAnswer(cart, in: shop.currency, merged: merge), headers: ["cache-control": "no-store"],
        cookies: request.cookies[cookie.name] == nil ? [] : [cookie.forgetting])
}

Lambda.serve({ try Shop.live() }, http: cart)
