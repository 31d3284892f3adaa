public import Lambda

extension Request {
    /// Refuses a change that a page of another site makes a browser send along with the cookies it holds.
    ///
    /// A browser says where a request comes from: in `Sec-Fetch-Site` (W3C, Fetch Metadata Request Headers), or,
    /// where it is older, in `Origin` (RFC 6454). What carries neither was not sent by a browser, and nobody
    /// can make it send another's cookies.
    public func refuseForeignOrigin(unlessFrom origin: String) throws(Problem) {
        guard isChange, isFromPage(of: [origin]) == false else { return }
        throw .foreignOrigin
    }

    /// Refuses a change for which nothing but the cookie of a session speaks, unless the browser says that a page
    /// of ours sent it. It is made in somebody's name, so what says nothing is refused too: every browser of today
    /// sends `Origin` along with a change, and a program can send the token as a bearer's.
    func requirePage(of origins: [String]) throws(Problem) {
        guard isChange, isFromPage(of: origins) != true else { return }
        throw .foreignOrigin
    }

    private var isChange: Bool { !["GET", "HEAD"].contains(method) }

    /// Nothing where the browser does not say. `same-site` is not enough: a neighbour under our domain is not us.
    /// An `Origin` of `null` is anybody's.
    private func isFromPage(of origins: [String]) -> Bool? {
        let sent = headers["origin"]
        if let sent, !sent.isEmpty, origins.contains(where: { $0.utf8.elementsEqual(sent.utf8) }) {
            return true
        }
        switch headers["sec-fetch-site"] {
        case "same-origin", "none": return true
        case nil: return sent == nil ? nil : false
        default: return false
        }
    }
}

extension Problem {
    static let foreignOrigin = Problem(
        403, "foreign-origin",
        "A change that a cookie allows is made only from a page of the shop: this was sent from elsewhere.")
}
