internal import Bookshop
internal import Core
import Cryptography
internal import HTTP
internal import Identity

extension TokenIssuer {
    /// By OpenID Connect discovery: what the issuer says of itself, then its keys.
    static func oidc(_ issuer: String, _ send: @escaping Send) -> TokenIssuer {
        TokenIssuer {
            do {
                let issuer = try Issuer(issuer)
                let discovery = try Discovery(of: issuer, send)
                let keys = try Identity.SigningKey.keySet(
                    from: fetched(discovery.keySetURL, send), of: issuer)
                return keys.map { key in
                    Bookshop.SigningKey(kid: key.id, modulus: key.key.modulus, exponent: key.key.exponent)
                }
            } catch let error as IdentityError {
                throw OutsideFailure("issuer", .refused, reason: "\(error)")
            }
        }
    }
}

extension Discovery {
    init(of issuer: Issuer, _ send: Send) throws {
        try self.init(from: fetched(issuer.discoveryURL, send), of: issuer)
    }
}

private func fetched(_ url: String, _ send: Send) throws -> [UInt8] {
    let response: HTTP.Response
    do throws(Failure) { response = try send(HTTP.Request("GET", url, repeatable: true)) } catch {
        throw OutsideFailure("issuer", .unavailable, reason: error.reason)
    }
    guard response.status == 200 else {
        throw OutsideFailure("issuer", .unavailable, reason: "status \(response.status)")
    }
    return response.body
}
