import Foundation
import TestSupport
import Testing

@testable import Core
@testable import users

@Suite struct UsersTests {
    private func ada(_ database: TestDatabase) throws -> Principal.ID {
        try database.prepared { transaction in
            try transaction.principal(
                of: Account(
                    issuer: "https://id.test", subject: "ada", email: "ada@id.test", isEmailVerified: true,
                    name: "Ada Lovelace")
            ).id
        }
    }

    @Test func `somebody sees what is known of them, and says how they want to be called`() throws {
        try withDatabase { database throws in
            let shop = try database.shop(of: "users", for: .customer(ada(database)))
            func change(_ body: String, _ version: String?) -> Response {
                shop.answer(
                    .typed("PATCH /api/v1/me", body, headers: version.map { ["if-match": $0] } ?? [:]))
            }
            let me = shop.answer(.typed("GET /api/v1/me"))
            #expect(me.outcome == "200" && me["email"] == "ada@id.test" && me["isEmailVerified"] == "true")
            #expect(me["name"] == "Ada Lovelace" && me["displayName"] == nil && me["roles"] == "0")
            let version = try #require(me.headers["etag"])
            let before = try database.count("plumbing.outbox WHERE topic = 'UserProfileUpdated'")

            #expect(change(#"{"displayName":"Countess"}"#, nil).outcome == "428 precondition-required")
            let renamed = change(#"{"displayName":"Countess"}"#, version)
            #expect(renamed.outcome == "200" && renamed["displayName"] == "Countess")
            #expect(change(#"{"displayName":"Ada"}"#, version).outcome == "412 changed-meanwhile")
            let now = try #require(renamed.headers["etag"])
            #expect(change("{}", now)["displayName"] == "Countess", "left out, it stays")
            #expect(change(#"{"displayName":"Countess"}"#, now).headers["etag"] == now)
            #expect(change(#"{"displayName":null}"#, now)["displayName"] == nil)
            #expect(try database.count("plumbing.outbox WHERE topic = 'UserProfileUpdated'") == before + 2)
        }
    }

    @Test func `what the provider says is not changed here, and a name is one line`() throws {
        try withDatabase { database throws in
            let shop = try database.shop(of: "users", for: .customer(ada(database)))
            for (body, refusal, pointer) in [
                (#"{"email":"eve@id.test"}"#, "422 invalid-value", "/email"),
                (#"{"displayName":"Ada","roles":["admin"]}"#, "422 invalid-value", "/roles"),
                (#"{"displayName":""}"#, "422 invalid-value", "/displayName"),
                (#"{"displayName":" Ada"}"#, "422 invalid-value", "/displayName"),
                (#"{"displayName":"a\nb"}"#, "422 invalid-value", "/displayName"),
                (#"{"displayName":"a\u202eb"}"#, "422 invalid-value", "/displayName"),
                (
                    #"{"displayName":"\#(String(repeating: "a", count: 101))"}"#, "422 invalid-value",
                    "/displayName"
                ),
                (#"{"displayName":7}"#, "400 malformed-body", "/displayName"),
            ] {
                let answer = shop.answer(.typed("PATCH /api/v1/me", body, headers: ["if-match": "\"1\""]))
                #expect(answer.outcome == refusal && answer["errors/0/pointer"] == pointer, "\(body)")
            }
            #expect(shop.answer(Request("GET /api/v1/me", query: ["x": "1"])).outcome == "400 invalid-query")
        }
    }

    private static let usual = """
        {"language":"en","theme":"system","speed":1,"skipBackSeconds":15,"skipForwardSeconds":30,
        "mail":{"receipts":true,"news":false}}
        """

    @Test func `preferences are the usual ones until they are set, whole and by version`() throws {
        try withDatabase { database throws in
            let shop = try database.shop(of: "users", for: .customer(ada(database)))
            func set(_ body: String, _ version: String) -> Response {
                shop.answer(.typed("PUT /api/v1/me/preferences", body, headers: ["if-match": version]))
            }
            let first = shop.answer(.typed("GET /api/v1/me/preferences"))
            #expect(
                first.headers["etag"] == "\"0\"" && first["theme"] == "system"
                    && first["mail/news"] == "false")
            let wanted = Self.usual.replacing("\"en\"", with: "\"de-AT\"").replacing(
                "\"system\"", with: "\"dark\""
            )
            .replacing(":1,", with: ":1.35,").replacing("\"news\":false", with: "\"news\":true")
            .replacing("{\"language", with: #"{"currency":"USD","country":"AT","language"#)
            #expect(set(wanted, "\"7\"").outcome == "412 changed-meanwhile")
            let kept = set(wanted, "\"0\"")
            #expect(kept.outcome == "200" && kept.headers["etag"] == "\"1\"")
            #expect(
                kept.text.contains(#""speed":1.35"#) && kept["country"] == "AT" && kept["currency"] == "USD")
            #expect(set(wanted, "\"0\"").outcome == "412 changed-meanwhile")
            let again = set(Self.usual, "\"1\"")
            #expect(
                again.headers["etag"] == "\"2\"" && again["country"] == nil && again["mail/news"] == "false")
            #expect(shop.answer(.typed("GET /api/v1/me/preferences")).text == again.text)
        }
    }

    @Test func `preferences have bounds`() throws {
        try withDatabase { database throws in
            let shop = try database.shop(of: "users", for: .customer(ada(database)))
            for (part, wrong, refusal, pointer) in [
                (":1,", ":0.45,", "422 invalid-value", "/speed"),
                (":1,", ":3.55,", "422 invalid-value", "/speed"),
                (":1,", ":1.01,", "422 invalid-value", "/speed"),
                (":1,", ":\"1\",", "400 malformed-body", "/speed"),
                (":15,", ":4,", "422 invalid-value", "/skipBackSeconds"),
                (":30,", ":121,", "422 invalid-value", "/skipForwardSeconds"),
                ("\"receipts\":true", "\"receipts\":false", "422 invalid-value", "/mail/receipts"),
                ("\"en\"", "\"English\"", "400 malformed-body", "/language"),
                ("\"system\"", "\"pink\"", "400 malformed-body", "/theme"),
                ("{\"language", #"{"currency":"XXX","language"#, "400 malformed-body", "/currency"),
                ("{\"language", #"{"country":"ZZ","language"#, "400 malformed-body", "/country"),
                ("\"theme\":\"system\",", "", "400 malformed-body", "/theme"),
            ] {
                let body = Self.usual.replacing(part, with: wrong)
                let answer = shop.answer(
                    .typed("PUT /api/v1/me/preferences", body, headers: ["if-match": "\"0\""]))
                #expect(answer.outcome == refusal && answer["errors/0/pointer"] == pointer, "\(wrong)")
            }
            for (part, right) in [(":1,", ":0.5,"), (":1,", ":3.5,"), (":15,", ":5,"), (":30,", ":120,")] {
                let body = Self.usual.replacing(part, with: right)
                let version = shop.answer(.typed("GET /api/v1/me/preferences")).headers["etag"] ?? ""
                let answer = shop.answer(
                    .typed("PUT /api/v1/me/preferences", body, headers: ["if-match": version]))
                #expect(answer.outcome == "200", "\(right)")
            }
        }
    }

    @Test func `two devices set preferences at once, and one is told so`() throws {
        try withDatabase { database throws in
            let ada = try ada(database)
            let outcomes = try atOnce(8) { _, line in
                let shop = database.shop(of: "users", for: .customer(ada))
                try shop.database.warmUp()
                line.wait()
                return shop.answer(
                    .typed("PUT /api/v1/me/preferences", Self.usual, headers: ["if-match": "\"0\""])
                ).outcome
            }.successes()
            #expect(outcomes.filter { $0 == "200" }.count == 1)
            #expect(outcomes.filter { $0 == "412 changed-meanwhile" }.count == 7)
        }
    }

    @Test func `all of it is for whoever is signed in`() throws {
        try withDatabase { database throws in
            let shop = database.shop(of: "users")
            for route in [
                "GET /api/v1/me", "PATCH /api/v1/me", "DELETE /api/v1/me", "GET /api/v1/me/export",
                "GET /api/v1/me/preferences", "PUT /api/v1/me/preferences", "GET /api/v1/users",
                "GET /api/v1/users/{id}", "PUT /api/v1/users/{id}/roles",
            ] {
                #expect(shop.answer(.typed(route)).outcome == "401 unauthenticated", "\(route)")
            }
        }
    }
}
