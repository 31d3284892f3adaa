import Foundation
import Pages

/// `/authorize`: the sign-in page, and the code that it ends in (RFC 6749, section 4.1; RFC 7636).
extension IdentityProvider {
    /// Where a wrong request may be answered: on a page where the redirect is not to be trusted, else at the
    /// shop.
    private enum Refusal: Error {
        case page(String)
        case redirect(String)
    }

    func showSignIn(_ given: Form) async -> Answer {
        do {
            _ = try authorization(in: given)
            return SignInPage(people: await ledger.people, request: given, message: nil).page.answer()
        } catch {
            return answer(to: error)
        }
    }

    func signIn(_ given: Form) async throws -> Answer {
        let asked: IdentityLedger.Authorization
        do { asked = try authorization(in: given) } catch { return answer(to: error) }
        let name = given["person"] ?? given["email"] ?? ""
        guard let person = try await ledger.introduced(name) else {
            return SignInPage(
                people: await ledger.people, request: given, message: "Enter a complete e-mail address."
            ).page.answer(422)
        }
        let code = try await ledger.code(for: person, asked)
        let issuer = await ledger.issuer
        return .seeOther(
            Self.adding([("code", code), ("state", given["state"]), ("iss", issuer)], to: asked.redirect))
    }

    private func authorization(in given: Form) throws(Refusal) -> IdentityLedger.Authorization {
        guard given["client_id"] == configuration.clientID else {
            throw .page("client_id is not \(configuration.clientID).")
        }
        guard let redirect = given["redirect_uri"], let origin = origin(of: redirect), !redirect.contains("#")
        else {
            throw .page("redirect_uri leads to none of the shop's addresses.")
        }
        func refusal(_ error: String, _ description: String) -> Refusal {
            .redirect(
                Self.adding(
                    [("error", error), ("error_description", description), ("state", given["state"])],
                    to: redirect))
        }
        guard given["response_type"] == "code" else {
            throw refusal("unsupported_response_type", "response_type is code.")
        }
        let scope = given["scope"] ?? ""
        guard scope.split(separator: " ").contains("openid") else {
            throw refusal("invalid_scope", "scope holds openid.")
        }
        guard given["prompt"] != "none" else { throw refusal("login_required", "Nobody is signed in here.") }
        guard given["code_challenge_method"] == "S256", let challenge = given["code_challenge"],
            challenge.utf8.count == 43
        else {
            throw refusal("invalid_request", "A code_challenge by S256 is needed.")
        }
        return .init(
            redirect: redirect, origin: origin, challenge: challenge, scope: scope, nonce: given["nonce"])
    }

    private func answer(to refusal: Refusal) -> Answer {
        switch refusal {
        case .redirect(let address): .seeOther(address)
        case .page(let message):
            Page(
                title: "This sign-in cannot go on",
                body: "<h1>This sign-in cannot go on</h1><p>\(message.escapedForHTML)</p>"
            ).answer(400)
        }
    }

    private static func adding(_ parameters: [(String, String?)], to address: String) -> String {
        let pairs = parameters.compactMap { name, value in value.map { "\(name)=\($0.percentEncoded)" } }
        return address + (address.contains("?") ? "&" : "?") + pairs.joined(separator: "&")
    }
}
