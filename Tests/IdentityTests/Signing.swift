import Cryptography
import Identity
import Testing

/// 2026-01-01T00:00:00Z, the moment at which all these tests are.
let now = 1_767_225_600

/// An issuer that signs whatever it is told to.
struct TestIssuer {
    let issuer: Issuer
    let signer: RSAPrivateKey
    let key: SigningKey

    /// Making a key takes a tenth of a second, so all tests sign with these two.
    private static let keys = (RSAPrivateKey(), RSAPrivateKey())

    init(_ url: String = "https://clerk.earshelf.example", otherKey: Bool = false, kid: String = "ins_1")
        throws
    {
        issuer = try Issuer(url)
        signer = otherKey ? Self.keys.1 : Self.keys.0
        key = SigningKey(id: kid, issuer: issuer, key: signer.publicKey)
    }

    static let header = #"{"alg":"RS256","cat":"cl_B7d4PD111AAA","kid":"ins_1","typ":"JWT"}"#

    func token(header: String = header, _ claims: String) -> String {
        signed(Base64URL.encoded(Array(header.utf8)) + "." + Base64URL.encoded(Array(claims.utf8)))
    }

    func signed(_ parts: String) -> String {
        parts + "." + Base64URL.encoded(signer.signature(of: Array(parts.utf8)))
    }
}

/// A session token's claims as Clerk writes them, with some replaced; nil leaves one out. Values are JSON.
func session(_ changes: [String: String?] = [:]) -> String {
    var claims: [String: String] = [
        "iss": "\"https://clerk.earshelf.example\"", "sub": "\"user_1\"", "sid": "\"sess_1\"",
        "sts": "\"active\"",
        "azp": "\"https://earshelf.example\"", "iat": "\(now)", "nbf": "\(now - 10)", "exp": "\(now + 60)",
        "v": "2",
        "fva": "[0,-1]",
    ]
    for (name, value) in changes { claims[name] = value }
    return "{" + claims.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
        + "}"
}

func verifier(audience: String? = nil) throws -> TokenVerifier {
    TokenVerifier(
        try TokenPolicy(
            issuer: Issuer("https://clerk.earshelf.example"),
            authorizedParties: ["https://earshelf.example", "http://localhost:8080"], audience: audience))
}

/// What comes of a token under the issuer's one key.
func outcome(
    _ token: String, by carrier: Carrier = .cookie, audience: String? = nil, at moment: Int = now
) throws -> TokenError? {
    let issuer = try TestIssuer()
    do {
        _ = try verifier(audience: audience).claims(
            of: token, by: carrier, key: { $0 == issuer.key.id ? issuer.key : nil }, at: moment)
        return nil
    } catch let error as TokenError {
        return error
    }
}
