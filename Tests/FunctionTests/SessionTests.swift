import Core
import Foundation
import TestSupport
import Testing

@testable import session

/// To the identity provider and back.
@Suite struct SessionTests {
    private final class Provider {
        var codes: [SignInCode] = []
        var renewed: [String] = []
        var revoked: [String] = []
        var refusal: OutsideFailure?
        var refreshToken: String? = "refresh-2"
    }

    private func shop(_ provider: Provider, at address: String = "https://shop.test") throws -> Shop {
        var shop = Shop(
            database: Connection("postgresql://nobody@127.0.0.1:1/none", role: nil),
            identity: Identification { _ in throw Problem.notFound })
        shop.storeURL = address
        shop.now = { Date(timeIntervalSince1970: 1_800_000_000) }
        shop.signIns = SignIns(
            address: { parameters in
                "https://id.test/authorize?"
                    + parameters.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
            },
            redeem: { code in
                if let refusal = provider.refusal { throw refusal }
                provider.codes.append(code)
                return SignedIn(session: "a.b.c", seconds: 60, refreshToken: provider.refreshToken)
            },
            renew: { token in
                if let refusal = provider.refusal { throw refusal }
                provider.renewed.append(token)
                return SignedIn(session: "d.e.f", seconds: 60, refreshToken: "refresh-3")
            },
            revoke: { token in
                provider.revoked.append(token)
                if let refusal = provider.refusal { throw refusal }
            })
        return shop
    }

    private func asked(
        _ route: String, _ query: Query = [:], cookies: [String: String] = [:],
        origin: String? = "https://shop.test",
        in shop: Shop
    ) -> Response {
        let headers = origin.map { ["origin": $0] } ?? [:]
        return Lambda.answer(Request(route, query: query, headers: headers, cookies: cookies)) {
            try session($0, in: shop)
        }
    }

