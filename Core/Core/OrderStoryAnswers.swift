public import Bookshop
public import FoundationEssentials
public import Records

/// One line of a customer's list.
public struct OrderOverviewAnswer: Encodable {
    public let id: Order.ID
    public let number: Int?
    public let state: Order.State
    public let total: Money
    public let bookCount: Int
    public let paymentStatus: PaymentStanding.Status
    public let createdAt: Date
    public let confirmedAt: Date?
    public let closedAt: Date?

    public init(_ order: OrderOverview) {
        (id, number, state, total) = (order.id, order.number, order.state, order.total)
        (bookCount, paymentStatus) = (order.bookCount, order.payment)
        (createdAt, confirmedAt, closedAt) = (order.createdAt, order.confirmedAt, order.closedAt)
    }
}

/// An order as its customer sees it.
public struct OrderAnswer: Encodable {
    public let id: Order.ID
    public let number: Int?
    public let state: Order.State
    public let lines: [OrderLineAnswer]
    public let subtotal: Money
    public let discount: Money
    /// What came on top; where prices hold the tax, that is `includedTax`.
    public let tax: Money
    public let includedTax: Money
    public let total: Money
    public let taxRule: TaxRuleAnswer?
    /// The version of the text by which the right of withdrawal was given up.
    public let withdrawalWaiver: String?
    public let payment: OrderPaymentAnswer
    public let createdAt: Date
    public let confirmedAt: Date?
    public let closedAt: Date?
    public let history: [OrderStepAnswer]
    public let refundRequest: AskedRefundAnswer?

    public init(_ story: OrderStory) {
        let order = story.order
        (id, number, state) = (order.id, order.number, order.state)
        lines = order.lines.map(OrderLineAnswer.init)
        (subtotal, discount, tax) = (order.subtotal, order.discount, order.tax)
        (includedTax, total) = (order.includedTax, order.total)
        (taxRule, withdrawalWaiver) = (order.taxRule.map(TaxRuleAnswer.init), order.waiver?.textVersion)
        payment = OrderPaymentAnswer(story.payment, paidBy: story.liveAttempt)
        (createdAt, confirmedAt, closedAt) = (order.createdAt, story.confirmedAt, story.closedAt)
        history = story.history.map { OrderStepAnswer($0, of: order.customer) }
        refundRequest = story.askedRefund.map(AskedRefundAnswer.init)
    }
}

/// What a customer asked to have back.
public struct AskedRefundAnswer: Encodable {
    public let lines: [Int]
    public let reason: AskedRefund.Reason
    public let askedAt: Date

    init(_ asked: AskedRefund) {
        (lines, reason, askedAt) = (asked.lines, asked.reason, asked.askedAt)
    }
}

public struct OrderPaymentAnswer: Encodable {
    public let status: PaymentStanding.Status
    public let charged: Balance
    public let refunded: Balance
    public let disputed: Balance
    public let net: Balance
    /// How the attempt stands by which money may still come.
    public let attempt: PaymentAttempt.State?
    /// Where to pay, as long as that is possible and needed.
    public let payAt: String?
    public let expiresAt: Date?

    init(_ standing: PaymentStanding, paidBy attempt: PaymentAttempt?) {
        (status, charged, refunded) = (standing.status, standing.charged, standing.refunded)
        (disputed, net) = (standing.disputed, standing.net)
        self.attempt = attempt?.state
        let isOpen = attempt?.state == .open
        (payAt, expiresAt) = (isOpen ? attempt?.sessionURL : nil, isOpen ? attempt?.expiresAt : nil)
    }
}

/// Of those who work for the shop a customer learns no more than that.
public struct OrderStepAnswer: Encodable {
    public enum Mover: String, Encodable { case customer, staff, shop }

    public let state: Order.State
    public let at: Date
    public let by: Mover

    public init(_ step: OrderStep, of customer: Customer.ID) {
        (state, at) = (step.state, step.at)
        by = step.actor.map { $0 == customer ? .customer : .staff } ?? .shop
    }
}
