// Signing in and out by browser: GET /auth/sign-in leads to the identity provider, GET /auth/callback is
// where it leads back to, POST /auth/refresh goes on with a sign-in whose session has ended, POST
// /auth/sign-out ends it.
//
// No script of a page sees a token: they are in cookies that only this function and the API are sent.
// Whoever comes back twice with one code is sent to the sign-in again; a refresh token is good once, and
// its answer tells the next.

import Core
import Cryptography
import FoundationEssentials
import World

func session(_ request: Request, in shop: Shop) throws -> Response {
    let cookies = SessionCookies(storeURL: shop.storeURL)
    switch request.route {
    case "GET /auth/sign-in": return try lead(request, in: shop, by: cookies)
    case "GET /auth/callback": return try receive(request, in: shop, by: cookies)
    case "POST /auth/refresh": return try renew(request, in: shop, by: cookies)
    case "POST /auth/sign-out": return try signOut(request, in: shop, by: cookies)
    default: throw Problem.notFound
    }
}

Lambda.serve({ try Shop.live().reaching(.signIns) }, http: session)