    private func cookies(_ answer: Response) -> [String: String] {
        Dictionary(
            answer.cookies.compactMap { cookie in
                let pair = cookie.split(separator: ";")[0].split(
                    separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                return pair.count == 2 ? (String(pair[0]), String(pair[1])) : nil
            }
        ) { _, last in last }
    }

    private func sent(_ answer: Response, _ name: String) throws -> String {
        let location = try #require(answer.headers["location"])
        let address = try #require(URLComponents(string: location))
        return try #require(address.queryItems?.first { $0.name == name }?.value)
    }

    @Test func `whoever comes back as they were sent is signed in, where they began`() throws {
        let provider = Provider(), shop = try shop(provider)
        let departure = asked("GET /auth/sign-in", ["returnTo": "/library?x=1"], in: shop)
        #expect(departure.statusCode == 303 && departure.headers["cache-control"] == "no-store")
        let state = try sent(departure, "state")
        let back = asked(
            "GET /auth/callback", ["state": state, "code": "c", "iss": "https://id.test"],
            cookies: cookies(departure),
            in: shop)
        #expect(back.statusCode == 303 && back.headers["location"] == "/library?x=1")
        let code = try #require(provider.codes.first)
        #expect(code.code == "c" && code.redirect == "https://shop.test/auth/callback")
        #expect(code.nonce == (try sent(departure, "nonce")) && code.verifier.count == 43)
        let given = cookies(back)
        #expect(given["__session"] == "a.b.c" && given["earshelf-signed-in"] == "1800000060")
        #expect(!back.cookies.joined().contains("refresh-2"), "it is no text that a log would know")
        for cookie in back.cookies {
            #expect(cookie.contains("SameSite=Lax") && cookie.contains("; Secure"))
            #expect(cookie.contains("HttpOnly") != cookie.hasPrefix("earshelf-signed-in"))
        }
        #expect(back.cookies.first { $0.hasPrefix("refresh=") }?.contains("Path=/auth;") == true)
    }

    @Test(arguments: ["//evil.test", "https://evil.test", "/\\evil.test", "/a b", "", "x", "/\u{7F}"])
    func `nobody is led out of the shop`(path: String) throws {
        let shop = try shop(Provider())
        let departure = asked("GET /auth/sign-in", ["returnTo": path], in: shop)
        let back = asked(
            "GET /auth/callback", ["state": try sent(departure, "state"), "code": "c"],
            cookies: cookies(departure),
            in: shop)
        #expect(back.headers["location"] == "/")
    }

    @Test func `who was not sent from here, or is refused, is not signed in`() throws {
        let provider = Provider(), shop = try shop(provider)
        let departure = asked("GET /auth/sign-in", ["returnTo": "/cart"], in: shop)
        let state = try sent(departure, "state")
        func back(_ query: Query, _ cookies: [String: String]) -> Response {
            asked("GET /auth/callback", query, cookies: cookies, in: shop)
        }
        let foreign = back(["state": state, "code": "c"], [:])
        #expect(foreign.headers["location"] == "/account?signIn=expired")
        let forged = back(["state": state + "x", "code": "c"], cookies(departure))
        #expect(forged.headers["location"] == "/account?signIn=expired")
        let cancelled = back(["state": state, "error": "access_denied"], cookies(departure))
        #expect(cancelled.headers["location"] == "/cart")
        #expect(provider.codes.isEmpty)
        provider.refusal = OutsideFailure("issuer", .refused, code: "invalid_grant", reason: "400")
        let refused = back(["state": state, "code": "c"], cookies(departure))
        #expect(refused.headers["location"] == "/account?signIn=refused")
        for answer in [foreign, forged, cancelled, refused] { #expect(cookies(answer)["__session"] == nil) }
    }

    @Test func `a session goes on by a token that is good once, for pages of the shop alone`() throws {
        let provider = Provider(), shop = try shop(provider)
        let departure = asked("GET /auth/sign-in", in: shop)
        let back = asked(
            "GET /auth/callback", ["state": try sent(departure, "state"), "code": "c"],
            cookies: cookies(departure),
            in: shop)
        let stranger = asked(
            "POST /auth/refresh", cookies: cookies(back), origin: "https://evil.test", in: shop)
        #expect(stranger.outcome == "403 foreign-origin" && provider.renewed.isEmpty)
        let renewed = asked("POST /auth/refresh", cookies: cookies(back), in: shop)
        #expect(renewed.statusCode == 204 && provider.renewed == ["refresh-2"])
        #expect(
            cookies(renewed)["__session"] == "d.e.f"
                && cookies(renewed)["refresh"] != cookies(back)["refresh"])

        provider.refusal = OutsideFailure("issuer", .unavailable, reason: "503")
        let later = asked("POST /auth/refresh", cookies: cookies(renewed), in: shop)
        #expect(later.statusCode == 503 && later.cookies.isEmpty, "nobody is signed out by an outage")
        provider.refusal = OutsideFailure("issuer", .refused, code: "invalid_grant", reason: "400")
        let over = asked("POST /auth/refresh", cookies: cookies(renewed), in: shop)
        #expect(over.outcome == "401 unauthenticated" && cookies(over)["__session"] == "")
        #expect(asked("POST /auth/refresh", in: shop).outcome == "401 unauthenticated")
    }

    @Test func `signing out forgets all cookies, and no other site can do it`() throws {
        let shop = try shop(Provider())
        #expect(
            asked("POST /auth/sign-out", origin: "https://evil.test", in: shop).outcome
                == "403 foreign-origin")
        let out = asked("POST /auth/sign-out", in: shop)
        #expect(
            out.statusCode == 204
                && cookies(out) == ["__session": "", "refresh": "", "earshelf-signed-in": ""])
        #expect(out.cookies.allSatisfy { $0.contains("Max-Age=0") })
    }

    @Test func `signing out has the provider forget it too, and does not depend on that`() throws {
        let provider = Provider(), shop = try shop(provider)
        let refresh = "cmVmcmVzaC0y"
        for refusal in [nil, OutsideFailure("issuer", .unavailable, reason: "timeout")] {
            provider.refusal = refusal
            let out = asked("POST /auth/sign-out", cookies: ["refresh": refresh], in: shop)
            #expect(out.statusCode == 204 && cookies(out)["refresh"] == "")
        }
        #expect(provider.revoked == ["refresh-2", "refresh-2"])
    }

    @Test func `a shop on this machine does without TLS`() throws {
        let answer = asked("GET /auth/sign-in", in: try shop(Provider(), at: "http://127.0.0.1:8080"))
        #expect(!answer.cookies.joined().contains("Secure"))
    }
}
