// POST /checkout: turns the customer's cart into an order and answers where to pay for it.
// GET /checkout/terms: the taxes of a country, and what its law asks a customer to agree to.
//
// Sent twice under one Idempotency-Key it buys once: the order is found again under its key, and the
// provider, asked again for the same attempt, answers the page it opened first. An order that waits for a
// cart that has changed since is closed before another is placed, so that nobody pays twice. What costs
// nothing is bought at once.

import Core
import World

struct CheckoutRequest: Decodable {
    /// The version of the text by which the customer gave up the right of withdrawal, where the law asks for
    /// it.
    var withdrawalWaiver: String?
    /// Where the customer is; the shop's own country where it is left out.
    var country: Country?
}

func checkout(_ request: Request, in shop: Shop) throws -> Response {
    switch request.route {
    case "GET /api/v1/checkout/terms": try terms(request, in: shop)
    case "POST /api/v1/checkout": try order(request, in: shop)
    default: throw Problem.notFound
    }
}

func order(_ request: Request, in shop: Shop) throws -> Response {
    let customer = try shop.identity.customer(request)
    try shop.limit(request, .checkout, of: customer.id)
    try request.refuseUnknownQuery()
    let key = try request.idempotencyKey
    let wish = try request.body.isEmpty ? CheckoutRequest() : request.decoded()
    let terms = try shop.terms(in: wish.country, agreedTo: wish.withdrawalWaiver)

    var placement = try shop.placed(by: customer, under: key, request.fingerprint, on: terms)
    if case .outdated(let pending) = placement {
        try shop.giveUp(pending)
        placement = try shop.placed(by: customer, under: key, request.fingerprint, on: terms)
    }
    guard case .placed(let placed, let attempt, let isReplay) = placement else {
        throw Problem(409, "order-pending", "Another order of this cart is still being paid.")
    }
    guard let attempt else { return try answer(placed, nil, isReplay) }
    if attempt.kind == .free { return try answer(shop.given(placed, attempt), nil, isReplay) }
    return try answer(placed, shop.opened(placed, attempt, for: customer), isReplay)
}

Lambda.serve({ try Shop.live().reaching(.payments) }, http: checkout)
