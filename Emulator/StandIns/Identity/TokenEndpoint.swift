import Foundation

/// `POST /token`: a code, a refresh token or – on one machine alone – a name for tokens (RFC 6749, RFC 7636).
extension IdentityProvider {
    func token(_ given: Form, origin: String?) async throws -> Answer {
        guard let kind = given["grant_type"] else {
            throw IdentityProblem("invalid_request", "grant_type is missing.")
        }
        let tokens =
            switch kind {
            case "authorization_code": try await redeemCode(given)
            case "refresh_token": try await redeemRefresh(given)
            case "password": try await signInScript(given, origin: origin)
            default: throw IdentityProblem("unsupported_grant_type", "There is no grant \(kind).")
            }
        var body: JSON = [
            "access_token": .string(tokens.access), "token_type": "Bearer",
            "expires_in": .integer(configuration.tokenSeconds), "scope": .string(tokens.scope),
        ]
        if let identity = tokens.identity { body["id_token"] = .string(identity) }
        if let refresh = tokens.refresh { body["refresh_token"] = .string(refresh) }
        return .json(200, body).adding("cache-control", "no-store").adding("pragma", "no-cache")
    }

    private func redeemCode(_ given: Form) async throws -> IdentityLedger.Tokens {
        try checkClient(given)
        guard let code = given["code"], let redirect = given["redirect_uri"],
            let verifier = given["code_verifier"]
        else {
            throw IdentityProblem("invalid_request", "code, redirect_uri and code_verifier are needed.")
        }
        guard (43...128).contains(verifier.utf8.count), verifier == verifier.percentEncoded else {
            throw IdentityProblem("invalid_grant", "A code_verifier is 43 to 128 unreserved characters.")
        }
        return try await ledger.redeem(code: code, redirect: redirect, verifier: verifier)
    }

    private func redeemRefresh(_ given: Form) async throws -> IdentityLedger.Tokens {
        try checkClient(given)
        guard let refresh = given["refresh_token"] else {
            throw IdentityProblem("invalid_request", "refresh_token is missing.")
        }
        return try await ledger.redeem(refresh: refresh)
    }

    /// For scripts and tests: `username` is a demo person's or an e-mail address, and no password is asked
    /// for. A real provider has no such grant (RFC 9700, section 2.4).
    private func signInScript(_ given: Form, origin: String?) async throws -> IdentityLedger.Tokens {
        if given["client_id"] != nil { try checkClient(given) }
        guard let username = given["username"], let person = try await ledger.introduced(username) else {
            throw IdentityProblem(
                "invalid_grant", "username names nobody: a demo person or an e-mail address.")
        }
        let asked = given["origin"] ?? origin ?? configuration.origins.first ?? ""
        guard configuration.origins.contains(asked) else {
            throw IdentityProblem("invalid_request", "The origin is none of the shop's.")
        }
        return try await ledger.tokens(
            for: person, origin: asked, scope: given["scope"] ?? "openid profile email")
    }

    private func checkClient(_ given: Form) throws(IdentityProblem) {
        guard given["client_id"] == configuration.clientID else {
            throw IdentityProblem("invalid_client", "client_id is not \(configuration.clientID).")
        }
    }
}
