import Cryptography
import Foundation
import Identity
import TestSupport
import Testing

@testable import Core
@testable import cart
@testable import library

/// Tokens from their signature to the shop's answer.
@Suite struct TokenTests {
    private static let signer = RSAPrivateKey()

    private func token(
        kid: String = "ins_1", algorithm: String = "RS256", issuer: String = "https://id.test",
        expiresIn: Int = 60,
        party: String? = "https://shop.test"
    ) -> String {
        let now = Int(Date().timeIntervalSince1970)
        let header = #"{"alg":"\#(algorithm)","cat":"cl_B7d4PD111AAA","kid":"\#(kid)","typ":"JWT"}"#
        let claims = """
            {"iss":"\(issuer)","sub":"user_1","sid":"sess_1","sts":"active","iat":\(now),
            \(party.map { "\"azp\":\"\($0)\"," } ?? "")"nbf":\(now - 10),"exp":\(now + expiresIn),"v":2,"fva":[0,-1]}
            """
        let parts = [header, claims].map { Base64URL.encoded(Array($0.utf8)) }.joined(separator: ".")
        return parts + "." + Base64URL.encoded(Self.signer.signature(of: Array(parts.utf8)))
    }

    /// A shop that believes the issuer, with its key in the database unless the relay never came by.
    private func shop(_ database: TestDatabase, hasKeys: Bool = true) throws -> Shop {
        if hasKeys {
            let key = Self.signer.publicKey
            try database.prepared { transaction in
                try transaction.store(
                    [Bookshop.SigningKey(kid: "ins_1", modulus: key.modulus, exponent: key.exponent)],
                    of: "https://id.test")
            }
        }
        var shop = database.shop(of: "cart")
        let policy = try TokenPolicy(
            issuer: Issuer("https://id.test"), authorizedParties: ["https://shop.test"])
        let tokens = TokenIdentity(shop.database, TokenVerifier(policy))
        shop.identity = Identification(signedIn: { try tokens.signedIn($0) })
        return shop
    }

    private func read(_ token: String, in shop: Shop) -> Response {
        Lambda.answer(.typed("GET /api/v1/cart", headers: ["authorization": "Bearer \(token)"])) {
            try cart($0, in: shop)
        }
    }

    private func wishes(_ database: TestDatabase) throws -> Int {
        try database.count("identity.signing_key_refreshes WHERE wished_at IS NOT NULL")
    }

    @Test func `a true token is somebody, known from the first visit on`() throws {
        try withDatabase { database in
            let shop = try shop(database)
            for _ in 1...2 { #expect(read(token(), in: shop).outcome == "200") }
            #expect(try database.count("identity.users WHERE subject = 'user_1'") == 1)
        }
    }

    @Test func `an expired, foreign, altered or unsigned token is nobody`() throws {
        try withDatabase { database in
            let shop = try shop(database)
            let good = token().split(separator: ".").map(String.init)
            let none = Base64URL.encoded(Array(#"{"alg":"none","kid":"ins_1"}"#.utf8))
            for forged in [
                token(expiresIn: -60), token(issuer: "https://other.test"), token(party: "https://evil.test"),
                token(algorithm: "HS256"), [none, good[1], ""].joined(separator: "."),
                [good[0], good[1], token(expiresIn: 61).split(separator: ".").map(String.init)[2]].joined(
                    separator: "."),
                "nonsense",
            ] {
                let answer = read(forged, in: shop)
                #expect(answer.outcome == "401 invalid-token", "\(forged)")
                #expect(answer.headers["www-authenticate"] == "Bearer error=\"invalid_token\"")
            }
            #expect(try database.count("identity.users") == 0)
            #expect(try wishes(database) == 0, "a forger cannot make us fetch keys by these")
        }
    }

    @Test func `an unknown key leaves a wish, and is no sign-in until it is known`() throws {
        try withDatabase { database in
            let shop = try shop(database)
            #expect(read(token(kid: "ins_2"), in: shop).outcome == "401 invalid-token")
            #expect(try wishes(database) == 1)
            let key = Self.signer.publicKey
            try database.prepared { transaction in
                try transaction.store(
                    [Bookshop.SigningKey(kid: "ins_2", modulus: key.modulus, exponent: key.exponent)],
                    of: "https://id.test")
            }
            #expect(read(token(kid: "ins_2"), in: shop).outcome == "200")
        }
    }

    @Test func `without any key nobody can be judged, and that is told as an outage`() throws {
        try withDatabase { database in
            let shop = try shop(database, hasKeys: false)
            let answer = read(token(), in: shop)
            #expect(answer.outcome == "503 identity-unavailable" && answer.headers["retry-after"] == "5")
            #expect(try wishes(database) == 1)
        }
    }

    /// What the request says of where it came from, and whether a change is made then.
    private static let pages: [([String: String], Bool)] = [
        (["origin": "https://shop.test"], true),
        (["origin": "https://shop.test", "sec-fetch-site": "same-site"], true),
        (["sec-fetch-site": "same-origin"], true),
        (["origin": "https://other.test", "sec-fetch-site": "same-origin"], true),
        (["sec-fetch-site": "none"], true),
        ([:], false),
        (["origin": ""], false),
        (["origin": "null"], false),
        (["origin": "https://evil.test"], false),
        (["origin": "https://shop.test.evil.test"], false),
        (["origin": "http://shop.test"], false),
        (["origin": "https://shop.test,https://evil.test"], false),
        (["origin": "https://evil.test", "sec-fetch-site": "cross-site"], false),
        (["sec-fetch-site": "same-site"], false),
        (["sec-fetch-site": "cross-site"], false),
        (["sec-fetch-site": "nonsense"], false),
        (["referer": "https://shop.test/cart"], false),
    ]

    @Test func `a cookie reads, and changes something only from a page of the shop`() throws {
        try withDatabase { database in
            let shop = try shop(database)
            func sent(_ route: String, _ headers: [String: String], by token: String) -> String {
                var request = Request.typed(route, headers: headers)
                request.cookies = ["__session": token]
                return Lambda.answer(request) { try cart($0, in: shop) }.outcome
            }
            for (headers, isOurs) in Self.pages {
                #expect(sent("GET /api/v1/cart", headers, by: token()) == "200", "\(headers)")
                let outcome = isOurs ? "200" : "403 foreign-origin"
                #expect(sent("POST /api/v1/cart/clear", headers, by: token()) == outcome, "\(headers)")
            }
            let ours = ["origin": "https://shop.test"]
            for party in ["https://evil.test", nil] {
                #expect(
                    sent("POST /api/v1/cart/clear", ours, by: token(party: party)) == "401 invalid-token",
                    "a cookie's token names the party it was made for")
            }
        }
    }

    @Test func `a bearer's token changes something wherever it is sent from`() throws {
        try withDatabase { database in
            let shop = try shop(database)
            for (headers, _) in Self.pages {
                let request = Request.typed(
                    "POST /api/v1/cart/clear",
                    headers: headers.merging(["authorization": "Bearer \(token(party: nil))"]) { own, _ in own
                    })
                #expect(Lambda.answer(request) { try cart($0, in: shop) }.outcome == "200", "\(headers)")
            }
        }
    }

    @Test func `without a token one is asked to sign in`() throws {
        try withDatabase { database in
            let shop = try shop(database)
            #expect(
                Lambda.answer(.typed("GET /api/v1/library")) { try library($0, in: shop) }.outcome
                    == "401 unauthenticated")
        }
    }
}
