import Foundation
import Testing

@testable import StandIns

@Suite struct IdentityStandInTests {
    @Test func `a name is enough for a session token in Clerk's shape`() async throws {
        let clock = TestClock()
        try await withIdentity({ $0.now = clock.now }) { shop in
            let reply = try await shop.token(for: "editor")
            #expect(reply.status == 200)
            #expect(reply.headers["cache-control"] == "no-store")
            let token = try #require(try await shop.verified(reply.json["access_token"]))
            #expect(token.header["alg"] == "RS256")
            #expect(token.header["typ"] == "JWT")
            #expect(token.claims["iss"].string == shop.address)
            #expect(token.claims["sub"] == "user_editor")
            #expect(token.claims["sid"].string?.hasPrefix("sess_") == true)
            #expect(token.claims["azp"].string == IdentityShop.origin)
            #expect(token.claims["sts"] == "active")
            #expect(token.claims["iat"] == 1_800_000_000)
            #expect(token.claims["nbf"] == 1_799_999_990)
            #expect(token.claims["exp"] == 1_800_000_060)
            #expect(token.claims["email"] == "editor@earshelf.example")
            #expect(token.claims["jti"].string != nil)
            #expect(token.claims["aud"] == nil)
        }
    }

    @Test func `discovery names what is there`() async throws {
        try await withIdentity { shop in
            let document = try await send("GET", "\(shop.address)/.well-known/openid-configuration").json
            #expect(document["issuer"].string == shop.address)
            #expect(try await send("GET", document["jwks_uri"].string!).status == 200)
            #expect(document["code_challenge_methods_supported"] == ["S256"])
            let key = try #require(try await shop.keys().first)
            #expect(key["kty"] == "RSA" && key["use"] == "sig" && key["alg"] == "RS256")
            #expect(key["d"] == nil)
        }
    }

    @Test func `the sign-in page ends in a code that is good once, with the verifier`() async throws {
        try await withIdentity { shop in
            let query = String(decoding: form(IdentityShop.request), as: UTF8.self)
            let page = try await send("GET", "\(shop.address)/authorize?\(query)")
            #expect(page.status == 200)
            #expect(page.text.contains("Ada Lovelace"))
            #expect(page.text.contains("value=\"s&amp;1\""))
            let signedIn = try await shop.signIn(("person", "user_ada"))
            #expect(signedIn.status == 303)
            let location = try #require(signedIn.headers["location"])
            #expect(location.hasPrefix("\(IdentityShop.redirect)?code="))
            #expect(location.contains("state=s%261"))
            let code = try await shop.code(for: ("person", "user_ada"))
            #expect(try await shop.redeem(code, verifier: String(repeating: "w", count: 43)).status == 400)
            #expect(try await shop.redeem(code, redirect: "\(IdentityShop.origin)/other").status == 400)
            let tokens = try await shop.redeem(code).json
            let identity = try #require(try await shop.verified(tokens["id_token"])).claims
            #expect(identity["aud"] == "earshelf")
            #expect(identity["nonce"] == "n-1")
            #expect(identity["sub"] == "user_ada")
            let access = try #require(try await shop.verified(tokens["access_token"])).claims
            #expect(access["azp"].string == IdentityShop.origin)
            #expect(access["sid"] == identity["sid"])
            let bearer = ["authorization": "Bearer \(tokens["access_token"].string!)"]
            let person = try await send("GET", "\(shop.address)/userinfo", headers: bearer)
            #expect(person.json["email"] == "ada@earshelf.example")
            // A second use takes back what the first one gave.
            #expect(try await shop.redeem(code).json["error"] == "invalid_grant")
            #expect(try await send("GET", "\(shop.address)/userinfo", headers: bearer).status == 401)
        }
    }

