import Cryptography
import Foundation

@testable import StandIns

/// The shop's page at a running stand-in.
struct IdentityShop: Sendable {
    static let origin = "http://127.0.0.1:8080"
    static let redirect = "\(origin)/signed-in"
    static let verifier = String(repeating: "v", count: 43)
    let address: String

    static var request: [(String, String)] {
        [
            ("client_id", "earshelf"), ("redirect_uri", redirect), ("response_type", "code"),
            ("scope", "openid email"), ("state", "s&1"), ("nonce", "n-1"), ("code_challenge_method", "S256"),
            ("code_challenge", Base64URL.encoded(SHA256.hash(Array(verifier.utf8)))),
        ]
    }

    func signIn(_ choice: (String, String), changing change: (String, String?)? = nil) async throws -> Reply {
        var fields = Self.request.filter { $0.0 != change?.0 } + [choice]
        if let change, let value = change.1 { fields.append((change.0, value)) }
        return try await send(form: fields, to: "\(address)/authorize")
    }

    /// The code in the redirect.
    func code(for choice: (String, String)) async throws -> String {
        let location = try await signIn(choice).headers["location"] ?? ""
        return Form(parsing: location.split(separator: "?").last ?? "")?["code"] ?? ""
    }

    func redeem(_ code: String, verifier: String = verifier, redirect: String = redirect) async throws
        -> Reply
    {
        try await token([
            ("grant_type", "authorization_code"), ("client_id", "earshelf"), ("code", code),
            ("redirect_uri", redirect), ("code_verifier", verifier),
        ])
    }

    func token(_ fields: [(String, String)]) async throws -> Reply {
        try await send(form: fields, to: "\(address)/token")
    }

    func token(for username: String) async throws -> Reply {
        try await token([("grant_type", "password"), ("username", username)])
    }

    func keys() async throws -> [JSON] {
        try await send("GET", "\(address)/.well-known/jwks.json").json["keys"].elements
    }

    /// The header and the claims, if a published key signed them.
    func verified(_ token: JSON) async throws -> (header: JSON, claims: JSON)? {
        let parts = (token.string ?? "").split(separator: ".")
        guard parts.count == 3, let header = Base64URL.decoded(parts[0]),
            let claims = Base64URL.decoded(parts[1]),
            let signature = Base64URL.decoded(parts[2])
        else { return nil }
        let head = try JSON(parsing: header)
        for key in try await keys() where key["kid"] == head["kid"] {
            let modulus = Base64URL.decoded(key["n"].string ?? "") ?? []
            let exponent = Base64URL.decoded(key["e"].string ?? "") ?? []
            let verifies = try RSAPublicKey(modulus: modulus, exponent: exponent)
                .verifies(signature, of: Array("\(parts[0]).\(parts[1])".utf8))
            return verifies ? (head, try JSON(parsing: claims)) : nil
        }
        return nil
    }
}

func withIdentity<Result: Sendable>(
    in folder: URL, _ settings: (inout IdentityStandIn.Configuration) -> Void = { _ in },
    _ body: (IdentityShop) async throws -> Result
) async throws -> Result {
    var configuration = IdentityStandIn.Configuration(folder: folder)
    configuration.port = 0
    settings(&configuration)
    let identity = try IdentityStandIn(configuration, logger: quiet)
    return try await running({ try await identity.run() }) {
        try await body(IdentityShop(address: identity.address))
    }
}

func withIdentity<Result: Sendable>(
    _ settings: (inout IdentityStandIn.Configuration) -> Void = { _ in },
    _ body: (IdentityShop) async throws -> Result
) async throws -> Result {
    try await withFolder { try await withIdentity(in: $0, settings, body) }
}
