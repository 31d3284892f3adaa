// POST /checkout: turns the customer's cart into an order and answers where to pay for it.
//
// Sent twice under one Idempotency-Key it buys once: the order is found again under its key, and the
// provider, asked again for the same attempt, answers the page it opened first. An order that waits for a
// cart that has changed since is closed before another is placed, so that nobody pays twice. What costs
// nothing is bought at once.

import Core
import FoundationEssentials
import World

struct CheckoutRequest: Decodable {
    /// The version of the text by which the customer gave up the right of withdrawal, where the law asks for
    /// it.
    let withdrawalWaiver: String?
}

struct CheckoutAnswer: Encodable {
    let orderId: Order.ID
    let state: Order.State
    let total: Money
    /// Where to pay, as long as that is possible and needed.
    let payAt: String?
    let expiresAt: Date?
}

func checkout(_ request: Request, in shop: Shop) throws -> Response {
    let customer = try shop.identity.customer(request)
    try shop.limit(request, .checkout, of: customer.id)
    let key = try request.idempotencyKey
    let wish = try request.body.isEmpty ? CheckoutRequest(withdrawalWaiver: nil) : request.decoded()
    let waiver = wish.withdrawalWaiver.map(WithdrawalWaiver.init)

    var order = try shop.placed(by: customer, under: key, request.fingerprint, waiver)
    if case .outdated(let pending) = order {
        try shop.giveUp(pending)
        order = try shop.placed(by: customer, under: key, request.fingerprint, waiver)
    }
    guard case .placed(let placed, let attempt) = order else {
        throw Problem(409, "order-pending", "Another order of this cart is still being paid.")
    }
    guard let attempt else { return try answer(placed, nil) }
    if attempt.kind == .free { return try answer(shop.given(placed, attempt), nil) }
    return try answer(placed, shop.opened(placed, attempt, for: customer))
}

func answer(_ order: Order, _ attempt: PaymentAttempt?) throws -> Response {
    let answer = CheckoutAnswer(
        orderId: order.id, state: order.state, total: order.total, payAt: attempt?.sessionURL,
        expiresAt: attempt?.expiresAt)
    return try Response(201, answer, headers: ["cache-control": "no-store"])
}

Lambda.serve({ try Shop.live().reaching(.payments) }, http: checkout)
