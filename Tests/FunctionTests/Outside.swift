import Core
import Foundation

extension Storage {
    /// One object, or none, under every key; what is put is taken.
    static func holding(_ object: StoredObject?) -> Storage {
        var storage = Storage.unset
        storage.head = { _, _ in object }
        storage.put = { _, _, _, _ in }
        return storage
    }
}

extension CheckoutSession {
    /// A page that has closed: paid, or not.
    static func ended(_ attempt: PaymentAttempt, _ status: Status, payment: Payment? = nil) -> CheckoutSession
    {
        CheckoutSession(
            id: "cs_\(attempt.id)", url: nil, status: status,
            payment: payment ?? (status == .complete ? .paid : .unpaid), amount: attempt.amount.minorUnits,
            currency: attempt.amount.currency.rawValue,
            paymentIntent: status == .complete ? "pi_\(attempt.id)" : nil,
            attempt: attempt.id, expiresAt: Date(timeIntervalSinceNow: 3600), isLive: false)
    }
}
