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
                return try answer(to: api.openSession(wanted), send)
            },
            expireSession: { id in
                do throws(OutsideFailure) { return try answer(to: api.expireSession(id), send) } catch {
                    // Refused: it is expired already, perhaps by an earlier try whose answer was lost; or
                    // paid.
                    guard error.kind == .refused else { throw error }
                    let session = try answer(to: api.session(id), send)
                    guard session.status == .expired else { throw error }
                    return session
                }
            },
            session: { id in try answer(to: api.session(id), send) })
    }
}

private func answer(to request: Request, _ send: Send) throws(OutsideFailure) -> CheckoutSession {
    let isWrite = request.method == "POST"
    let response: Response
    do throws(Failure) { response = try send(request) } catch {
        let isUndecided = isWrite && error.kind != .tls
        throw OutsideFailure("stripe", isUndecided ? .undecided : .unavailable, reason: error.reason)
    }
    guard (200..<300).contains(response.status) else { throw refusal(response, ofWrite: isWrite) }
    do {
        return try JSONDecoder().decode(SessionObject.self, from: Data(response.body)).session
    } catch {
        throw OutsideFailure("stripe", isWrite ? .undecided : .unavailable, reason: unreadable(error))
    }
}

/// https://docs.stripe.com/error-low-level: a request that fails in itself is refused for good; what fails
/// within Stripe has perhaps been done, and is asked for again under the same key.
private func refusal(_ response: Response, ofWrite isWrite: Bool) -> OutsideFailure {
    let error = try? JSONDecoder().decode(ErrorAnswer.self, from: Data(response.body)).error
    let kind: OutsideFailure.Kind =
        switch response.status {
        case 429:
            .throttled(
                retryAfterSeconds: ((response.retryAfterMilliseconds(now: Date()) ?? 1000) + 999) / 1000)
        case 409: error?.code == "idempotency_key_in_use" ? .undecided : .unavailable
        case 400..<500: .refused
        default: isWrite ? .undecided : .unavailable
        }
    let words = ["status \(response.status)", error?.type, error?.param].compactMap { $0 }
    return OutsideFailure("stripe", kind, code: error?.code, reason: words.joined(separator: ", "))
}

/// Stripe's own message stays out: it quotes what was sent, such as a customer's address.
private struct ErrorAnswer: Decodable {
    struct Body: Decodable {
        let type: String?
        let code: String?
        let param: String?
    }
    let error: Body
}
