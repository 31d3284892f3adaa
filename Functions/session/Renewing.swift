import Core

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
