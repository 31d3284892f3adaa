import Core

let unstored = ["cache-control": "no-store"]

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

private func back(_ path: String, _ cookies: [String] = []) -> Response {
    Response(
        303, bytes: [], type: nil, headers: unstored.merging(["location": path]) { _, own in own },
        cookies: cookies)
}

extension Shop {
    fileprivate var callback: String { storeURL + "/auth/callback" }
}
