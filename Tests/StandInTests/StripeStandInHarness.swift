import Foundation
import Synchronization

@testable import StandIns

/// The shop's side of a running stand-in.
struct StripeShop: Sendable {
    static let card = "4242424242424242"
    let address: String

    static let session = [
        ("mode", "payment"), ("success_url", "http://shop.test/done?session={CHECKOUT_SESSION_ID}"),
        ("cancel_url", "http://shop.test/cart"), ("client_reference_id", "order-1"),
        ("metadata[order_id]", "order-1"), ("payment_intent_data[metadata][order_id]", "order-1"),
        ("line_items[0][quantity]", "1"), ("line_items[0][price_data][currency]", "eur"),
        ("line_items[0][price_data][unit_amount]", "1250"),
        ("line_items[0][price_data][product_data][name]", "The Time Machine & others"),
    ]

    func post(
        _ path: String, _ fields: [(String, String)] = [], key: String? = nil
    ) async throws -> Reply {
        var headers = ["authorization": "Bearer sk_test_earshelf_local"]
        headers["idempotency-key"] = key
        return try await send(form: fields, to: "\(address)/v1/\(path)", headers: headers)
    }

    func get(_ path: String) async throws -> Reply {
        try await send(
            "GET", "\(address)/v1/\(path)", headers: ["authorization": "Bearer sk_test_earshelf_local"])
    }

    func openSession(_ changes: [(String, String)] = []) async throws -> JSON {
        try await post("checkout/sessions", Self.session + changes).json
    }

    /// What the buyer sends from the page.
    func pay(_ session: JSON, with card: String = card, _ changes: [String: String] = [:]) async throws
        -> Reply
    {
        let fields = [
            "email": "ada@example.com", "method": "card", "card": card, "expiry": "12 / 49", "cvc": "123",
            "name": "Ada Lovelace", "country": "GB", "iban": "",
        ].merging(changes) { _, change in change }
        return try await send(form: fields.map { ($0.key, $0.value) }, to: session["url"].string ?? "")
    }

    func session(_ id: JSON) async throws -> JSON {
        try await get("checkout/sessions/\(id.string ?? "")").json
    }

    /// The types of the events so far, the oldest first.
    func events() async throws -> [String] {
        try await get("events?limit=100").json["data"].elements.reversed().compactMap { $0["type"].string }
    }
}

func withStripe<Result: Sendable>(
    _ settings: (inout StripeStandIn.Configuration) -> Void = { _ in },
    _ body: (StripeShop, StripeStandIn) async throws -> Result
) async throws -> Result {
    try await withFolder { folder in
        try await withStripe(in: folder, settings, body)
    }
}

func withStripe<Result: Sendable>(
    in folder: URL, _ settings: (inout StripeStandIn.Configuration) -> Void = { _ in },
    _ body: (StripeShop, StripeStandIn) async throws -> Result
) async throws -> Result {
    var configuration = StripeStandIn.Configuration(folder: folder)
    configuration.port = 0
    settings(&configuration)
    let stripe = try StripeStandIn(configuration, logger: quiet)
    return try await running({ try await stripe.run() }) {
        try await body(StripeShop(address: stripe.address), stripe)
    }
}

/// A clock that moves when told.
final class TestClock: Sendable {
    private let instant: Mutex<Date>

    init(_ instant: Date = Date(timeIntervalSince1970: 1_800_000_000)) { self.instant = Mutex(instant) }

    var now: @Sendable () -> Date { { [self] in instant.withLock { $0 } } }

    func advance(by seconds: Double) { instant.withLock { $0 += seconds } }
}
