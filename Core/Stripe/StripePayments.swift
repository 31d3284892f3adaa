public import Bookshop
internal import FoundationEssentials
public import HTTP

extension Payments {
    /// Payments by Stripe Checkout, at `https://api.stripe.com` or where its stand-in listens.
    public static func stripe(secretKey: String, apiBase: String, send: @escaping Send) -> Payments {
        let api = StripeAPI(secretKey: secretKey, base: apiBase)
        return Payments(
            openSession: { wanted in
                let sum = wanted.order.lines.reduce(0) { $0 + $1.total.minorUnits }
                guard sum == wanted.order.total.minorUnits, wanted.order.total == wanted.attempt.amount else {
                    throw OutsideFailure(
                        "stripe", .refused, reason: "the lines do not add up to the order's total")
                }
                return try told(by: api.openSession(wanted), send)
            },
            expireSession: { id in
                do throws(OutsideFailure) { return try told(by: api.expireSession(id), send) } catch {
                    // Refused: it is expired already, perhaps by an earlier try whose answer was lost; or
                    // paid.
                    guard error.kind == .refused else { throw error }
                    let session = try told(by: api.session(id), send)
                    guard session.status == .expired else { throw error }
                    return session
                }
            },
            session: { id in try told(by: api.session(id), send) })
    }
}

private func told(by request: Request, _ send: Send) throws(OutsideFailure) -> CheckoutSession {
    try answer(to: request, as: SessionObject.self, send).session
}
