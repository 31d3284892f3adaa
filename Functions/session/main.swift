// Signing in and out by browser: GET /auth/sign-in leads to the identity provider, GET /auth/callback is where it leads back
// to, POST /auth/refresh goes on with a sign-in whose session has ended, POST /auth/sign-out ends it.
//
// No script of a page sees a token: they are in cookies that only this function and the API are sent. Whoever comes back
// twice with one code is sent to the sign-in again; a refresh token is good once, and its answer tells the next.

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
    case "POST /auth/sign-out":
        try request.refuseForeignOrigin(unlessFrom: shop.storeURL)
        return Response(204, bytes: [], type: nil, headers: unstored, cookies: cookies.forgotten)
    default: throw Problem.notFound
    }
}

private let unstored = ["cache-control": "no-store"]

func lead(_ request: Request, in shop: Shop, by cookies: SessionCookies) throws -> Response {
    try request.refuseUnknownQuery(allowing: ["returnTo"])
    let departure = Departure(returningTo: try request.query.one("returnTo"))
    let address = try shop.signIns.address(departure.parameters(redirect: shop.callback))
    return Response(
        303, bytes: [], type: nil, headers: unstored.merging(["location": address]) { _, own in own },
        cookies: [cookies.departing(departure)])
}

func receive(_ request: Request, in shop: Shop, by cookies: SessionCookies) throws -> Response {
    let state = request.query["state"] ?? ""
    guard let departure = cookies.departure(state, of: request) else {
        return back("/account?signIn=expired")
    }
    guard let code = request.query["code"], request.query["error"] == nil else {
        // Whoever goes back there without signing in is where they were.
        return back(departure.returnTo, [cookies.arrived(departure)])
    }
    do {
        let signedIn = try shop.signIns.redeem(
            SignInCode(
                code: code, redirect: shop.callback, verifier: departure.verifier, nonce: departure.nonce))
        return back(
            departure.returnTo, [cookies.arrived(departure)] + cookies.keeping(signedIn, at: shop.now()))
    } catch let failure as OutsideFailure {
        log("not signed in", ["reason": failure.word], level: .warning)
        return back(
            "/account?signIn=\(failure.kind == .refused ? "refused" : "unavailable")",
            [cookies.arrived(departure)])
    }
}

func renew(_ request: Request, in shop: Shop, by cookies: SessionCookies) throws -> Response {
    try request.refuseForeignOrigin(unlessFrom: shop.storeURL)
    guard let token = cookies.refreshToken(of: request) else { return over(cookies) }
    do {
        let signedIn = try shop.signIns.renew(token)
        return Response(
            204, bytes: [], type: nil, headers: unstored, cookies: cookies.keeping(signedIn, at: shop.now()))
    } catch let failure as OutsideFailure where failure.kind == .refused {
        log("a sign-in is over", ["reason": failure.word])
        return over(cookies)
    }
}

private func over(_ cookies: SessionCookies) -> Response {
    var response = Response(
        Problem(401, "unauthenticated", "This sign-in is over. Sign in again.", headers: unstored))
    response.cookies = cookies.forgotten
    return response
}

private func back(_ path: String, _ cookies: [String] = []) -> Response {
    Response(
        303, bytes: [], type: nil, headers: unstored.merging(["location": path]) { _, own in own },
        cookies: cookies)
}

extension Shop {
    fileprivate var callback: String { storeURL + "/auth/callback" }
}

Lambda.serve({ try Shop.live().reaching(.signIns) }, http: session)
