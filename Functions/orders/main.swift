// What a customer ordered, and what becomes of it:
// GET /orders · GET /orders/{id} · POST /orders · POST /orders/{id}/cancel · POST /orders/{id}/refresh ·
// PUT /orders/{id}/refund-request · GET /orders/{id}/receipt · PUT /orders/{id}/status
//
// Placed again under one Idempotency-Key it is the same order. Cancelled again it stays cancelled; asking the
// provider again changes nothing that it has not said before. A status names the version it was made on.

import Core
import World

func orders(_ request: Request, in shop: Shop) throws -> Response {
    switch request.route {
    case "GET /api/v1/orders": try list(request, in: shop)
    case "GET /api/v1/orders/{id}": try show(request, in: shop)
    case "POST /api/v1/orders": try place(request, in: shop)
    case "POST /api/v1/orders/{id}/cancel": try cancel(request, in: shop)
    case "POST /api/v1/orders/{id}/refresh": try refresh(request, in: shop)
    case "PUT /api/v1/orders/{id}/refund-request": try askBack(request, in: shop)
    case "GET /api/v1/orders/{id}/receipt": try showReceipt(request, in: shop)
    case "PUT /api/v1/orders/{id}/status": try setStatus(request, in: shop)
    default: throw Problem.notFound
    }
}

func list(_ request: Request, in shop: Shop) throws -> Response {
    let customer = try shop.identity.customer(request)
    try request.refuseUnknownQuery(allowing: ["state", "cursor", "limit"])
    let state: Order.State? = try request.query.value("state")
    let (size, cursor) = try request.page()
    let page = try shop.database.transaction(.readOnly) {
        try $0.orders(of: customer.id, in: state, after: cursor, size: size)
    }
    return try Response(
        200, ListAnswer(page, OrderOverviewAnswer.init), headers: ["cache-control": "private, no-store"])
}

func show(_ request: Request, in shop: Shop) throws -> Response {
    let customer = try shop.identity.customer(request)
    try request.refuseUnknownQuery()
    return try answer(shop.story(of: request.id(), to: customer))
}

extension Shop {
    func story(of order: Order.ID, to customer: Principal) throws -> OrderStory {
        let story = try database.transaction(.readOnly) { try $0.orderStory(order, of: customer.id) }
        guard let story else { throw Problem.notFound }
        return story
    }
}

func answer(_ story: OrderStory, _ status: Int = 200) throws -> Response {
    try Response(
        status, OrderAnswer(story),
        headers: ["cache-control": "private, no-store", "etag": story.version.description])
}

Lambda.serve({ try Shop.live().reaching(.payments) }, http: orders)
