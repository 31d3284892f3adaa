import Core
import FoundationEssentials

struct OrderingCustomerAnswer: Encodable {
    let id: Customer.ID
    let email: String?
    let name: String?

    init(_ customer: OrderingCustomer) {
        (id, email, name) = (customer.id, customer.email, customer.name)
    }
}

/// One line of the list, with whose it is.
struct CustomerOrderAnswer: Encodable {
    let order: OrderOverviewAnswer
    let customer: OrderingCustomerAnswer

    init(_ line: CustomerOrder) {
        (order, customer) = (OrderOverviewAnswer(line.overview), OrderingCustomerAnswer(line.customer))
    }
}

/// What the customer sees of an order, and what they do not: each try to be paid, and all that moved.
struct OrderFileAnswer: Encodable {
    let order: OrderAnswer
    let customer: OrderingCustomerAnswer
    let attempts: [AttemptAnswer]
    let refunds: [OrderRefundAnswer]
    let disputes: [DisputeAnswer]
    let ledger: [LedgerAnswer]
}

struct AttemptAnswer: Encodable {
    let id: PaymentAttempt.ID
    let number: Int
    let kind: PaymentAttempt.Kind
    let state: PaymentAttempt.State
    let amount: Money
    let received: Money?
    let disposition: String?
    let failureCode: String?
    let sessionId: String?
    let paymentIntentId: String?
    let createdAt: Date
    let expiresAt: Date?

    init(_ attempt: AttemptRecord) {
        (id, number, kind, state) = (attempt.id, attempt.number, attempt.kind, attempt.state)
        (amount, received, disposition) = (attempt.amount, attempt.received, attempt.disposition)
        (failureCode, sessionId) = (attempt.failureCode, attempt.sessionID)
        (paymentIntentId, createdAt) = (attempt.paymentIntentID, attempt.createdAt)
        expiresAt = attempt.expiresAt
    }
}

struct OrderRefundAnswer: Encodable {
    let id: Refund.ID
    let amount: Money
    let state: Refund.State
    let reason: Refund.Reason
    let lines: [Int]
    let failureReason: String?
    let createdAt: Date

    init(_ refund: Refund) {
        (id, amount, state, reason) = (refund.id, refund.amount, refund.state, refund.reason)
        (lines, failureReason, createdAt) = (refund.lines, refund.failureReason, refund.createdAt)
    }
}

struct DisputeAnswer: Encodable {
    let id: String
    let amount: Money
    let state: String
    let status: String
    let reason: String
    let evidenceDueAt: Date?
    let evidenceSubmissions: Int
    let createdAt: Date

    init(_ dispute: DisputeRecord) {
        (id, amount, state, status) = (dispute.id, dispute.amount, dispute.state, dispute.status)
        (reason, evidenceDueAt) = (dispute.reason, dispute.evidenceDueAt)
        (evidenceSubmissions, createdAt) = (dispute.evidenceSubmissions, dispute.createdAt)
    }
}

struct LedgerAnswer: Encodable {
    let kind: String
    let amount: Balance
    let object: String
    let toldBy: String
    let occurredAt: Date
    let recordedAt: Date

    init(_ entry: LedgerEntry) {
        (kind, amount, object, toldBy) = (entry.kind, entry.amount, entry.object, entry.toldBy)
        (occurredAt, recordedAt) = (entry.occurredAt, entry.recordedAt)
    }
}

/// GET /admin/orders
func listOrders(_ request: Request, in shop: Shop) throws -> Response {
    _ = try shop.identity.staff(request, .support, .finance)
    try request.refuseUnknownQuery(allowing: ["state", "email", "number", "cursor", "limit"])
    let asked = request.query
    let query = CustomerOrderQuery(
        state: try asked.value("state"), email: try asked.text("email", upTo: 320),
        number: try asked.integer("number", in: 1...Int(Int32.max)))
    let (size, cursor) = try request.page()
    let page = try shop.database.transaction(.readOnly) {
        try $0.customerOrders(query, after: cursor, size: size)
    }
    return try .confidential(200, ListAnswer(page, CustomerOrderAnswer.init))
}

/// GET /admin/orders/{id}: the ETag is the version of its state, as the change of it takes it.
func showOrder(_ request: Request, in shop: Shop) throws -> Response {
    _ = try shop.identity.staff(request, .support, .finance)
    try request.refuseUnknownQuery()
    let id: Order.ID = try request.id()
    return try shop.database.transaction(.readOnly) { transaction in
        guard let story = try transaction.orderStory(id),
            let customer = try transaction.orderingCustomer(of: id)
        else { throw Problem.notFound }
        let file = OrderFileAnswer(
            order: OrderAnswer(story), customer: OrderingCustomerAnswer(customer),
            attempts: try transaction.attempts(of: id).map(AttemptAnswer.init),
            refunds: try transaction.refunds(of: id).map(OrderRefundAnswer.init),
            disputes: try transaction.disputes(of: id).map(DisputeAnswer.init),
            ledger: try transaction.ledger(of: id).map(LedgerAnswer.init))
        return try .confidential(200, file, headers: ["etag": story.version.description])
    }
}
