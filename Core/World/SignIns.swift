internal import Bookshop
internal import Core
import FoundationEssentials
internal import HTTP
internal import Identity

extension SignIns {
    /// By the authorization code flow with PKCE, at whatever provider of OpenID Connect. What it says of
    /// itself is asked for once in the life of this process.
    static func oidc(
        _ issuer: String, as client: String, secret: String?, now: @escaping () -> Date,
        _ send: @escaping Send
    ) throws -> SignIns {
        let provider = Provider(
            issuer: try Issuer(issuer), client: client, secret: secret, now: now, send: send)
        return SignIns(
            address: { try provider.address($0) }, redeem: { try provider.redeem($0) },
            renew: { try provider.renew($0) }, revoke: { try provider.revoke($0) })
    }
}

private final class Provider {
    private let issuer: Issuer
    private let client: String
    private let secret: String?
    private let now: () -> Date
    private let send: Send
    private var known: Endpoints?

    struct Endpoints {
        let authorization: String
        let token: String
        let revocation: String?
    }

    init(issuer: Issuer, client: String, secret: String?, now: @escaping () -> Date, send: @escaping Send) {
        (self.issuer, self.client, self.secret, self.now, self.send) = (issuer, client, secret, now, send)
    }

    func address(_ parameters: [(name: String, value: String)]) throws -> String {
        var form = Form()
        form.add("client_id", client)
        for parameter in parameters { form.add(parameter.name, parameter.value) }
        let address = try endpoints().authorization
        return address + (address.contains("?") ? "&" : "?") + form.text
    }

    func redeem(_ code: SignInCode) throws -> SignedIn {
        let tokens = try tokens([
            ("grant_type", "authorization_code"), ("code", code.code), ("redirect_uri", code.redirect),
            ("code_verifier", code.verifier),
        ])
        let moment = Int(now().timeIntervalSince1970)
        do {
            guard let text = tokens.idToken else { throw TokenError.malformed }
            _ = try IDToken(text, of: issuer, for: client, nonce: code.nonce, at: moment)
        } catch let error as TokenError {
            throw OutsideFailure("issuer", .refused, code: "id-token", reason: "\(error)")
        }
        return tokens.signedIn
    }

    func renew(_ refreshToken: String) throws -> SignedIn {
        try tokens([("grant_type", "refresh_token"), ("refresh_token", refreshToken)]).signedIn
    }

    /// Sent again, it revokes what is revoked (RFC 7009, section 2.2).
    func revoke(_ refreshToken: String) throws {
        guard let address = try endpoints().revocation else { return }
        _ = try answer(
            address, [("token", refreshToken), ("token_type_hint", "refresh_token")], isRepeatable: true)
    }

    private func endpoints() throws -> Endpoints {
        if let known { return known }
        do {
            let discovery = try Discovery(of: issuer, send)
            guard let authorization = discovery.authorizationURL, let token = discovery.tokenURL else {
                throw IdentityError.malformedDiscovery
            }
            let found = Endpoints(
                authorization: authorization, token: token, revocation: discovery.revocationURL)
            known = found
            return found
        } catch let error as IdentityError { throw OutsideFailure("issuer", .refused, reason: "\(error)") }
    }

    /// Not repeated: a code and a refresh token are good once.
    private func tokens(_ fields: [(name: String, value: String)]) throws -> Tokens {
        let body = try answer(try endpoints().token, fields, isRepeatable: false)
        guard let tokens = try? JSONDecoder().decode(Tokens.self, from: Data(body)), tokens.isUsable
        else {
            throw OutsideFailure("issuer", .refused, code: "tokens", reason: "no token for the shop")
        }
        return tokens
    }

    private func answer(
        _ address: String, _ fields: [(name: String, value: String)], isRepeatable: Bool
    ) throws -> [UInt8] {
        var form = Form()
        for field in fields { form.add(field.name, field.value) }
        form.add("client_id", client)
        if let secret { form.add("client_secret", secret) }
        let request = HTTP.Request(
            "POST", address, headers: [Form.contentType, Header("Accept", "application/json")],
            body: form.body, repeatable: isRepeatable)
        let response: HTTP.Response
        do throws(Failure) { response = try send(request) } catch {
            throw OutsideFailure("issuer", .unavailable, reason: error.reason)
        }
        guard response.status == 200 else {
            let said = try? JSONDecoder().decode(Refused.self, from: Data(response.body))
            throw OutsideFailure(
                "issuer",
                (400..<500).contains(response.status) && response.status != 429 ? .refused : .unavailable,
                code: said?.error, reason: "status \(response.status)")
        }
        return response.body
    }
}

/// RFC 6749, sections 5.1 and 5.2.
private struct Refused: Decodable { let error: String }

private struct Tokens: Decodable {
    let accessToken: String
    let idToken: String?
    let refreshToken: String?
    let expiresIn: Int?

    private enum CodingKeys: String, CodingKey {
        case accessToken = "access_token"
        case idToken = "id_token"
        case refreshToken = "refresh_token"
        case expiresIn = "expires_in"
    }

    /// The access token, unless the provider's are for its own eyes: then the ID token says who it is.
    private var session: String? {
        [accessToken, idToken ?? ""].first { $0.split(separator: ".").count == 3 }
    }

    /// A browser keeps a cookie of 4096 bytes with its name (RFC 6265, section 6.1).
    var isUsable: Bool { session.map { $0.utf8.count <= 3_900 } ?? false }

    var signedIn: SignedIn {
        SignedIn(
            session: session ?? "", seconds: max(1, min(expiresIn ?? 60, 86_400)),
            refreshToken: refreshToken)
    }
}
