public import FoundationEssentials

/// A payment as the provider leads it, whatever page it came from.
public struct PaymentIntent: Hashable, Sendable {
    public enum Status: RawRepresentable, Hashable, Sendable {
        case succeeded
        /// The money is on its way, for days perhaps.
        case processing
        /// Nobody pays by it any more.
        case canceled
        /// Anything else: no money yet, and there may still be some.
        case other(String)

        public init(rawValue: String) {
            self =
                switch rawValue {
                case "succeeded": .succeeded
                case "processing": .processing
                case "canceled": .canceled
                default: .other(rawValue)
                }
        }

        public var rawValue: String {
            switch self {
            case .succeeded: "succeeded"
            case .processing: "processing"
            case .canceled: "canceled"
            case .other(let status): status
            }
        }
    }

    public let id: String
    public let status: Status
    public let amountReceived: Int
    /// In capitals.
    public let currency: String
    public let attempt: PaymentAttempt.ID?
    public let isLive: Bool
    /// With which the customer's browser pays; whoever has it may.
    public let clientSecret: String?
    /// Why the last try to pay failed.
    public let failureCode: String?

    public init(
        id: String, status: Status, amountReceived: Int, currency: String, attempt: PaymentAttempt.ID?,
        isLive: Bool, clientSecret: String? = nil, failureCode: String? = nil
    ) {
        (self.id, self.status, self.amountReceived) = (id, status, amountReceived)
        (self.currency, self.attempt, self.isLive) = (currency, attempt, isLive)
        (self.clientSecret, self.failureCode) = (clientSecret, failureCode)
    }

    /// That money arrived, if it did.
    public func fact(toldBy: String, at occurredAt: Date) -> PaymentFact? {
        guard let attempt, status == .succeeded else { return nil }
        return PaymentFact(
            attempt: attempt, session: nil, paymentIntent: id, amount: amountReceived, currency: currency,
            toldBy: toldBy, occurredAt: occurredAt)
    }
}

/// What the shop asks for one attempt that is paid on a page of its own. Made of the order and the attempt, so that
/// asking again under the same key asks for the same thing.
public struct IntentRequest: Hashable, Sendable {
    public let attempt: PaymentAttempt
    /// Whom the provider knows the customer as, if they keep methods there.
    public let customer: String?

    public init(attempt: PaymentAttempt, customer: String?) {
        (self.attempt, self.customer) = (attempt, customer)
    }
}

/// Payments without a page of the provider's. Failures are `OutsideFailure`.
public struct Intents {
    /// Asked twice for one attempt, answers the same intent.
    public var create: (_ request: IntentRequest) throws -> PaymentIntent
    /// How it stands.
    public var intent: (_ id: String) throws -> PaymentIntent
    /// Nobody shall pay by it any more. Refused when it was paid meanwhile.
    public var cancel: (_ id: String) throws -> PaymentIntent

    public init(
        create: @escaping (_ request: IntentRequest) throws -> PaymentIntent,
        intent: @escaping (_ id: String) throws -> PaymentIntent,
        cancel: @escaping (_ id: String) throws -> PaymentIntent
    ) {
        (self.create, self.intent, self.cancel) = (create, intent, cancel)
    }

    public static var unset: Intents {
        Intents(
            create: { _ in throw Unset("Intents.create") }, intent: { _ in throw Unset("Intents.intent") },
            cancel: { _ in throw Unset("Intents.cancel") })
    }
}
