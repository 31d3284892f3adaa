import Core

func renew(_ request: Request, in shop: Shop, by cookies: SessionCookies) throws -> Response {
    try request.refuseForeignOrigin(unlessFrom: shop.storeURL)
    guard let token = cookies.refreshToken(of: request) else { return try over(request, cookies) }
    do {
        let signedIn = try shop.signIns.renew(token)
        return Response(
            204, bytes: [], type: nil, headers: unstored, cookies: cookies.keeping(signedIn, at: shop.now()))
    } catch let failure as OutsideFailure where failure.kind == .refused {
        log("a sign-in is over", ["reason": failure.word])
        return try over(request, cookies)
    }
}

private func over(_ request: Request, _ cookies: SessionCookies) throws -> Response {
    let problem = Problem(401, "unauthenticated", "This sign-in is over. Sign in again.", headers: unstored)
    var response = try Response(problem, of: request, telling: [String: String]())
    response.cookies = cookies.forgotten
    return response
}
