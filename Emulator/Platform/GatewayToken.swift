import Cryptography
import Foundation

/// A signed token in its compact form (RFC 7515), taken apart and not yet believed.
struct SignedToken: Sendable {
    var algorithm: String
    var keyID: String
    var claims: [String: JSONValue]
    var signedBytes: [UInt8]
    var signature: [UInt8]

    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.object(parts[0]), let claims = Self.object(parts[1]),
            let signature = Base64URL.decoded(parts[2]), header["crit"] == nil,
            let algorithm = header["alg"]?.text, let keyID = header["kid"]?.text
        else { return nil }
        self.algorithm = algorithm
        self.keyID = keyID
        self.claims = claims
        self.signature = signature
        signedBytes = Array("\(parts[0]).\(parts[1])".utf8)
    }

    private static func object(_ part: Substring) -> [String: JSONValue]? {
        guard let bytes = Base64URL.decoded(part),
            case .object(let members) = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes))
        else { return nil }
        return members
    }

    /// Why the claims do not admit to an API of this issuer and audience, nil when they do.
    ///
    /// `client_id` counts only where `aud` is absent. No leeway: the platform gives none.
    /// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
    func refusal(issuer: String, audience: [String], now: Date) -> String? {
        guard claims["iss"]?.text == issuer else { return "the issuer does not match" }
        guard !audience.isEmpty else { return "the authorizer names no audience" }
        let named = claims["aud"].map(Self.texts) ?? [claims["client_id"]?.text].compactMap(\.self)
        guard named.contains(where: audience.contains) else { return "the audience does not match" }
        let seconds = now.timeIntervalSince1970
        guard let expiry = claims["exp"]?.seconds, expiry > seconds else { return "the token has expired" }
        for name in ["nbf", "iat"] {
            guard let claim = claims[name] else { continue }
            guard let instant = claim.seconds, instant <= seconds else {
                return "the token is not valid yet"
            }
        }
        return nil
    }

    /// Of `scope`, separated by blanks, or `scp`, a list or the same.
    var scopes: [String] {
        (claims["scope"] ?? claims["scp"]).map(Self.texts)?.flatMap {
            $0.split(separator: " ").map(String.init)
        }
            ?? []
    }

    /// As the event carries them: every value a text, lists as `[a b]`, objects as `map[a:1 b:2]`.
    var claimTexts: [String: String] {
        claims.mapValues(Self.flattened)
    }

    private static func texts(_ value: JSONValue) -> [String] {
        switch value {
        case .string(let text): [text]
        case .array(let members): members.compactMap(\.text)
        default: []
        }
    }

    private static func flattened(_ value: JSONValue) -> String {
        switch value {
        case .null: "<nil>"
        case .bool(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .string(let value): value
        case .array(let members): "[" + members.map(flattened).joined(separator: " ") + "]"
        case .object(let members):
            "map["
                + members.sorted { $0.key < $1.key }.map { "\($0.key):\(flattened($0.value))" }
                .joined(separator: " ") + "]"
        }
    }
}
