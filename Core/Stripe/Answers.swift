internal import Bookshop
internal import FoundationEssentials
internal import HTTP

/// What Stripe answers, or how it failed.
func answer<Object: Decodable>(
    to request: Request, as type: Object.Type = Object.self, _ send: Send
) throws(OutsideFailure) -> Object {
    let isWrite = request.method != "GET"
    let response: Response
    do throws(Failure) { response = try send(request) } catch {
        let isUndecided = isWrite && error.kind != .tls
        throw OutsideFailure("stripe", isUndecided ? .undecided : .unavailable, reason: error.reason)
    }
    guard (200..<300).contains(response.status) else { throw refusal(response, ofWrite: isWrite) }
    do {
        return try JSONDecoder().decode(Object.self, from: Data(response.body))
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
