import Core
import FoundationEssentials
import Identity

/// The signature is verified before a byte of the body is read; then the event is kept as it came, and only then
/// acted on. What cannot be finished now, the relay finishes.
func hear(_ request: Request, in shop: Shop, secrets: [String]) throws -> Response {
    let delivery = try verified(request, at: shop.now(), secrets)
    let event: AccountEvent
    do { event = try AccountEvent(request.body) } catch {
        throw Problem(400, "malformed-body", "The body is no event of the identity provider's.")
    }
    let record = WebhookEvent(
        provider: .identity, id: delivery.messageID, type: event.type, apiVersion: nil, isLive: true,
        objectID: event.subject, createdAt: Date(timeIntervalSince1970: Double(delivery.timestamp)),
        raw: request.body)
    let receipt = try shop.database.transaction(.readCommitted) { try $0.receive(record) }
    if receipt == .first || receipt == .again(.received) {
        do { try shop.acquaint(record) } catch {
            log("webhook kept for later", ["event": record.id, "error": "\(error)"], level: .error)
        }
    }
    return try Response(200, ["received": true])
}

private func verified(_ request: Request, at now: Date, _ secrets: [String]) throws(Problem) -> SvixSignature
{
    do {
        return try SvixSignature(
            verifying: request.body, headers: request.headers, secrets: secrets, now: now)
    } catch {
        if error == .noSecret {
            throw Problem(503, "webhook-unconfigured", "This endpoint has no signing secret.")
        }
        log("webhook refused", ["reason": "\(error)"], level: .warning)
        throw Problem(
            400, "webhook-signature",
            "This is not signed by the identity provider, or was signed too long ago.")
    }
}
