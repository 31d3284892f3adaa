import Cryptography
import Foundation
import Template

/// The JWT authorizer of one API.
/// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
struct GatewayAuthorizer: Sendable {
    private let rules: JWTAuthorizer
    private let keys: SigningKeys

    enum Verdict: Sendable {
        case admitted(GatewayEvent.Authorizer)
        case refused(GatewayAnswer)
        /// The issuer could not be asked.
        case failed(String)
    }

    init(_ rules: JWTAuthorizer, floor: Duration = .seconds(10)) {
        self.rules = rules
        keys = SigningKeys(issuer: rules.issuer, floor: floor)
    }

    /// `scopes`: of the route; the token must hold one of them, where there are any.
    func verdict(on request: GatewayRequest, scopes: [String]) async -> Verdict {
        guard let text = credential(in: request) else { return .refused(Self.unauthorized("Bearer")) }
        guard let token = SignedToken(text), token.algorithm == RSAAlgorithm.rs256.rawValue else {
            return Self.invalid("the token is not a signed RS256 token")
        }
        do {
            guard let key = try await keys.key(token.keyID) else { return Self.invalid("unknown kid") }
            guard key.verifies(token.signature, of: token.signedBytes) else {
                return Self.invalid("the signature does not match")
            }
        } catch {
            return .failed("keys of \(rules.issuer): \(error)")
        }
        if let reason = token.refusal(issuer: rules.issuer, audience: rules.audience, now: request.time) {
            return Self.invalid(reason)
        }
        let wanted = scopes.isEmpty ? rules.scopes : scopes
        let held = token.scopes
        guard wanted.isEmpty || wanted.contains(where: held.contains) else {
            return .refused(Self.forbidden(wanted))
        }
        return .admitted(
            GatewayEvent.Authorizer(
                jwt: .init(claims: token.claimTexts, scopes: wanted.isEmpty ? nil : held)))
    }

    private func credential(in request: GatewayRequest) -> String? {
        let parts = rules.identitySource.split(separator: ".", maxSplits: 2).map(String.init)
        guard parts.count == 3, parts[0] == "$request" else { return nil }
        let value =
            parts[1] == "header"
            ? request.header(parts[2].lowercased())
            : GatewayEvent.queryParameters(request.queryString)[parts[2]]
        guard let value, !value.isEmpty else { return nil }
        return value.lowercased().hasPrefix("bearer ") ? String(value.dropFirst("bearer ".count)) : value
    }

    private static func invalid(_ reason: String) -> Verdict {
        .refused(unauthorized(#"Bearer error="invalid_token" error_description="\#(reason)""#))
    }

    private static func unauthorized(_ challenge: String) -> GatewayAnswer {
        var answer = GatewayAnswer(status: 401, message: "Unauthorized")
        answer.headers.append(("www-authenticate", challenge))
        return answer
    }

    private static func forbidden(_ scopes: [String]) -> GatewayAnswer {
        var answer = GatewayAnswer(status: 403, message: "Forbidden")
        let wanted = scopes.joined(separator: " ")
        answer.headers.append(
            ("www-authenticate", #"Bearer scope="\#(wanted)" error="insufficient_scope""#))
        return answer
    }
}
