import Core

struct NewOrder: Decodable {
    /// The version of the text by which the customer gave up the right of withdrawal, where the law asks for
    /// it.
    var withdrawalWaiver: String?
    /// Where the customer is; the shop's own country where it is left out.
    var country: Country?
}

/// Places what checkout would, and opens no page: that is for whoever pays.
func place(_ request: Request, in shop: Shop) throws -> Response {
    let customer = try shop.identity.customer(request)
    try shop.limit(request, .orders, of: customer.id)
    try request.refuseUnknownQuery()
    let key = try request.idempotencyKey
    let wish = try request.body.isEmpty ? NewOrder() : request.decoded()
    let terms = try shop.terms(in: wish.country, agreedTo: wish.withdrawalWaiver)

    func placed() throws -> Placement {
        try shop.placed(by: customer, under: key, request.fingerprint, on: terms, paying: .later)
    }
    var placement = try placed()
    if case .outdated(let pending) = placement {
        try shop.giveUp(pending, by: customer.id)
        placement = try placed()
    }
    guard case .placed(let order, let attempt, let isReplay) = placement else {
        throw Problem(409, "order-pending", "Another order of this cart is still being paid.")
    }
    if let attempt, attempt.kind == .free { _ = try shop.given(order, attempt) }
    var response = try answer(shop.story(of: order.id, to: customer), 201)
    response.headers["location"] = "/api/v1/orders/\(order.id)"
    if isReplay { response.headers["idempotent-replayed"] = "true" }
    return response
}

/// The page is closed first. Whoever paid on it meanwhile has bought.
func cancel(_ request: Request, in shop: Shop) throws -> Response {
    let customer = try shop.identity.customer(request)
    try shop.limit(request, .orders, of: customer.id)
    try request.refuseUnknownQuery()
    let order = try shop.story(of: request.id(), to: customer).order
    if order.state == .cancelled { return try answer(shop.story(of: order.id, to: customer)) }
    if order.state == .confirmed { throw OrderMoveError.paid }
    guard order.state.mayBeMoved(to: .cancelled) else {
        throw OrderMoveError.illegal(from: order.state, to: .cancelled)
    }
    try shop.giveUp(order, by: customer.id)
    let story = try shop.story(of: order.id, to: customer)
    switch story.order.state {
    case .cancelled: return try answer(story)
    case .confirmed: throw OrderMoveError.paid
    case .pending: throw OrderMoveError.beingPaid
    case .expired: throw OrderMoveError.illegal(from: .expired, to: .cancelled)
    }
}

/// Asks the provider how the attempt stands by which money may still come, and acts on the answer as on any other.
/// Of one that no page was heard of yet there is nothing to ask: whoever is opening it will say.
func refresh(_ request: Request, in shop: Shop) throws -> Response {
    let customer = try shop.identity.customer(request)
    try shop.limit(request, .orders, of: customer.id)
    try request.refuseUnknownQuery()
    let story = try shop.story(of: request.id(), to: customer)
    guard let attempt = story.liveAttempt, attempt.sessionID != nil || attempt.paymentIntentID != nil else {
        return try answer(story)
    }
    try shop.reconcile(attempt)
    return try answer(shop.story(of: story.order.id, to: customer))
}

struct StatusChange: Decodable {
    let state: Order.State
    /// Why, for whoever reads the audit log.
    let reason: String?
}

/// What the support may do for a customer who cannot. It is the same as cancelling, by somebody else.
func setStatus(_ request: Request, in shop: Shop) throws -> Response {
    let support = try shop.identity.support(request)
    try request.refuseUnknownQuery()
    let id: Order.ID = try request.id()
    let version = try request.expectedVersion
    let change = try request.decoded(as: StatusChange.self)
    if let reason = change.reason, !(1...300).contains(reason.count) || reason.utf8.contains(0) {
        throw Problem(
            422, "invalid-value", "reason: expected 1 to 300 characters.",
            errors: [FieldError(pointer: "/reason", "1 to 300 characters")])
    }
    let before = try shop.database.transaction(.readOnly) { try $0.orderStory(id) }
    guard let before else { throw Problem.notFound }
    guard before.version == version else { throw OrderMoveError.changedMeanwhile }
    guard before.order.state.mayBeMoved(to: change.state), let end = OrderEnd(rawValue: change.state.rawValue)
    else { throw OrderMoveError.illegal(from: before.order.state, to: change.state) }

    try shop.stopPayment(of: before.order)
    let after = try shop.database.transaction(.readCommitted) { transaction in
        try transaction.move(id, to: end, ifVersion: version.version, by: support.id)
        var noted = ["state": end.rawValue]
        noted["reason"] = change.reason
        try transaction.audit(
            "order.moved", of: "order/\(id)", by: support.id, before: ["state": before.order.state.rawValue],
            after: noted, requestID: request.invocation.id)
        return try transaction.orderStory(id)
    }
    guard let after else { throw Problem.notFound }
    return try answer(after)
}
