import Foundation

/// The endpoints of OpenID Connect over the ledger.
struct IdentityProvider: Sendable {
    let ledger: IdentityLedger
    let configuration: IdentityStandIn.Configuration

    func answer(_ call: Call) async -> Answer {
        do {
            if call.method == "OPTIONS" { return preflight(call) }
            return permit(try await route(call), to: call)
        } catch let problem as IdentityProblem {
            return permit(problem.answer(), to: call)
        } catch {
            return permit(IdentityProblem("server_error", "\(error)").answer(500), to: call)
        }
    }

    private func route(_ call: Call) async throws -> Answer {
        switch (call.method, call.path.joined(separator: "/")) {
        case ("GET", ".well-known/openid-configuration"):
            return .json(200, await discovery).adding("cache-control", "public, max-age=300")
        case ("GET", ".well-known/jwks.json"):
            return .json(200, await ledger.publishedKeys).adding("cache-control", "public, max-age=60")
        case ("GET", "authorize"): return await showSignIn(call.query)
        case ("POST", "authorize"): return try await signIn(call.form ?? Form())
        case ("POST", "token"):
            return try await token(call.form ?? Form(), origin: call.headers["origin"])
        case ("POST", "revoke"):
            if let token = call.form?["token"] { try await ledger.revoke(refresh: token) }
            return Answer(status: 200)
        case ("GET", "userinfo"), ("POST", "userinfo"): return await userInfo(call)
        case ("GET", "logout"): return try await signOut(call.query)
        case ("POST", "logout"): return try await signOut(call.form ?? Form())
        case ("POST", "rotate"):
            return .json(201, try await ledger.rotate(isImmediate: call.query["immediate"] != nil))
        case ("GET", ""): return await SignInPage.welcome(people: ledger.people)
        case (_, _) where call.path.first == "people" && call.path.count > 1: return try await account(call)
        default: return .text(404, "Nothing is here: see /.well-known/openid-configuration\n")
        }
    }

    private var discovery: JSON {
        get async {
            let issuer = await ledger.issuer
            let endpoints = [
                "authorization_endpoint": "authorize", "token_endpoint": "token",
                "userinfo_endpoint": "userinfo", "end_session_endpoint": "logout",
                "revocation_endpoint": "revoke",
                "jwks_uri": ".well-known/jwks.json",
            ].mapValues { JSON.string("\(issuer)/\($0)") }
            let document: JSON = [
                "issuer": .string(issuer), "response_types_supported": ["code"],
                "response_modes_supported": ["query"], "subject_types_supported": ["public"],
                "grant_types_supported": ["authorization_code", "refresh_token", "password"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["none"],
                "scopes_supported": ["openid", "profile", "email", "offline_access"],
                "claims_supported": ["sub", "iss", "aud", "exp", "iat", "sid", "azp", "email", "name"],
                "authorization_response_iss_parameter_supported": true,
            ]
            return document.merging(endpoints)
        }
    }

    private func userInfo(_ call: Call) async -> Answer {
        let parts = (call.headers["authorization"] ?? "").split(separator: " ")
        guard parts.count == 2, parts[0].lowercased() == "bearer",
            let claims = await ledger.userInfo(for: String(parts[1]))
        else {
            return IdentityProblem("invalid_token", "The token is missing, not ours, or has expired.")
                .answer(401).adding("www-authenticate", "Bearer error=\"invalid_token\"")
        }
        return .json(200, claims).adding("cache-control", "no-store")
    }

    /// RP-initiated logout: https://openid.net/specs/openid-connect-rpinitiated-1_0.html.
    private func signOut(_ given: Form) async throws -> Answer {
        if let hint = given["id_token_hint"], let session = await ledger.session(inHint: hint) {
            try await ledger.end(session: session)
        }
        guard let destination = given["post_logout_redirect_uri"], origin(of: destination) != nil else {
            return Page(title: "Signed out", body: "<h1>You are signed out</h1>").answer()
        }
        let state = given["state"].map {
            "\(destination.contains("?") ? "&" : "?")state=\($0.percentEncoded)"
        }
        return .seeOther(destination + (state ?? ""))
    }

    /// The shop's origin that the address lies in; nil where it is another's.
    func origin(of address: String) -> String? {
        configuration.origins.first { address == $0 || address.hasPrefix("\($0)/") }
    }

    private func preflight(_ call: Call) -> Answer {
        permit(Answer(status: 204), to: call)
            .adding("access-control-allow-methods", "GET, POST")
            .adding("access-control-allow-headers", "authorization, content-type")
            .adding("access-control-max-age", "600")
    }

    /// The shop's own pages may read the answer.
    private func permit(_ answer: Answer, to call: Call) -> Answer {
        guard let origin = call.headers["origin"] else { return answer }
        let answer = answer.adding("vary", "Origin")
        guard configuration.origins.contains(origin) else { return answer }
        return answer.adding("access-control-allow-origin", origin)
    }
}
