// POST /webhooks/stripe: what Stripe says has happened.
//
// The signature is verified before a byte of the body is read; then the event is kept as it came, and only
// then acted on. An event counts once, whatever order or number it comes in. What cannot be finished now, the
// relay finishes.

import Core
import FoundationEssentials
import Stripe

func stripeWebhook(_ request: Request, in shop: Shop, secrets: [String]) throws -> Response {
    try verify(request, at: shop.now(), secrets)
    let event: Event
    do { event = try Event(request.body) } catch {
        throw Problem(400, "malformed-body", "The body is no event of Stripe's.")
    }
    let receipt = try shop.database.transaction(.readCommitted) { try $0.receive(event.record) }
    if receipt == .first || receipt == .again(.received) {
        do { try shop.settle(event.record) } catch {
            log("webhook kept for later", ["event": event.record.id, "error": "\(error)"], level: .error)
        }
    }
    return try Response(200, ["received": true])
}

func verify(_ request: Request, at now: Date, _ secrets: [String]) throws(Problem) {
    do {
        try WebhookSignature.verify(
            header: request.headers["stripe-signature"], body: request.body, secrets: secrets, now: now)
    } catch {
        if error == .noSecret {
            throw Problem(503, "webhook-unconfigured", "This endpoint has no signing secret.")
        }
        log("webhook refused", ["reason": "\(error)"], level: .warning)
        throw Problem(400, "webhook-signature", "This is not signed by Stripe, or was signed too long ago.")
    }
}

let secrets = Settings.list("STRIPE_WEBHOOK_SECRETS")
Lambda.serve({ try Shop.live() }, http: { try stripeWebhook($0, in: $1, secrets: secrets) })
