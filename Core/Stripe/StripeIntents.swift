public import Bookshop
public import HTTP

extension StripeAPI {
    /// https://docs.stripe.com/api/payment_intents/create. The amount is the attempt's, which is its order's.
    public func createIntent(_ wanted: IntentRequest) -> Request {
        var form = Form()
        form.add("amount", String(wanted.attempt.amount.minorUnits))
        form.add("currency", wanted.attempt.amount.currency.rawValue.lowercased())
        form.add("automatic_payment_methods[enabled]", "true")
        if let customer = wanted.customer { form.add("customer", customer) }
        form.add("metadata[order_id]", wanted.attempt.order.description)
        form.add("metadata[attempt_id]", wanted.attempt.id.description)
        return post("payment_intents", form, key: wanted.attempt.idempotencyKey)
    }

    /// https://docs.stripe.com/api/payment_intents/retrieve
    public func intent(_ id: String) -> Request { get("payment_intents/\(Percent.encode(id))") }

    /// https://docs.stripe.com/api/payment_intents/cancel. Without a key, as a session is expired.
    public func cancelIntent(_ id: String) -> Request {
        post("payment_intents/\(Percent.encode(id))/cancel", Form(), key: nil)
    }
}

extension Intents {
    public static func stripe(_ api: StripeAPI, send: @escaping Send) -> Intents {
        Intents(
            create: { try told(by: api.createIntent($0), send) },
            intent: { try told(by: api.intent($0), send) },
            cancel: { id in
                do throws(OutsideFailure) { return try told(by: api.cancelIntent(id), send) } catch {
                    // Refused: it was cancelled before, or paid.
                    guard error.kind == .refused else { throw error }
                    let known = try told(by: api.intent(id), send)
                    guard known.status == .canceled else { throw error }
                    return known
                }
            })
    }
}

private func told(by request: Request, _ send: Send) throws(OutsideFailure) -> PaymentIntent {
    try answer(to: request, as: PaymentIntentObject.self, send).intent
}
