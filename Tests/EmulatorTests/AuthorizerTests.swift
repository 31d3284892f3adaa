import Cryptography
import Foundation
import Hummingbird
import Synchronization
import Template
import Testing

@testable import Platform

/// An issuer of tokens on a port of its own.
private final class Issuer: Sendable {
    let key = RSAPrivateKey()
    let isDown = Mutex(false)
    let fetches = Mutex(0)
    let keyIDs = Mutex(["one"])

    func token(
        _ claims: [String: Any], algorithm: String = "RS256", keyID: String? = "one",
        signedBy other: RSAPrivateKey? = nil
    ) throws -> String {
        var header: [String: Any] = ["alg": algorithm, "typ": "JWT"]
        header["kid"] = keyID
        let parts = try [header, claims].map {
            Base64URL.encoded([UInt8](try JSONSerialization.data(withJSONObject: $0)))
        }
        let signed = parts.joined(separator: ".")
        return "\(signed).\(Base64URL.encoded((other ?? key).signature(of: Array(signed.utf8))))"
    }

    func run(_ body: (_ origin: String) async throws -> Void) async throws {
        let (ports, opened) = AsyncStream<Int>.makeStream()
        let router = Router()
        router.get(".well-known/openid-configuration") { request, _ -> Response in
            let host = request.head.authority ?? ""
            return self.answer(#"{"jwks_uri":"http://\#(host)/keys"}"#)
        }
        router.get("keys") { _, _ -> Response in
            self.fetches.withLock { $0 += 1 }
            let key = self.key.publicKey
            let keys = self.keyIDs.withLock { $0 }.map { id in
                let numbers = [key.modulus, key.exponent].map(Base64URL.encoded)
                let names = #""kty":"RSA","alg":"RS256","use":"sig","kid":"\#(id)""#
                return #"{\#(names),"n":"\#(numbers[0])","e":"\#(numbers[1])"}"#
            }
            return self.answer(#"{"keys":[\#(keys.joined(separator: ","))]}"#)
        }
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { opened.yield($0.localAddress?.port ?? 0) }, logger: quiet)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await application.run() }
            for await port in ports {
                try await body("http://127.0.0.1:\(port)")
                break
            }
            group.cancelAll()
        }
    }

    private func answer(_ json: String) -> Response {
        if isDown.withLock({ $0 }) { return Response(status: .internalServerError) }
        return Response(status: .ok, body: .init(byteBuffer: .init(string: json)))
    }
}

private func request(_ token: String?) -> GatewayRequest {
    GatewayRequest(
        method: "GET", path: "/a", queryString: "", headers: token.map { [("authorization", $0)] } ?? [],
        body: [], sourceIP: "127.0.0.1", port: 1, requestID: "1",
        trace: TraceHeader(root: TraceHeader.newRoot(at: now)), time: now)
}

private let now = Date(timeIntervalSince1970: 1_800_000_000)
private let seconds = 1_800_000_000

private func claims(_ issuer: String, _ changes: [String: Any?] = [:]) -> [String: Any] {
    var claims: [String: Any?] = [
        "iss": issuer, "aud": "shop", "sub": "user_1", "exp": seconds + 1, "nbf": seconds, "iat": seconds,
    ]
    claims.merge(changes) { $1 }
    return claims.compactMapValues { $0 }
}

private func status(_ verdict: GatewayAuthorizer.Verdict) -> Int {
    switch verdict {
    case .admitted: 200
    case .refused(let answer): answer.status
    case .failed: 500
    }
}

@Suite struct AuthorizerTests {
    private func authorizer(_ issuer: String, scopes: [String] = [], floor: Duration = .zero)
        -> GatewayAuthorizer
    {
        GatewayAuthorizer(
            JWTAuthorizer(name: "Customers", issuer: issuer, audience: ["shop", "app"], scopes: scopes),
            floor: floor)
    }

    @Test func `claims decide whom to admit, both sides of every bound`() async throws {
        let issuer = Issuer()
        try await issuer.run { origin in
            let table: [([String: Any?], Int)] = [
                ([:], 200), (["aud": ["x", "app"]], 200), (["aud": nil, "client_id": "shop"], 200),
                (["nbf": nil, "iat": nil], 200), (["exp": Double(seconds) + 0.5], 200),
                (["iss": origin + "/"], 401), (["iss": nil], 401), (["aud": "other"], 401),
                (["aud": "other", "client_id": "shop"], 401), (["aud": nil], 401), (["exp": seconds], 401),
                (["exp": nil], 401), (["exp": "\(seconds + 9)"], 401), (["nbf": seconds + 1], 401),
                (["iat": seconds + 1], 401), (["iat": "now"], 401),
            ]
            let authorizer = authorizer(origin)
            for (changes, expected) in table {
                let token = try issuer.token(claims(origin, changes))
                let verdict = await authorizer.verdict(on: request("Bearer \(token)"), scopes: [])
                #expect(status(verdict) == expected, "\(changes)")
            }
        }
    }

