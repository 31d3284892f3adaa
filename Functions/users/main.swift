// People and their accounts:
// GET PATCH DELETE /me · GET PUT /me/preferences · GET /me/export: what somebody may see and do of their own
// GET /users · GET /users/{id} · PUT /users/{id}/roles: what admins may
// POST /webhooks/identity: what the identity provider says of accounts
//
// Whoever changes something names the version they have seen, so that sending it again is refused and not done
// twice. Giving up an account again changes nothing, and an event counts once.

import Core

func users(_ request: Request, in shop: Shop, secrets: [String]) throws -> Response {
    switch request.route {
    case "GET /api/v1/me": return try showMe(request, in: shop)
    case "PATCH /api/v1/me": return try changeMe(request, in: shop)
    case "DELETE /api/v1/me": return try forgetMe(request, in: shop)
    case "GET /api/v1/me/export": return try exportMe(request, in: shop)
    case "GET /api/v1/me/preferences": return try showPreferences(request, in: shop)
    case "PUT /api/v1/me/preferences": return try setPreferences(request, in: shop)
    case "GET /api/v1/users": return try listPeople(request, in: shop)
    case "GET /api/v1/users/{id}": return try showPerson(request, in: shop)
    case "PUT /api/v1/users/{id}/roles": return try setRoles(request, in: shop)
    case "POST /api/v1/webhooks/identity": return try hear(request, in: shop, secrets: secrets)
    default: throw Problem.notFound
    }
}

let secrets = Settings.list("IDENTITY_WEBHOOK_SECRETS")
Lambda.serve({ try Shop.live() }, http: { try users($0, in: $1, secrets: secrets) })
