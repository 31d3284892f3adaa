// Paying on a page of the shop's own, giving back, and ways to pay that are kept:
// POST /payments/intent · POST /payments/confirm · POST /payments/refund · GET POST /payments/methods ·
// DELETE /payments/methods/{id}
//
// No amount ever comes from the caller. An order has one payment at a time, so asking for it again is the same one;
// a refund is found again under its Idempotency-Key, and its provider's key is written down before it is asked;
// confirming reads at the provider what it is told, and what was confirmed stays so.

import Core
import World

func payments(_ request: Request, in shop: Shop) throws -> Response {
    try request.refuseUnknownQuery()
    switch request.route {
    case "POST /api/v1/payments/intent": return try beginPayment(request, in: shop)
    case "POST /api/v1/payments/confirm": return try confirmPayment(request, in: shop)
    case "POST /api/v1/payments/refund": return try refund(request, in: shop)
    case "GET /api/v1/payments/methods":
        let kept = try shop.methods(of: shop.identity.customer(request))
        return try .private(200, MethodsAnswer(items: kept.map(MethodAnswer.init)))
    case "POST /api/v1/payments/methods":
        let customer = try shop.identity.customer(request)
        try shop.limit(request, .payments, of: customer.id)
        return try .private(201, SetupAnswer(shop.setUpMethod(for: customer), shop.publishableKey))
    case "DELETE /api/v1/payments/methods/{id}":
        let customer = try shop.identity.customer(request)
        try shop.forgetMethod(request.parameters["id"] ?? "", of: customer)
        return .noContent
    default: throw Problem.notFound
    }
}

func beginPayment(_ request: Request, in shop: Shop) throws -> Response {
    let customer = try shop.identity.customer(request)
    try shop.limit(request, .payments, of: customer.id)
    let wish: PaymentWish = try request.decoded()
    let (order, intent) = try shop.intent(toPay: wish.orderId, by: customer)
    return try .private(200, IntentAnswer(order, intent, shop.publishableKey))
}

func confirmPayment(_ request: Request, in shop: Shop) throws -> Response {
    let customer = try shop.identity.customer(request)
    try shop.limit(request, .payments, of: customer.id)
    let wish: ConfirmationWish = try request.decoded()
    return try .private(200, ConfirmationAnswer(shop.confirm(wish.paymentIntent, by: customer)))
}

func refund(_ request: Request, in shop: Shop) throws -> Response {
    let asker = try shop.identity.finance(request)
    let key = try request.idempotencyKey
    let wish = try request.decoded(as: RefundBody.self).wish
    let refund = try shop.giveBack(wish, by: asker, under: key, request.fingerprint)
    // Where nobody knows yet whether the provider has done it, the relay goes on asking.
    return try .private(refund.state == .requested ? 202 : 201, RefundAnswer(refund))
}

Lambda.serve({ try Shop.live().reaching(.payments) }, http: payments)
