import Cryptography
import Foundation
import Logging

/// Tells the shop of accounts in Svix's format, as Clerk does
/// (https://docs.svix.com/receiving/verifying-payloads/how-manual).
struct IdentityDelivery: Sendable {
    let ledger: IdentityLedger
    let configuration: IdentityStandIn.Configuration
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
        guard let webhook = configuration.webhook, let (event, attempts) = await ledger.delivery(of: id)
        else {
            return nil
        }
        let seconds = "\(Int(configuration.now().timeIntervalSince1970))"
        let headers = [
            ("content-type", "application/json"), ("user-agent", "Svix-Webhooks/1.0"), ("svix-id", id),
            ("svix-timestamp", seconds),
            ("svix-signature", Self.signature(of: event, id: id, at: seconds, secret: webhook.secret)),
        ]
        return .init(url: webhook.url, headers: headers, body: event, attempts: attempts)
    }

    /// The secret is the key in base64, after its prefix. The id stays, and each try has its own time.
    static func signature(of body: [UInt8], id: String, at seconds: String, secret: String) -> String {
        guard let key = Base64.decoded(String(secret.dropFirst("whsec_".count))) else {
            preconditionFailure("a webhook's secret is whsec_ and base64")
        }
        return "v1," + Base64.encoded(HMAC.sha256(key: key, message: Array("\(id).\(seconds).".utf8) + body))
    }
}

/// Deliveries: at least once, never in the way of a request. An event is kept until it is delivered or given up.
extension IdentityLedger {
    /// Takes up what was not delivered before the last end.
    func takeUpDeliveries() {
        for id in objects.ids(of: "event") where objects["event", id]?["isAbandoned"] != true {
            toDeliver.yield(id)
        }
    }

    /// What is known of somebody, and the word of it to the shop: both or none.
    func commit(_ subject: String, _ value: JSON, telling event: JSON) throws {
        let id = RandomID.make("msg_", length: 27)
        var changes = [DurableObjects.Change(key: .init(kind: "person", id: subject), value: value)]
        if configuration.webhook != nil {
            let kept: JSON = ["event": event, "attempts": 0]
            changes.append(.init(key: .init(kind: "event", id: id), value: kept))
        }
        try objects.commit(changes)
        if configuration.webhook != nil { toDeliver.yield(id) }
    }

    func delivery(of id: String) -> (event: [UInt8], attempts: Int)? {
        guard let kept = objects["event", id], kept["isAbandoned"] != true else { return nil }
        return (kept["event"].bytes, kept["attempts"].integer ?? 0)
    }

    func delivered(_ id: String) throws {
        try objects.commit([.init(key: .init(kind: "event", id: id), value: nil)])
    }

    func notDelivered(_ id: String, attempts: Int, isAbandoned: Bool) throws {
        guard let kept = objects["event", id] else { return }
        let tried = kept.merging(["attempts": .integer(attempts), "isAbandoned": .bool(isAbandoned)])
        try objects.commit([.init(key: .init(kind: "event", id: id), value: tried)])
    }
}
