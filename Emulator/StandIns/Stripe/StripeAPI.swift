import Cryptography
import Foundation

/// The form-encoded v1 API over the ledger: key, operation, parameters, idempotency; then what it does.
struct StripeAPI: Sendable {
    let ledger: StripeLedger
    let configuration: StripeStandIn.Configuration

    func answer(_ call: Call) async -> Answer {
        let requestID = RandomID.make("req_", length: 14)
        var answer: Answer
        do {
            try authorize(call)
            answer = try await perform(call, requestID: requestID)
        } catch let problem as StripeProblem {
            answer = problem.answer(requestID: requestID)
            if problem.code == "idempotency_key_in_use" {
                answer = answer.adding("stripe-should-retry", "true")
            }
        } catch {
            answer = StripeProblem(status: 500, type: "api_error", "The stand-in failed: \(error)").answer(
                requestID: requestID)
        }
        if let key = call.headers["idempotency-key"], !key.isEmpty {
            answer = answer.adding("idempotency-key", key)
        }
        return answer.adding("request-id", requestID)
            .adding("stripe-version", call.headers["stripe-version"] ?? configuration.apiVersion)
    }

    private func perform(_ call: Call, requestID: String) async throws -> Answer {
        let (operation, identifiers) = try operation(for: call)
        let form = try call.method == "POST" ? form(of: call) : call.query
        let parameters = try operation.parameters(StripeParameter(form))
        let input = StripeOperation.Input(identifiers: identifiers, parameters: parameters)
        guard call.method == "POST", let key = call.headers["idempotency-key"], !key.isEmpty else {
            await configuration.hindrance()
            return try await ledger.answer(
                operation, input, requestID: requestID, under: nil, fingerprint: "")
        }
        guard key.utf8.count <= 255 else {
            throw StripeProblem(
                status: 400, type: "idempotency_error",
                "Your idempotency key must be 255 characters or less; it has \(key.utf8.count).")
        }
        let fingerprint = fingerprint(of: form, at: call.rawPath)
        if let stored = try await ledger.claim(key, fingerprint: fingerprint) { return stored }
        await configuration.hindrance()
        do {
            let answer = try await ledger.answer(
                operation, input, requestID: requestID, under: key, fingerprint: fingerprint)
            await ledger.release(key)
            return answer
        } catch {
            await ledger.release(key)
            throw error
        }
    }

    /// The order of parameters does not matter.
    private func fingerprint(of form: Form, at path: String) -> String {
        let fields = form.fields.map { "\($0.name.percentEncoded)=\($0.value.percentEncoded)" }.sorted()
        return Hex.encoded(SHA256.hash(Array("\(path)\n\(fields.joined(separator: "&"))".utf8)))
    }

    private func form(of call: Call) throws(StripeProblem) -> Form {
        guard !call.body.isEmpty else { return call.query }
        let type = call.headers["content-type"]?.lowercased() ?? ""
        guard type.hasPrefix("application/x-www-form-urlencoded"), let form = call.form else {
            throw StripeProblem(
                "Invalid request (check that your POST content type is application/x-www-form-urlencoded). "
                    + "If you have questions, we can help at https://support.stripe.com/.")
        }
        return form
    }

    private func operation(for call: Call) throws(StripeProblem) -> (StripeOperation, [String]) {
        for operation in StripeOperation.all {
            if let identifiers = operation.identifiers(in: call.method, call.path.dropFirst()) {
                return (operation, identifiers)
            }
        }
        throw StripeProblem(
            status: 404,
            "Unrecognized request URL (\(call.method): \(call.rawPath)). Please see "
                + "https://stripe.com/docs or we can help at https://support.stripe.com/.")
    }

    /// `Bearer key`, or Basic with the key as the name: https://docs.stripe.com/api/authentication.
    private func authorize(_ call: Call) throws(StripeProblem) {
        let parts = (call.headers["authorization"] ?? "").split(separator: " ", maxSplits: 1)
        guard parts.count == 2, let key = key(scheme: parts[0].lowercased(), String(parts[1])), !key.isEmpty
        else {
            throw StripeProblem(
                status: 401,
                "You did not provide an API key. You need to provide your API key in the Authorization "
                    + "header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See "
                    + "https://stripe.com/docs/api#authentication for details, or we can help at "
                    + "https://support.stripe.com/.")
        }
        guard constantTimeEqual(Array(key.utf8), Array(configuration.secretKey.utf8)) else {
            let shown = key.prefix(8) + String(repeating: "*", count: max(0, key.count - 12)) + key.suffix(4)
            throw StripeProblem(status: 401, "Invalid API Key provided: \(key.count > 12 ? shown : "****")")
        }
    }

    private func key(scheme: String, _ credentials: String) -> String? {
        switch scheme {
        case "bearer": credentials.trimmingCharacters(in: .whitespaces)
        case "basic":
            Base64.decoded(credentials).flatMap { String(validating: $0, as: UTF8.self) }?
                .split(separator: ":", omittingEmptySubsequences: false).first.map(String.init)
        default: nil
        }
    }
}