    @Test func `a code is good for a minute`() async throws {
        let clock = TestClock()
        try await withIdentity({ $0.now = clock.now }) { shop in
            let code = try await shop.code(for: ("person", "user_ada"))
            clock.advance(by: 60)
            #expect(try await shop.redeem(code).json["error"] == "invalid_grant")
        }
    }

    @Test func `any address signs in, and is the same person every time`() async throws {
        try await withFolder { folder in
            let first = try await withIdentity(in: folder) { shop in
                let code = try await shop.code(for: ("email", " Grace@Example.com "))
                let tokens = try await shop.redeem(code).json
                return try await shop.verified(tokens["access_token"])?.claims["sub"]
            }
            let second = try await withIdentity(in: folder) { shop in
                let tokens = try await shop.token(for: "grace@example.com").json
                return try await shop.verified(tokens["access_token"])?.claims["sub"]
            }
            #expect(first?.string?.hasPrefix("user_") == true)
            #expect(first == second)
        }
    }

    @Test(arguments: ["", "grace", "@example.com", "grace@", "a b@example.com", "a@b@c"])
    func `what is no address signs nobody in`(email: String) async throws {
        try await withIdentity { shop in
            let reply = try await shop.signIn(("email", email))
            #expect(reply.status == 422)
            #expect(reply.text.contains("Enter a complete e-mail address."))
            #expect(try await shop.token(for: email).json["error"] == "invalid_grant")
        }
    }

    @Test(
        arguments: [
            ("client_id", "other", nil), ("redirect_uri", "http://evil.test/", nil),
            ("redirect_uri", "http://127.0.0.1:8080.evil.test/", nil), ("redirect_uri", nil, nil),
            ("response_type", "token", "unsupported_response_type"), ("scope", "email", "invalid_scope"),
            ("code_challenge", nil, "invalid_request"), ("code_challenge_method", "plain", "invalid_request"),
            ("prompt", "none", "login_required"),
        ] as [(String, String?, String?)])
    func `a wrong request is told to the shop only where the redirect is the shop's`(
        name: String, value: String?, error: String?
    ) async throws {
        try await withIdentity { shop in
            let reply = try await shop.signIn(("person", "user_ada"), changing: (name, value))
            if let error {
                #expect(reply.status == 303)
                #expect(
                    reply.headers["location"]?.hasPrefix("\(IdentityShop.redirect)?error=\(error)&") == true)
            } else {
                #expect(reply.status == 400)
                #expect(reply.headers["location"] == nil)
            }
        }
    }

    @Test func `a refresh token is good once and until the session ends`() async throws {
        try await withIdentity { shop in
            let tokens = try await shop.token(for: "ben").json
            let refresh = { (token: JSON) in
                try await shop.token([
                    ("grant_type", "refresh_token"), ("client_id", "earshelf"),
                    ("refresh_token", token["refresh_token"].string ?? ""),
                ])
            }
            let renewed = try await refresh(tokens)
            #expect(renewed.status == 200)
            #expect(try await refresh(tokens).status == 400)
            let query = String(
                decoding: form([
                    ("id_token_hint", tokens["id_token"].string ?? ""),
                    ("post_logout_redirect_uri", "\(IdentityShop.origin)/"),
                ]), as: UTF8.self)
            let out = try await send("GET", "\(shop.address)/logout?\(query)")
            #expect(out.headers["location"] == "\(IdentityShop.origin)/")
            #expect(try await refresh(renewed.json).json["error"] == "invalid_grant")
        }
    }

    @Test func `the shop's pages may read the answers, others may not`() async throws {
        try await withIdentity { shop in
            let own = try await send(
                "OPTIONS", "\(shop.address)/token", headers: ["origin": IdentityShop.origin])
            #expect(own.status == 204)
            #expect(own.headers["access-control-allow-origin"] == IdentityShop.origin)
            let other = try await send(
                "OPTIONS", "\(shop.address)/token", headers: ["origin": "http://evil.test"])
            #expect(other.headers["access-control-allow-origin"] == nil)
        }
    }
}
