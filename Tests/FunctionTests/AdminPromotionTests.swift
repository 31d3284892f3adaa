import Core
import Foundation
import TestSupport
import Testing

@testable import admin

@Suite struct AdminPromotionTests {
    private func made(
        _ body: String, _ office: BackOffice, as roles: Set<Role>? = [.finance],
        key: String? = UUID().uuidString
    ) -> Response {
        office.answer(.typed("POST /api/v1/admin/promotions", body, key: key), as: roles)
    }

    private func changed(
        _ id: String, _ body: String, version: String? = "\"1\"", _ office: BackOffice,
        as roles: Set<Role>? = [.admin]
    ) -> Response {
        office.answer(
            .typed(
                "PATCH /api/v1/admin/promotions/{id}", body, id: id,
                headers: version.map { ["if-match": $0] } ?? [:]), as: roles)
    }

    @Test func `finance makes a promotion once, and it is noted`() throws {
        try withDatabase { database in
            let office = try BackOffice(database)
            let body = """
                {"code": "spring-26", "amounts": [{"minorUnits": 500, "currency": "EUR"}],
                 "minimums": [{"minorUnits": 2000, "currency": "EUR"}], "validUntil": "2099-01-01T00:00:00Z",
                 "maximumUses": 100, "note": "for the fair"}
                """
            let key = UUID().uuidString
            let first = made(body, office, key: key)
            #expect(first.statusCode == 201 && first["code"] == "SPRING-26" && first["uses"] == "0")
            #expect(first["amounts/0/minorUnits"] == "500" && first["minimums/0/minorUnits"] == "2000")
            #expect(first.headers["etag"] == "\"1\"" && first["percent"] == nil)
            let again = made(body, office, key: key)
            #expect(again.body == first.body && again.headers["idempotent-replayed"] == "true")
            #expect(made(body, office).outcome == "409 promotion-exists")
            #expect(made(body + " ", office, key: key).outcome == "422 idempotency-key-reused")
            #expect(made(body, office, key: nil).outcome == "400 idempotency-key")
            #expect(try database.count("plumbing.audit_log WHERE action = 'promotion.made'") == 1)

            _ = made(#"{"code": "TEN", "percent": 10}"#, office)
            let page = office.get("promotions", query: ["limit": "1"], as: [.finance])
            #expect(page["items"] == "1" && page["items/0/code"] == "TEN")
            let rest = office.get("promotions", query: ["cursor": try #require(page["next"])])
            #expect(rest["items/0/code"] == "SPRING-26" && rest["next"] == nil)
            #expect(office.get("promotions", query: ["state": "x"]).outcome == "400 invalid-query")
        }
    }

    @Test func `ending one and using it up are changes of a version, and noted`() throws {
        try withDatabase { database in
            let office = try BackOffice(database)
            let id = try #require(made(#"{"code": "TEN", "percent": 10, "maximumUses": 5}"#, office)["id"])
            #expect(changed(id, "{}", version: nil, office).outcome == "428 precondition-required")
            #expect(changed(id, "{}", version: "\"7\"", office).outcome == "412 changed-meanwhile")
            #expect(changed(Promotion.ID().description, "{}", office).outcome == "404 not-found")
            #expect(changed("x", "{}", office).outcome == "404 not-found")
            try database.prepared { try $0.run("UPDATE sales.promotions SET uses = 3") }
            #expect(changed(id, #"{"maximumUses": 2}"#, office).outcome == "409 promotion-used-more")
            let last = changed(id, #"{"maximumUses": 3, "note": "no more"}"#, office)
            #expect(last["maximumUses"] == "3" && last.headers["etag"] == "\"2\"")
            let ended = changed(id, #"{"isEnded": true}"#, version: "\"2\"", office)
            #expect(ended["endedAt"] != nil)
            let refused = changed(id, #"{"isEnded": false}"#, version: "\"3\"", office)
            #expect(refused.outcome == "422 invalid-value")
            #expect(try database.count("plumbing.audit_log WHERE action = 'promotion.ended'") == 1)
            #expect(try database.count("plumbing.audit_log WHERE action = 'promotion.changed'") == 1)
        }
    }

    @Test(arguments: [
        (#"{"code": "x", "percent": 10}"#, "/code"), (#"{"code": "TEN"}"#, "/percent"),
        (#"{"code": "TEN", "percent": 10, "amounts": []}"#, "/percent"),
        (#"{"code": "TEN", "percent": 0}"#, "/percent"),
        (#"{"code": "TEN", "amounts": []}"#, "/amounts"),
        (
            #"{"code": "TEN", "percent": 10, "validFrom": "2026-01-02T00:00:00Z", "validUntil": "2026-01-01T00:00:00Z"}"#,
            "/validUntil"
        ),
        (#"{"code": "TEN", "percent": 10, "maximumUses": 0}"#, "/maximumUses"),
        (
            #"{"code": "TEN", "percent": 10, "audiobookIds": ["0b5e0e0e-0000-4000-8000-000000000002"]}"#,
            "/audiobookIds"
        ),
        (#"{"code": "TEN", "percent": 10, "note": "a\u0000b"}"#, "/note"),
    ])
    func `terms that make no sense are refused by their place`(body: String, pointer: String) throws {
        try withDatabase { database in
            let refused = made(body, try BackOffice(database))
            #expect(refused.outcome == "422 invalid-value" && refused["errors/0/pointer"] == pointer)
            #expect(try database.count("sales.promotions") == 0)
        }
    }

    @Test func `only finance and admins make, see and end promotions`() throws {
        try withDatabase { database in
            let office = try BackOffice(database)
            let allowed = ["admin", "finance"]
            #expect(Set(office.admitted { office.get("promotions", as: $0) }) == Set(allowed))
            var number = 100
            #expect(
                Set(
                    office.admitted {
                        number += 1
                        return made(#"{"code": "CODE-\#(number)", "percent": 10}"#, office, as: $0)
                    }) == Set(allowed))
            #expect(
                changed(Promotion.ID().description, "{}", office, as: [.support]).outcome == "403 forbidden")
        }
    }
}
