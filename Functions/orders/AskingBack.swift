import Core

struct RefundWishOfCustomer: Decodable {
    /// The books of the order, counted from one.
    let lines: [Int]
    let reason: AskedRefund.Reason
}

/// A customer asks for money back. Nothing goes back by that: it is brought before those who may give it.
func askBack(_ request: Request, in shop: Shop) throws -> Response {
    let customer = try shop.identity.customer(request)
    try shop.limit(request, .orders, of: customer.id)
    try request.refuseUnknownQuery()
    let id: Order.ID = try request.id()
    let wish = try request.decoded(as: RefundWishOfCustomer.self)
    let lines = Set(wish.lines).sorted()
    let story = try shop.story(of: id, to: customer)
    guard !lines.isEmpty, lines.allSatisfy(story.order.lines.indices.map { $0 + 1 }.contains) else {
        throw Problem.invalid("/lines", "numbers of the order's books, from 1 to \(story.order.lines.count)")
    }
    guard story.order.state == .confirmed, story.payment.charged.minorUnits > 0 else {
        throw RefundError.notPaid
    }
    guard story.payment.net.minorUnits > 0 else { throw RefundError.nothingLeft }
    try shop.database.transaction(.readCommitted) {
        try $0.askForRefund(of: id, lines: lines, because: wish.reason)
    }
    return try answer(shop.story(of: id, to: customer))
}