    @Test func `only a signature of the issuer's own key counts`() async throws {
        let issuer = Issuer()
        try await issuer.run { origin in
            let authorizer = authorizer(origin)
            let good = try issuer.token(claims(origin))
            let parts = good.split(separator: ".")
            let refused = try [
                issuer.token(claims(origin), signedBy: RSAPrivateKey()),
                issuer.token(claims(origin), algorithm: "none"),
                issuer.token(claims(origin), algorithm: "HS256"), issuer.token(claims(origin), keyID: nil),
                issuer.token(claims(origin), keyID: "two"), "\(parts[0]).\(parts[1]).",
                "\(parts[0]).\(parts[1])", "", "x", good + ".x",
            ]
            for token in refused {
                #expect(status(await authorizer.verdict(on: request("Bearer \(token)"), scopes: [])) == 401)
            }
            #expect(status(await authorizer.verdict(on: request(nil), scopes: [])) == 401)
            #expect(status(await authorizer.verdict(on: request(good), scopes: [])) == 200)
            #expect(status(await authorizer.verdict(on: request("bearer \(good)"), scopes: [])) == 200)
        }
    }

    @Test func `one of the route's scopes must be held`() async throws {
        let issuer = Issuer()
        try await issuer.run { origin in
            let authorizer = authorizer(origin, scopes: ["admin"])
            let table: [([String: Any?], [String], Int)] = [
                (["scope": "read write"], ["write", "x"], 200), (["scp": ["read"]], ["read"], 200),
                (["scope": "read"], ["write"], 403), ([:], ["write"], 403), ([:], [], 403),
                (["scope": "admin"], [], 200),
            ]
            for (changes, scopes, expected) in table {
                let token = try issuer.token(claims(origin, changes))
                #expect(status(await authorizer.verdict(on: request(token), scopes: scopes)) == expected)
            }
        }
    }

    @Test func `keys are fetched once, again for an unknown id, and not below the floor`() async throws {
        let issuer = Issuer()
        try await issuer.run { origin in
            let patient = authorizer(origin, floor: .seconds(3600))
            let old = try issuer.token(claims(origin))
            let new = try issuer.token(claims(origin), keyID: "two")
            for _ in 1...3 { #expect(status(await patient.verdict(on: request(old), scopes: [])) == 200) }
            issuer.keyIDs.withLock { $0 = ["two"] }
            #expect(status(await patient.verdict(on: request(new), scopes: [])) == 401)
            #expect(issuer.fetches.withLock { $0 } == 1)
            let eager = authorizer(origin)
            #expect(status(await eager.verdict(on: request(new), scopes: [])) == 200)
            issuer.isDown.withLock { $0 = true }
            #expect(status(await eager.verdict(on: request(old), scopes: [])) == 401)
            #expect(status(await eager.verdict(on: request(new), scopes: [])) == 200)
            #expect(status(await authorizer(origin).verdict(on: request(new), scopes: [])) == 500)
        }
    }

    @Test func `the function is told the claims as text`() async throws {
        let issuer = Issuer()
        try await issuer.run { origin in
            let api = HTTPAPI(
                logicalID: "Api", id: "earshelf", name: "earshelf",
                authorizers: [JWTAuthorizer(name: "Customers", issuer: origin, audience: ["shop"])])
            let invoker = RecordingInvoker()
            let guarded = function(
                "f", "GET /a", authorization: .jwt(authorizer: "Customers", scopes: []))
            let later = Int(Date().timeIntervalSince1970) + 3600
            let token = try issuer.token([
                "iss": origin, "aud": "shop", "exp": later, "ok": true, "roles": ["a", "b"], "o": ["k": 1],
            ])
            try await withGateway(api, functions: [guarded], invoker: invoker) { gateway in
                let reply = try await gateway.send(
                    "GET", "/a", headers: [("Authorization", "Bearer \(token)")])
                #expect(reply.status == 204)
                let refused = try await gateway.send("GET", "/a")
                #expect(refused.status == 401 && refused.text == #"{"message":"Unauthorized"}"#)
                #expect(refused.header("www-authenticate") == "Bearer")
            }
            let told = invoker.calls.first?.context["authorizer"] as? [String: [String: Any]]
            #expect(
                told?["jwt"]?["claims"] as? [String: String] == [
                    "iss": origin, "aud": "shop", "exp": "\(later)", "ok": "true", "roles": "[a b]",
                    "o": "map[k:1]",
                ])
            #expect(told?["jwt"]?["scopes"] is NSNull)
        }
    }
}
