import Core
import FoundationEssentials

/// One line of a customer's list.
struct OverviewAnswer: Encodable {
    let id: Order.ID
    let number: Int?
    let state: Order.State
    let total: Money
    let bookCount: Int
    let paymentStatus: PaymentStanding.Status
    let createdAt: Date
    let confirmedAt: Date?
    let closedAt: Date?

    init(_ order: OrderOverview) {
        (id, number, state, total) = (order.id, order.number, order.state, order.total)
        (bookCount, paymentStatus) = (order.bookCount, order.payment)
        (createdAt, confirmedAt, closedAt) = (order.createdAt, order.confirmedAt, order.closedAt)
    }
}

/// An order as its customer sees it.
struct OrderAnswer: Encodable {
    let id: Order.ID
    let number: Int?
    let state: Order.State
    let lines: [OrderLineAnswer]
    let subtotal: Money
    let discount: Money
    /// What came on top; where prices hold the tax, that is `includedTax`.
    let tax: Money
    let includedTax: Money
    let total: Money
    let taxRule: TaxRuleAnswer?
    /// The version of the text by which the right of withdrawal was given up.
    let withdrawalWaiver: String?
    let payment: PaymentAnswer
    let createdAt: Date
    let confirmedAt: Date?
    let closedAt: Date?
    let history: [StepAnswer]

    init(_ story: OrderStory) {
        let order = story.order
        (id, number, state) = (order.id, order.number, order.state)
        lines = order.lines.map(OrderLineAnswer.init)
        (subtotal, discount, tax) = (order.subtotal, order.discount, order.tax)
        (includedTax, total) = (order.includedTax, order.total)
        (taxRule, withdrawalWaiver) = (order.taxRule.map(TaxRuleAnswer.init), order.waiver?.textVersion)
        payment = PaymentAnswer(story.payment, paidBy: story.liveAttempt)
        (createdAt, confirmedAt, closedAt) = (order.createdAt, story.confirmedAt, story.closedAt)
        history = story.history.map { StepAnswer($0, of: order.customer) }
    }
}

struct PaymentAnswer: Encodable {
    let status: PaymentStanding.Status
    let charged: Balance
    let refunded: Balance
    let disputed: Balance
    let net: Balance
    /// How the attempt stands by which money may still come.
    let attempt: PaymentAttempt.State?
    /// Where to pay, as long as that is possible and needed.
    let payAt: String?
    let expiresAt: Date?

    init(_ standing: PaymentStanding, paidBy attempt: PaymentAttempt?) {
        (status, charged, refunded) = (standing.status, standing.charged, standing.refunded)
        (disputed, net) = (standing.disputed, standing.net)
        self.attempt = attempt?.state
        let isOpen = attempt?.state == .open
        (payAt, expiresAt) = (isOpen ? attempt?.sessionURL : nil, isOpen ? attempt?.expiresAt : nil)
    }
}

/// Of those who work for the shop a customer learns no more than that.
struct StepAnswer: Encodable {
    enum Mover: String, Encodable { case customer, staff, shop }

    let state: Order.State
    let at: Date
    let by: Mover

    init(_ step: OrderStep, of customer: Customer.ID) {
        (state, at) = (step.state, step.at)
        by = step.actor.map { $0 == customer ? .customer : .staff } ?? .shop
    }
}
