public import Lambda

extension Request {
    /// Refuses a change that a page of another site makes a browser send along with the cookies it holds.
    ///
    /// A browser says where a request comes from: in `Sec-Fetch-Site` (W3C, Fetch Metadata Request Headers), or,
    /// where it is older, in `Origin` (RFC 6454). What carries neither was not sent by a browser, and nobody
    /// can make it send another's cookies.
    public func refuseForeignOrigin(unlessFrom origin: String) throws(Problem) {
        guard !["GET", "HEAD"].contains(method) else { return }
        if let sent = headers["origin"], !origin.isEmpty, sent == origin { return }
        switch headers["sec-fetch-site"] {
        case "same-origin", "none": return
        case nil where headers["origin"] == nil: return
        default:
            throw Problem(
                403, "foreign-origin", "This change was sent from a page of another site: it is not made.")
        }
    }
}
