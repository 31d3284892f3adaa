import Cryptography
import Foundation
import Testing

@testable import StandIns

@Suite struct StripeStandInWebhookTests {
    private static let secret = "whsec_test"

    private func isSigned(_ call: Call) -> Bool {
        let parts = (call.headers["stripe-signature"] ?? "").split(separator: ",")
        guard parts.count == 2, parts[0].hasPrefix("t="), parts[1].hasPrefix("v1=") else { return false }
        let message = Array("\(parts[0].dropFirst(2)).".utf8) + call.body
        return Hex.encoded(HMAC.sha256(key: Array(Self.secret.utf8), message: message))
            == parts[1].dropFirst(3)
    }

    @Test func `each event is delivered, signed over its very bytes`() async throws {
        let receiver = Receiver()
        try await running({ try await receiver.run() }) {
            let url = try await receiver.address
            try await withStripe({ $0.webhook = .init(url: "\(url)/hooks", secret: Self.secret) }) {
                shop, _ in
                let session = try await shop.openSession()
                _ = try await shop.pay(session)
                let calls = await receiver.next(4)
                #expect(calls.allSatisfy(isSigned))
                let events = try calls.map { try JSON(parsing: $0.body) }
                #expect(
                    Set(events.compactMap { $0["type"].string }) == [
                        "payment_intent.created", "charge.succeeded", "payment_intent.succeeded",
                        "checkout.session.completed",
                    ])
                #expect(
                    events.allSatisfy { $0["api_version"] == "2026-07-29.dahlia" && $0["livemode"] == false })
                let completed = events.first { $0["type"] == "checkout.session.completed" }
                #expect(completed?["data"]["object"]["id"] == session["id"])
                #expect(completed?["data"]["object"]["payment_status"] == "paid")
            }
        }
    }

    @Test func `a refused delivery comes again, newly signed, until it is taken`() async throws {
        let receiver = Receiver(answering: [500, 302, 200])
        try await running({ try await receiver.run() }) {
            let url = try await receiver.address
            let settings = { (configuration: inout StripeStandIn.Configuration) in
                configuration.webhook = .init(url: url, secret: Self.secret)
                configuration.retryPauses = [.milliseconds(1), .milliseconds(1), .milliseconds(1)]
            }
            try await withStripe(settings) { shop, _ in
                _ = try await shop.post("customers", [("email", "ada@example.com")])
                let calls = await receiver.next(3)
                #expect(calls.allSatisfy(isSigned))
                #expect(Set(calls.map(\.body)).count == 1)
            }
        }
    }

    @Test func `what could not be delivered is delivered after a restart`() async throws {
        try await withFolder { folder in
            let settings = { (configuration: inout StripeStandIn.Configuration) in
                // Nothing listens on the port that the kernel keeps for itself.
                configuration.webhook = .init(url: "http://127.0.0.1:1/", secret: Self.secret)
            }
            try await withStripe(in: folder, settings) { shop, _ in
                _ = try await shop.post("customers", [("email", "ada@example.com")])
                let waiting = try await shop.get("events?delivery_success=false").json
                #expect(waiting["data"].elements.count == 1)
            }
            let receiver = Receiver()
            try await running({ try await receiver.run() }) {
                let url = try await receiver.address
                try await withStripe(in: folder, { $0.webhook = .init(url: url, secret: Self.secret) }) {
                    _, _ in
                    let calls = await receiver.next(1)
                    let event = try JSON(parsing: calls[0].body)
                    #expect(event["type"] == "customer.created")
                }
            }
        }
    }
}
