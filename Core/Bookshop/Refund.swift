public import FoundationEssentials

/// Money that goes back to a customer: the whole of a payment, or lines of its order. Its amount is the order's,
/// whoever asks for it.
public struct Refund: Hashable, Sendable {
    public typealias ID = Identifier<Refund>

    public enum State: String, CaseIterable, Codable, Sendable {
        /// Written down, and not yet known to the provider as far as we know.
        case requested
        case requiresAction = "requires_action"
        case pending, succeeded
        /// The customer has not got it: the provider would not, or their bank sent it back.
        case failed
        case cancelled
    }

    public enum Reason: String, CaseIterable, Codable, Sendable {
        case customerRequest = "customer_request"
        case duplicate, fraud
        /// The book was the customer's already.
        case alreadyOwned = "already_owned"
        /// The order was paid already, or given up.
        case surplus
        case mismatch
        /// Made at the provider and not by us.
        case external
    }

    public let id: ID
    public let order: Order.ID
    public let amount: Money
    public let state: State
    public let reason: Reason
    /// The lines it gives back; empty where it is of the payment and not of lines.
    public let lines: [Int]
    /// None of external ones.
    public let idempotencyKey: String?
    public let failureReason: String?
    public let createdAt: Date

    public init(
        id: ID, order: Order.ID, amount: Money, state: State, reason: Reason, lines: [Int],
        idempotencyKey: String?, failureReason: String?, createdAt: Date
    ) {
        (self.id, self.order, self.amount, self.state) = (id, order, amount, state)
        (self.reason, self.lines, self.idempotencyKey) = (reason, lines, idempotencyKey)
        (self.failureReason, self.createdAt) = (failureReason, createdAt)
    }
}

/// What somebody of the finances wants given back.
public struct RefundWish: Hashable, Sendable {
    public enum Reason: String, CaseIterable, Codable, Sendable {
        case customerRequest = "customer_request"
        case duplicate, fraud
    }

    public let order: Order.ID
    /// All that is left where there are none.
    public let lines: [Int]?
    public let reason: Reason

    public init(order: Order.ID, lines: [Int]?, reason: Reason) {
        (self.order, self.lines, self.reason) = (order, lines, reason)
    }
}

/// Why nothing is given back.
public enum RefundError: Error, Equatable {
    case noSuchOrder
    case noSuchLine
    case notPaid
    case nothingLeft
    /// More than is still there of the payment.
    case tooMuch
    /// While the customer's bank has the money, there is nothing to give back.
    case disputed
    /// The provider would not, in its own word.
    case refused(String)
}

/// What the provider says of a refund.
public struct RefundFact: Hashable, Sendable {
    public let id: String
    /// Ours, if we asked for it.
    public let own: Refund.ID?
    public let paymentIntent: String?
    public let amount: Int
    /// In capitals.
    public let currency: String
    /// Not one of ours where it is none we know.
    public let state: Refund.State?
    public let failureReason: String?

    public init(
        id: String, own: Refund.ID?, paymentIntent: String?, amount: Int, currency: String,
        state: Refund.State?, failureReason: String?
    ) {
        (self.id, self.own, self.paymentIntent, self.amount) = (id, own, paymentIntent, amount)
        (self.currency, self.state, self.failureReason) = (currency, state, failureReason)
    }
}

/// What the shop asks of the provider for one refund: the same under the same key.
public struct RefundRequest: Hashable, Sendable {
    public let refund: Refund
    public let paymentIntent: String
    public let attempt: PaymentAttempt.ID
    public let idempotencyKey: String

    public init(
        refund: Refund, paymentIntent: String, attempt: PaymentAttempt.ID, idempotencyKey: String
    ) {
        (self.refund, self.paymentIntent) = (refund, paymentIntent)
        (self.attempt, self.idempotencyKey) = (attempt, idempotencyKey)
    }
}

/// Giving back. Failures are `OutsideFailure`.
public struct Refunds {
    /// Asked twice for one refund, gives back once.
    public var give: (_ request: RefundRequest) throws -> RefundFact
    /// All there are of one payment.
    public var all: (_ paymentIntent: String) throws -> [RefundFact]

    public init(
        give: @escaping (_ request: RefundRequest) throws -> RefundFact,
        all: @escaping (_ paymentIntent: String) throws -> [RefundFact]
    ) {
        (self.give, self.all) = (give, all)
    }

    public static var unset: Refunds {
        Refunds(give: { _ in throw Unset("Refunds.give") }, all: { _ in throw Unset("Refunds.all") })
    }
}
