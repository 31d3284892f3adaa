// Whether the shop can reach its records, and what one may ask of it: the description of its API (OpenAPI 3.1).
// GET /health · GET /openapi.json, under either address · and whatever no route takes, which the description tells
// apart: another method of an address that is known, or no address at all
//
// All of it only reads, so it may be asked again at any time.

import Core

func health(_ request: Request, in shop: Shop, describedBy description: APIDescription) throws -> Response {
    if request.route == "$default" { throw description.refusal(of: request) }
    try request.refuseUnknownQuery()
    switch request.route {
    case "GET /api/v1/health": return try pulse(of: shop)
    case "GET /openapi.json", "GET /api/v1/openapi.json": return description.answer(to: request)
    default: throw Problem.notFound
    }
}

func pulse(of shop: Shop) throws -> Response {
    _ = try shop.database.transaction(.readOnly) { try $0.value("SELECT 1") as Int? }
    return try Response(200, ["status": "ok"], headers: ["cache-control": "no-store"])
}

/// The shop, and the description that its bundle brought along.
struct DescribedShop: Serving {
    let shop: Shop
    let description: APIDescription

    func begin(_ invocation: Invocation) { shop.begin(invocation) }
}

Lambda.serve(
    {
        try DescribedShop(
            shop: .live(), description: APIDescription(in: Settings.required("LAMBDA_TASK_ROOT")))
    },
    http: { try health($0, in: $1.shop, describedBy: $1.description) })
