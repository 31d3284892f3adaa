public import FoundationEssentials

/// One try to be paid for an order. Events of the provider belong to an attempt, never to the order: a
/// late failure of an old one undoes nothing.
public struct PaymentAttempt: Hashable, Sendable {
    public typealias ID = Identifier<PaymentAttempt>

    public enum Kind: String, Codable, Sendable {
        case checkoutSession = "checkout_session"
        case paymentIntent = "payment_intent"
        case free
    }

    public enum State: String, CaseIterable, Codable, Sendable {
        case created, indeterminate, open, processing, succeeded, failed, expired, cancelled

        /// Whether money may still come by it without a new attempt.
        public var isLive: Bool {
            switch self {
            case .created, .indeterminate, .open, .processing: true
            case .succeeded, .failed, .expired, .cancelled: false
            }
        }
    }

    public let id: ID
    public let order: Order.ID
    public let kind: Kind
    public let state: State
    public let amount: Money
    /// Random and stored before the call, so that asking again opens nothing twice.
    public let idempotencyKey: String
    public let sessionID: String?
    public let sessionURL: String?
    /// The provider's name of the payment itself, as soon as there is one.
    public let paymentIntentID: String?
    /// When the page it is paid on closes, or when we give up waiting.
    public let expiresAt: Date?

    public init(
        id: ID, order: Order.ID, kind: Kind, state: State, amount: Money, idempotencyKey: String,
        sessionID: String?, sessionURL: String?, paymentIntentID: String? = nil, expiresAt: Date?
    ) {
        (self.id, self.order, self.kind, self.state, self.amount) = (id, order, kind, state, amount)
        (self.idempotencyKey, self.sessionID) = (idempotencyKey, sessionID)
        (self.sessionURL, self.paymentIntentID) = (sessionURL, paymentIntentID)
        self.expiresAt = expiresAt
    }
}

/// That money arrived, as the provider says: by webhook, by asking again, or by reconciling.
public struct PaymentFact: Hashable, Sendable {
    public let attempt: PaymentAttempt.ID
    public let session: String?
    public let paymentIntent: String?
    public let amount: Int
    /// As the provider wrote it, in capitals. It may be one the shop does not know.
    public let currency: String
    /// The event that told, or what was asked.
    public let toldBy: String
    public let occurredAt: Date

    public init(
        attempt: PaymentAttempt.ID, session: String?, paymentIntent: String?, amount: Int, currency: String,
        toldBy: String, occurredAt: Date
    ) {
        (self.attempt, self.session, self.paymentIntent) = (attempt, session, paymentIntent)
        (self.amount, self.currency) = (amount, currency)
        (self.toldBy, self.occurredAt) = (toldBy, occurredAt)
    }
}

/// What a payment fact came to.
public enum PaymentOutcome: String, CaseIterable, Codable, Sendable {
    /// The order is confirmed and its books are the customer's.
    case applied
    /// Told before: nothing changed.
    case duplicate
    /// The order was paid or cancelled already: the money must go back.
    case surplus
    /// Not the amount agreed: it unlocks nothing.
    case mismatch
    /// Not in the shape of anything we asked for: kept aside for a person, nothing was written.
    case park
    /// No attempt of ours.
    case unknown
}

/// A page of the provider's where one attempt is paid.
public struct CheckoutSession: Hashable, Sendable {
    public enum Status: String, Codable, Sendable { case open, complete, expired }
    public enum Payment: String, Codable, Sendable {
        case paid, unpaid
        case notRequired = "no_payment_required"
    }

    public let id: String
    /// Only while it is open.
    public let url: String?
    public let status: Status
    public let payment: Payment
    public let amount: Int
    /// In capitals.
    public let currency: String
    public let paymentIntent: String?
    public let attempt: PaymentAttempt.ID?
    public let expiresAt: Date
    public let isLive: Bool

    public init(
        id: String, url: String?, status: Status, payment: Payment, amount: Int, currency: String,
        paymentIntent: String?, attempt: PaymentAttempt.ID?, expiresAt: Date, isLive: Bool
    ) {
        (self.id, self.url, self.status, self.payment) = (id, url, status, payment)
        (self.amount, self.currency, self.paymentIntent) = (amount, currency, paymentIntent)
        (self.attempt, self.expiresAt, self.isLive) = (attempt, expiresAt, isLive)
    }

    /// That money arrived, if it did.
    public func fact(toldBy: String, at occurredAt: Date) -> PaymentFact? {
        guard let attempt, status == .complete, payment != .unpaid else { return nil }
        return PaymentFact(
            attempt: attempt, session: id, paymentIntent: paymentIntent, amount: amount, currency: currency,
            toldBy: toldBy, occurredAt: occurredAt)
    }
}

extension PaymentFact {
    /// That nothing is to be paid, and nothing was.
    public static func free(_ attempt: PaymentAttempt, at now: Date) -> PaymentFact {
        PaymentFact(
            attempt: attempt.id, session: nil, paymentIntent: nil, amount: 0,
            currency: attempt.amount.currency.rawValue, toldBy: "free", occurredAt: now)
    }
}
