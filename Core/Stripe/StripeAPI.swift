public import Bookshop
internal import FoundationEssentials
public import HTTP

/// The requests the shop makes of Stripe, as values.
public struct StripeAPI: Sendable {
    /// What the answers are written by, and what the webhook endpoint is to be pinned to. Stripe changes only
    /// the word behind the point when it breaks something.
    public static let version = "2026-07-29.dahlia"

    private let secretKey: String
    private let base: String

    public init(secretKey: String, base: String = "https://api.stripe.com") {
        (self.secretKey, self.base) = (secretKey, base)
    }

    /// https://docs.stripe.com/api/checkout/sessions/create. Priced from what each line of
    /// the order comes to after discount and tax, which is agreed;
    /// the metadata is on the payment intent too, whose events do not name the session. Tax and promotion
    /// codes at Stripe's stay off: they would make the sum another than the order's.
    public func openSession(_ wanted: SessionRequest) -> Request {
        var form = Form()
        form.add("mode", "payment")
        form.add("client_reference_id", wanted.order.id.description)
        for path in ["metadata", "payment_intent_data[metadata]"] {
            form.add("\(path)[order_id]", wanted.order.id.description)
            form.add("\(path)[attempt_id]", wanted.attempt.id.description)
        }
        if let end = wanted.attempt.expiresAt {
            form.add("expires_at", String(Int(end.timeIntervalSince1970.rounded(.down))))
        }
        if let email = wanted.email { form.add("customer_email", email) }
        for (index, line) in wanted.order.lines.enumerated() {
            form.add("line_items[\(index)][quantity]", "1")
            let price = "line_items[\(index)][price_data]"
            form.add("\(price)[currency]", line.total.currency.rawValue.lowercased())
            form.add("\(price)[unit_amount]", String(line.total.minorUnits))
            form.add("\(price)[product_data][name]", line.title)
            form.add("\(price)[product_data][metadata][audiobook_id]", line.audiobook.description)
        }
        let join = wanted.successURL.utf8.contains(UInt8(ascii: "?")) ? "&" : "?"
        form.add("success_url", wanted.successURL + join + "session_id={CHECKOUT_SESSION_ID}")
        form.add("cancel_url", wanted.cancelURL)
        return post("checkout/sessions", form, key: wanted.attempt.idempotencyKey)
    }

    /// https://docs.stripe.com/api/checkout/sessions/expire. Without a key: a session expires once, and a key
    /// would answer for a day what was true at first.
    public func expireSession(_ id: String) -> Request {
        post("checkout/sessions/\(Percent.encode(id))/expire", Form(), key: nil)
    }

    /// https://docs.stripe.com/api/checkout/sessions/retrieve
    public func session(_ id: String) -> Request {
        get("checkout/sessions/\(Percent.encode(id))")
    }

    func get(_ path: String) -> Request {
        Request("GET", "\(base)/v1/\(path)", headers: headers, repeatable: true)
    }

    func delete(_ path: String) -> Request {
        Request("DELETE", "\(base)/v1/\(path)", headers: headers, repeatable: true)
    }

    func post(_ path: String, _ form: Form, key: String?) -> Request {
        Request(
            "POST", "\(base)/v1/\(path)",
            headers: headers + [Form.contentType] + (key.map { [Header("Idempotency-Key", $0)] } ?? []),
            body: form.body, repeatable: true)
    }

    private var headers: [Header] {
        [Header("Authorization", "Bearer \(secretKey)"), Header("Stripe-Version", Self.version)]
    }
}
