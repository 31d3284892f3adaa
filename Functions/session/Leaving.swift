import Core

/// Forgets the tokens here, and has the provider forget the one that would go on. Where it cannot be reached, the
/// browser is signed out all the same. Of the provider's own session nothing is ended: it may be that of other sites.
func signOut(_ request: Request, in shop: Shop, by cookies: SessionCookies) throws -> Response {
    try request.refuseForeignOrigin(unlessFrom: shop.storeURL)
    if let token = cookies.refreshToken(of: request) {
        do { try shop.signIns.revoke(token) } catch let failure as OutsideFailure {
            log("a sign-in could not be revoked", ["reason": failure.word], level: .warning)
        }
    }
    return Response(204, bytes: [], type: nil, headers: unstored, cookies: cookies.forgotten)
}
