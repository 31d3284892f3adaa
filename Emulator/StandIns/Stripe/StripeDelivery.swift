import Cryptography
import Foundation
import Logging

/// Tells the shop what happened: signed, at least once, again and again until it answers 2xx
/// (https://docs.stripe.com/webhooks).
struct StripeDelivery: Sendable {
    let ledger: StripeLedger
    let configuration: StripeStandIn.Configuration
    let logger: Logger

    /// Until the task is cancelled.
    func run() async throws {
        let courier = Courier(
            pauses: configuration.retryPauses, logger: logger, parcel: { await parcel($0) },
            delivered: { try await ledger.delivered($0) },
            notDelivered: { try await ledger.notDelivered($0, attempts: $1, isAbandoned: $2) })
        try await courier.deliver(ledger.deliveries)
    }

    private func parcel(_ id: String) async -> Courier.Parcel? {
        guard let delivery = await ledger.delivery(of: id) else { return nil }
        let headers = [
            ("content-type", "application/json; charset=utf-8"),
            ("user-agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)"),
            (
                "stripe-signature",
                Self.signature(of: delivery.event, secret: delivery.webhook.secret, at: configuration.now())
            ),
        ]
        return .init(
            url: delivery.webhook.url, headers: headers, body: delivery.event, attempts: delivery.attempts)
    }

    /// Each try has its own instant and signature: https://docs.stripe.com/webhooks#verify-manually.
    static func signature(of body: [UInt8], secret: String, at instant: Date) -> String {
        let seconds = Int(instant.timeIntervalSince1970)
        let mac = HMAC.sha256(key: Array(secret.utf8), message: Array("\(seconds).".utf8) + body)
        return "t=\(seconds),v1=\(Hex.encoded(mac))"
    }
}
