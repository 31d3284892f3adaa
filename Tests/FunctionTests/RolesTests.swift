import Foundation
import TestSupport
import Testing

@testable import Core
@testable import users

@Suite struct RolesTests {
    private func set(_ roles: String, of id: Principal.ID, _ version: String?, in shop: Shop) -> Response {
        shop.answer(
            .typed(
                "PUT /api/v1/users/{id}/roles", #"{"roles":[\#(roles)]}"#, id: id.description,
                headers: version.map { ["if-match": $0] } ?? [:]))
    }

    private func admin(_ id: Principal.ID) -> Principal { Principal(id: id, roles: [.admin]) }

    @Test func `an admin sets all roles of somebody, and what was and is is written down`() throws {
        try withDatabase { database throws in
            let (root, eve) = try database.prepared {
                (try $0.person("root", .admin), try $0.person("eve", .support))
            }
            let shop = database.shop(of: "users", for: admin(root))
            let answer = set(#""finance","editor","finance""#, of: eve, "\"1\"", in: shop)
            #expect(answer.outcome == "200" && answer.headers["etag"] == "\"2\"" && answer["roles"] == "2")
            #expect(answer["roles/0"] == "editor" && answer["roles/1"] == "finance")
            #expect(set("", of: eve, "\"1\"", in: shop).outcome == "412 changed-meanwhile")
            #expect(set("", of: eve, nil, in: shop).outcome == "428 precondition-required")
            #expect(set(#""editor","finance""#, of: eve, "\"2\"", in: shop).headers["etag"] == "\"2\"")
            #expect(set("", of: eve, "\"2\"", in: shop)["roles"] == "0")
            let entries: [String] = try database.prepared { transaction in
                try transaction.values(
                    """
                    SELECT concat_ws(' ', actor, action, subject, before, after) FROM plumbing.audit_log ORDER BY id
                    """)
            }
            #expect(
                entries == [
                    #"\#(root) user.roles_set user/\#(eve) {"roles": ["support"]} {"roles": ["editor", "finance"]}"#,
                    #"\#(root) user.roles_set user/\#(eve) {"roles": ["editor", "finance"]} {"roles": []}"#,
                ])
        }
    }

    @Test func `only an admin, only of somebody there, only roles there are`() throws {
        try withDatabase { database throws in
            let (root, eve) = try database.prepared { (try $0.person("root", .admin), try $0.person("eve")) }
            let shop = database.shop(of: "users", for: admin(root))
            for role in Role.allCases where role != .admin {
                let other = database.shop(of: "users", for: Principal(id: eve, roles: [role]))
                #expect(set(#""admin""#, of: eve, "\"1\"", in: other).outcome == "403 forbidden")
                #expect(other.answer(.typed("GET /api/v1/users")).outcome == "403 forbidden")
                #expect(
                    other.answer(.typed("GET /api/v1/users/{id}", id: eve.description)).outcome
                        == "403 forbidden")
            }
            // A token's word is not enough: what counts is what is so when it is done.
            let former = database.shop(of: "users", for: admin(eve))
            #expect(set(#""admin""#, of: eve, "\"1\"", in: former).outcome == "403 forbidden")
            #expect(set("", of: Principal.ID(), "\"1\"", in: shop).outcome == "404 not-found")
            #expect(set(#""king""#, of: eve, "\"1\"", in: shop).outcome == "400 malformed-body")
            let noID = shop.answer(.typed("GET /api/v1/users/{id}", id: "7"))
            #expect(noID.outcome == "404 not-found")
        }
    }

    @Test func `nobody takes the role of an admin from themselves`() throws {
        try withDatabase { database throws in
            let (root, eve) = try database.prepared {
                (try $0.person("root", .admin), try $0.person("eve", .admin, .editor))
            }
            let shop = database.shop(of: "users", for: admin(eve))
            #expect(set(#""editor""#, of: eve, "\"1\"", in: shop).outcome == "409 own-admin-role")
            #expect(set(#""admin""#, of: eve, "\"1\"", in: shop)["roles"] == "1", "other roles they may")
            #expect(set("", of: root, "\"1\"", in: shop).outcome == "200")
            #expect(try database.count("identity.user_roles WHERE role = 'admin'") == 1)
        }
    }

    @Test func `two admins take the role from each other, and one stays`() throws {
        try withDatabase { database throws in
            for round in 1...12 {
                let both = try database.prepared { transaction in
                    try [transaction.person("a\(round)", .admin), transaction.person("b\(round)", .admin)]
                }
                let outcomes = try atOnce(2) { index, line in
                    let shop = database.shop(of: "users", for: admin(both[index]))
                    try shop.database.warmUp()
                    line.wait()
                    return set("", of: both[1 - index], "\"1\"", in: shop).outcome
                }.successes()
                #expect(outcomes.sorted() == ["200", "403 forbidden"])
                #expect(
                    try database.count(
                        "identity.user_roles WHERE role = 'admin' AND user_id = ANY (\(both)::uuid[])") == 1)
            }
        }
    }

    @Test func `admins find people by what they are called, page by page`() throws {
        try withDatabase { database throws in
            let root = try database.prepared { transaction in
                for number in 1...5 {
                    _ = try transaction.principal(
                        of: Account(
                            issuer: "https://id.test", subject: "u\(number)", email: "user\(number)@id.test",
                            isEmailVerified: true, name: number == 3 ? "Zoë 100%_\\" : "User"))
                }
                return try transaction.person("root", .admin, .finance)
            }
            let shop = database.shop(of: "users", for: admin(root))
            func list(_ query: Query) -> Response { shop.answer(Request("GET /api/v1/users", query: query)) }
            #expect(list([:])["items"] == "6")
            for (words, count) in [
                ("USER4@", "1"), ("zoë", "1"), ("ZOË", "1"), ("0%_", "1"), ("\\", "1"), ("%", "1"),
                ("nobody", "0"), ("id.test", "5"),
            ] {
                #expect(list(["q": words])["items"] == count, "\(words)")
            }
            #expect(list(["role": "finance"])["items/0/id"] == root.description)
            #expect(list(["role": "support"])["items"] == "0")

            var seen: [String] = [], cursor: String?
            repeat {
                let page = cursor.map { list(["limit": "2", "cursor": $0]) } ?? list(["limit": "2"])
                seen += (0..<2).compactMap { page["items/\($0)/id"] }
                cursor = page["next"]
            } while cursor != nil
            #expect(seen.count == 6 && Set(seen).count == 6)

            let foreign = Cursor(list: "library", key: "2026-01-01", id: UUID()).rawValue
            for query: Query in [
                ["q": ""], ["role": "king"], ["limit": "101"], ["cursor": "x"], ["cursor": foreign],
                ["page": "2"],
            ] {
                #expect(list(query).outcome == "400 invalid-query")
            }
        }
    }
}
