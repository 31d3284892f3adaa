// The back office: what those who run the shop see of it, and what they do about it.
//
// Reading changes nothing. What is done, such as replaying a parked event, is done once however often it is asked
// for, and noted in the audit log together with who asked.

import Core

func admin(_ request: Request, in shop: Shop) throws -> Response {
    switch request.route {
    case "GET /api/v1/admin/audiobooks": try listBooks(request, in: shop)
    case "GET /api/v1/admin/orders": try listOrders(request, in: shop)
    case "GET /api/v1/admin/orders/{id}": try showOrder(request, in: shop)
    case "GET /api/v1/admin/sales": try showSales(request, in: shop)
    case "GET /api/v1/admin/jobs": try listJobs(request, in: shop)
    case "GET /api/v1/admin/alerts": try listAlerts(request, in: shop)
    case "POST /api/v1/admin/alerts/{id}/acknowledge": try acknowledgeAlert(request, in: shop)
    case "GET /api/v1/admin/storage": try showStorage(request, in: shop)
    case "GET /api/v1/admin/storage/cleanup": try showCleanup(request, in: shop)
    case "GET /api/v1/admin/storage/cleanup/objects": try listCleanup(request, in: shop)
    case "GET /api/v1/admin/events": try listEvents(request, in: shop)
    case "POST /api/v1/admin/events/{provider}/{id}/replay": try replay(request, in: shop)
    case "GET /api/v1/admin/outbox": try listOutbox(request, in: shop)
    case "POST /api/v1/admin/outbox/{id}/replay": try tellAgain(request, in: shop)
    case "GET /api/v1/admin/audit": try listAudit(request, in: shop)
    case "GET /api/v1/admin/promotions": try listPromotions(request, in: shop)
    case "POST /api/v1/admin/promotions": try makePromotion(request, in: shop)
    case "PATCH /api/v1/admin/promotions/{id}": try changePromotion(request, in: shop)
    default: throw Problem.notFound
    }
}

extension Response {
    /// What is told to staff is about customers: nobody on the way keeps it.
    static func confidential(
        _ status: Int, _ body: some Encodable, headers: [String: String] = [:]
    ) throws -> Response {
        try Response(status, body, headers: headers.merging(["cache-control": "no-store"]) { own, _ in own })
    }
}

Lambda.serve({ try Shop.live() }, http: admin)
