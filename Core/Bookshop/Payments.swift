/// What the shop asks of a payment provider for one attempt. It is made of the order and the attempt
/// alone, so that asking again under the same key asks for the same thing.
public struct SessionRequest: Hashable, Sendable {
    public let order: Order
    public let attempt: PaymentAttempt
    public let email: String?
    /// Where the customer comes back to; the session's id is appended by the adapter.
    public let successURL: String
    public let cancelURL: String

    public init(
        order: Order, attempt: PaymentAttempt, email: String?, successURL: String, cancelURL: String
    ) {
        (self.order, self.attempt, self.email) = (order, attempt, email)
        (self.successURL, self.cancelURL) = (successURL, cancelURL)
    }
}

/// What the shop needs of a payment provider, whoever it is. Failures are `OutsideFailure`.
public struct Payments {
    /// Opens a page where the attempt is paid. Asked twice for one attempt, answers the same session.
    public var openSession: (_ request: SessionRequest) throws -> CheckoutSession
    /// Closes a page nobody shall pay on any more. Refused when it was paid meanwhile.
    public var expireSession: (_ id: String) throws -> CheckoutSession
    /// How it stands.
    public var session: (_ id: String) throws -> CheckoutSession

    public init(
        openSession: @escaping (_ request: SessionRequest) throws -> CheckoutSession,
        expireSession: @escaping (_ id: String) throws -> CheckoutSession,
        session: @escaping (_ id: String) throws -> CheckoutSession
    ) {
        (self.openSession, self.expireSession, self.session) = (openSession, expireSession, session)
    }

    public static var unset: Payments {
        Payments(
            openSession: { _ in throw Unset("Payments.openSession") },
            expireSession: { _ in throw Unset("Payments.expireSession") },
            session: { _ in throw Unset("Payments.session") })
    }
}
