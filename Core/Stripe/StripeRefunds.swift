public import Bookshop
public import HTTP

extension StripeAPI {
    /// https://docs.stripe.com/api/refunds/create. The metadata tells ours from those made in the Dashboard.
    public func giveBack(_ wanted: RefundRequest) -> Request {
        var form = Form()
        form.add("payment_intent", wanted.paymentIntent)
        form.add("amount", String(wanted.refund.amount.minorUnits))
        if let reason = wanted.refund.reason.word { form.add("reason", reason) }
        form.add("metadata[order_id]", wanted.refund.order.description)
        form.add("metadata[attempt_id]", wanted.attempt.description)
        form.add("metadata[refund_id]", wanted.refund.id.description)
        return post("refunds", form, key: wanted.idempotencyKey)
    }

    /// https://docs.stripe.com/api/refunds/list. A payment in more than a hundred refunds is none of ours.
    public func refunds(ofIntent id: String) -> Request {
        get("refunds?limit=100&payment_intent=\(Percent.encode(id))")
    }
}

extension Refund.Reason {
    /// Stripe knows three, which it also learns about fraud from.
    fileprivate var word: String? {
        switch self {
        case .customerRequest: "requested_by_customer"
        case .duplicate, .alreadyOwned, .surplus: "duplicate"
        case .fraud: "fraudulent"
        case .mismatch, .external: nil
        }
    }
}

extension Refunds {
    public static func stripe(_ api: StripeAPI, send: @escaping Send) -> Refunds {
        Refunds(
            give: { try answer(to: api.giveBack($0), as: RefundObject.self, send).refund },
            all: { intent in
                try answer(to: api.refunds(ofIntent: intent), as: RefundList.self, send).data.map(\.refund)
            })
    }
}
