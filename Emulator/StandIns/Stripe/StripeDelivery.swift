import AsyncHTTPClient
import Cryptography
import Foundation
import Logging
import NIOCore
import NIOHTTP1

/// Tells the shop what happened: signed, at least once, again and again until it answers 2xx
/// (https://docs.stripe.com/webhooks).
struct StripeDelivery: Sendable {
    let ledger: StripeLedger
    let configuration: StripeStandIn.Configuration
    let logger: Logger

    /// Until the task is cancelled.
    func run() async throws {
        var settings = HTTPClient.Configuration(redirectConfiguration: .disallow)
        settings.connectionPool.idleTimeout = .seconds(5)
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
        await withDiscardingTaskGroup { group in
            for await id in ledger.deliveries {
                group.addTask { await deliver(id, over: client) }
            }
        }
        try? await client.shutdown()
    }

    private func deliver(_ id: String, over client: HTTPClient) async {
        while !Task.isCancelled, let delivery = await ledger.delivery(of: id) {
            do {
                let failure = await attempt(delivery, over: client)
                guard let failure else { return try await ledger.delivered(id) }
                guard !Task.isCancelled else { return }
                let pauses = configuration.retryPauses
                let isAbandoned = delivery.attempts >= pauses.count
                logger.notice(
                    "webhook not delivered",
                    metadata: [
                        "event": "\(id)", "attempt": "\(delivery.attempts + 1)", "reason": "\(failure)",
                        "abandoned": "\(isAbandoned)",
                    ])
                try await ledger.notDelivered(id, attempts: delivery.attempts + 1, isAbandoned: isAbandoned)
                guard !isAbandoned else { return }
                try await Task.sleep(for: pauses[delivery.attempts])
            } catch is CancellationError {
                return
            } catch {
                logger.error("webhook state cannot be written", metadata: ["reason": "\(error)"])
                return
            }
        }
    }

    /// Nil when it was taken, else why not.
    private func attempt(_ delivery: StripeLedger.Delivery, over client: HTTPClient) async -> String? {
        var request = HTTPClientRequest(url: delivery.webhook.url)
        request.method = .POST
        request.headers = [
            "content-type": "application/json; charset=utf-8",
            "user-agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            "stripe-signature": Self.signature(
                of: delivery.event, secret: delivery.webhook.secret, at: configuration.now()),
        ]
        request.body = .bytes(ByteBuffer(bytes: delivery.event))
        do {
            let response = try await client.execute(request, timeout: .seconds(30))
            return (200..<300).contains(response.status.code) ? nil : "HTTP \(response.status.code)"
        } catch {
            return "\(error)"
        }
    }

    /// Each try has its own instant and signature: https://docs.stripe.com/webhooks#verify-manually.
    static func signature(of body: [UInt8], secret: String, at instant: Date) -> String {
        let seconds = Int(instant.timeIntervalSince1970)
        let mac = HMAC.sha256(key: Array(secret.utf8), message: Array("\(seconds).".utf8) + body)
        return "t=\(seconds),v1=\(Hex.encoded(mac))"
    }
}
