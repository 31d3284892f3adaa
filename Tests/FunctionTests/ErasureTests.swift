import Foundation
import TestSupport
import Testing

@testable import Core
@testable import relay
@testable import users

/// Whoever goes leaves nothing of themselves behind but what the law asks to keep.
@Suite struct ErasureTests {
    /// The payment provider's name for them, until the relay has asked it to delete them too.
    private static let toBeDeletedElsewhere = ["sales.customer_deletions.stripe_customer_id"]

    private func forget(_ shop: Shop, _ query: Query = ["confirmation": "forget me"]) -> Response {
        shop.answer(Request("DELETE /api/v1/me", query: query))
    }

    /// All texts of the database that hold one of these words, by table and column.
    private func mentions(of words: [String], in database: TestDatabase) throws -> [String] {
        try database.prepared { transaction in
            let columns: [TextColumn] = try transaction.all(
                """
                SELECT c.table_schema, c.table_name, c.column_name, c.data_type = 'bytea' AS is_bytes
                FROM information_schema.columns AS c JOIN information_schema.tables AS t USING (table_schema, table_name)
                WHERE t.table_type = 'BASE TABLE'
                    AND c.table_schema IN ('identity', 'catalogue', 'production', 'sales', 'listening', 'plumbing')
                    AND (c.data_type IN ('text', 'character varying', 'character', 'json', 'jsonb', 'inet', 'ARRAY',
                        'bytea', 'tsvector') OR c.domain_name IS NOT NULL)
                """)
            #expect(columns.count > 100, "all columns are looked at")
            return try columns.filter { column in
                try words.contains { word in
                    let found: SQL =
                        column.isBytes
                        ? "position(convert_to(\(word), 'UTF8') IN \(identifier: column.name)) > 0"
                        : "position(lower(\(word)) IN lower(\(identifier: column.name)::text)) > 0"
                    return try transaction.value(
                        """
                        SELECT EXISTS (SELECT 1 FROM \(identifier: column.schema).\(identifier: column.table)
                        WHERE \(found))
                        """) ?? false
                }
            }.map { "\($0.schema).\($0.table).\($0.name)" }.sorted()
        }
    }

    @Test func `nothing of who they were is left in any column of any table`() throws {
        try withDatabase { database throws in
            let life = try Life.lived(in: database)
            let before = try mentions(of: life.words, in: database)
            for column in Life.columns + Life.traces {
                #expect(before.contains(column), "the test fills \(column)")
            }
            var shop = database.shop(of: "users", for: .customer(life.person))
            shop.now = { Date() }
            #expect(forget(shop).outcome == "204")
            #expect(try mentions(of: life.words, in: database) == Self.toBeDeletedElsewhere)

            // What the law asks to keep is there, and whose it was is not to be found out.
            #expect(try database.count("sales.orders WHERE state = 'confirmed' AND number = 1") == 1)
            #expect(try database.count("sales.ledger") == 2)
            let gifts = try database.count("sales.gifts WHERE state = 'waiting'")
            #expect(gifts == 1, "who has the code may open it")
            #expect(try database.count("listening.entitlements WHERE state = 'active'") == 0)
            #expect(try database.count("listening.entitlements WHERE state_reason = 'erased'") == 1)
            #expect(try database.count("listening.access_log WHERE ip IS NULL AND user_agent IS NULL") > 0)
            #expect(try database.count("sales.customer_deletions WHERE stripe_customer_id = 'cus_ada'") == 1)
            #expect(
                try database.count(
                    "identity.users WHERE erased_at IS NOT NULL AND subject = 'erased:' || id AND erased_by = 'person'"
                )
                    == 1)
            #expect(
                try database.count(
                    "plumbing.audit_log WHERE action = 'user.erased' AND actor = \(life.person)") == 1)
            #expect(forget(shop).outcome == "204", "again, it changes nothing")
            #expect(try database.count("plumbing.audit_log WHERE action = 'user.erased'") == 1)
        }
    }

    @Test func `others keep what is theirs`() throws {
        try withDatabase { database throws in
            let ada = try Life.lived(in: database)
            let ben = try Life.lived(in: database, as: "ben")
            let before = try mentions(of: ben.words, in: database)
            #expect(forget(database.shop(of: "users", for: .customer(ada.person))).outcome == "204")
            #expect(try mentions(of: ben.words, in: database) == before)
            #expect(
                try database.count(
                    "listening.entitlements WHERE state = 'active' AND user_id = \(ben.person)") == 1)
        }
    }

    /// When they signed in, what they typed, and what comes of it.
    @Test(
        arguments: [
            (0.0, nil, "204"), (600, nil, "204"), (601, nil, "403 confirmation-needed"),
            (nil, nil, "403 confirmation-needed"), (nil, "forget me", "204"), (86_400, "forget me", "204"),
            (0, "Forget me", "400 invalid-query"), (nil, "", "400 invalid-query"),
        ] as [(Double?, String?, String)])
    func `what cannot be undone takes a fresh sign-in or its own words`(
        age: Double?, phrase: String?, outcome: String
    ) throws {
        try withDatabase { database throws in
            let ada = try database.prepared { try $0.person("ada") }
            var shop = database.shop(of: "users")
            let now = Date()
            shop.now = { now }
            shop.identity = Identification(signedIn: { _ in
                (.customer(ada), SignIn(at: age.map { now.addingTimeInterval(-$0) }, session: "sess_1"))
            })
            #expect(forget(shop, phrase.map { ["confirmation": $0] } ?? [:]).outcome == outcome)
            #expect(try database.count("identity.users") == (outcome == "204" ? 0 : 1))
        }
    }

    @Test func `nobody goes while an order of theirs waits to be paid`() throws {
        try withDatabase { database throws in
            let (ada, order) = try database.prepared { transaction in
                let book = try transaction.published("Emma", by: try transaction.person("e", .editor))
                let ada = try transaction.person("ada")
                let order = try transaction.ordered([book], by: ada)
                _ = try transaction.opened(order)
                return (ada, order)
            }
            let shop = database.shop(of: "users", for: .customer(ada))
            #expect(forget(shop).outcome == "409 account-unsettled")
            try database.prepared { transaction in
                let attempt = try #require(try transaction.liveAttempt(of: order.id))
                #expect(try transaction.mark(attempt.id, as: .expired))
                #expect(try transaction.close(order.id, as: .expired))
            }
            #expect(forget(shop).outcome == "204")
        }
    }

    @Test func `the only admin does not go, and of two who go at once one stays`() throws {
        try withDatabase { database throws in
            let root = try database.prepared { try $0.person("root", .admin) }
            func shop(_ id: Principal.ID) -> Shop {
                database.shop(of: "users", for: Principal(id: id, roles: [.admin]))
            }
            #expect(forget(shop(root)).outcome == "409 last-admin")
            let eve = try database.prepared { try $0.person("eve", .admin) }
            let both = [root, eve]
            let outcomes = try atOnce(2) { index, line in
                let shop = database.shop(of: "users", for: Principal(id: both[index], roles: [.admin]))
                try shop.database.warmUp()
                line.wait()
                return shop.answer(Request("DELETE /api/v1/me", query: ["confirmation": "forget me"])).outcome
            }.successes()
            #expect(outcomes.sorted() == ["204", "409 last-admin"])
            #expect(try database.count("identity.user_roles WHERE role = 'admin'") == 1)
        }
    }

    /// An open tab shows its token again and again, renewed each minute.
    @Test func `an old session makes nobody of the account again, and a new sign-in somebody new`() throws {
        try withDatabase { database throws in
            let life = try Life.lived(in: database)
            var shop = database.shop(of: "users")
            let session = SignIn(at: Date(timeIntervalSinceNow: -5), session: "sess_1")
            shop.identity = Identification(signedIn: { _ in (.customer(life.person), session) })
            #expect(forget(shop).outcome == "204")
            func comeBack(_ signIn: SignIn) throws -> Principal.ID? {
                let account = Account(
                    issuer: "https://id.test", subject: "user_ada", email: "ada@id.test",
                    isEmailVerified: true,
                    toldAt: Date())
                do {
                    return try database.connect(as: "cart").transaction(.readCommitted) {
                        try $0.principal(of: account, signedIn: signIn).id
                    }
                } catch AccountError.erased { return nil }
            }
            let later = Date(timeIntervalSinceNow: 60)
            for old in [
                session, SignIn(at: Date(timeIntervalSinceNow: -3600), session: "sess_2"),
                SignIn(at: nil, session: "sess_3"), SignIn(at: later, session: "sess_1"),
            ] {
                #expect(try comeBack(old) == nil)
            }
            #expect(
                shop.hear(Provider(subject: "user_ada").told("updated", at: 9000, email: "ada@id.test"))
                    .statusCode == 200)
            #expect(try mentions(of: life.words, in: database) == Self.toBeDeletedElsewhere)

            let fresh = try #require(try comeBack(SignIn(at: later, session: "sess_4")))
            #expect(fresh != life.person)
            #expect(try database.prepared { try $0.library(of: fresh).items.isEmpty })
            #expect(try database.prepared { try $0.roles(of: fresh).isEmpty })
            #expect(AccountError.erased.problem.type == "invalid-token")
        }
    }

    @Test func `whom the provider deletes is turned away at once, and forgotten when all is settled`() throws
    {
        try withDatabase { database throws in
            let life = try Life.lived(in: database)
            let order = try database.prepared { transaction in
                try transaction.grant(.support, to: life.person)
                let book = try transaction.published("Persuasion", by: try transaction.person("e", .editor))
                let order = try transaction.ordered([book], by: life.person)
                _ = try transaction.opened(order)
                return order
            }
            #expect(database.shop(of: "users").hear(Provider(subject: "user_ada").gone).outcome == "200")
            #expect(
                try database.count("identity.users WHERE id = \(life.person) AND leaving_since IS NOT NULL")
                    == 1)
            #expect(try database.count("identity.user_roles WHERE user_id = \(life.person)") == 0)
            let account = Account(issuer: "https://id.test", subject: "user_ada", email: "ada@id.test")
            #expect(throws: AccountError.erased) {
                try database.connect(as: "cart").transaction(.readCommitted) {
                    try $0.principal(
                        of: account, signedIn: SignIn(at: Date(timeIntervalSinceNow: 60), session: "sess_9"))
                }
            }
            let relay = database.shop(of: "relay")
            try Sweep.leaving.run(in: relay)
            #expect(try database.count("identity.users WHERE erased_at IS NOT NULL") == 0, "an order waits")
            try database.prepared { transaction in
                let attempt = try #require(try transaction.liveAttempt(of: order.id))
                #expect(try transaction.mark(attempt.id, as: .expired))
                #expect(try transaction.close(order.id, as: .expired))
            }
            try Sweep.leaving.run(in: relay)
            #expect(try database.count("identity.users WHERE erased_by = 'provider'") == 1)
            #expect(try mentions(of: life.words, in: database) == Self.toBeDeletedElsewhere)
        }
    }

    @Test func `a request under way writes nothing more of whoever was forgotten`() throws {
        try withDatabase { database throws in
            let life = try Life.lived(in: database)
            #expect(forget(database.shop(of: "users", for: .customer(life.person))).outcome == "204")
            let book = try database.prepared { try $0.published("Emma", by: try $0.person("e2", .editor)) }
            #expect(throws: PostgresError.self) {
                try database.connect(as: "cart").transaction {
                    try $0.add(book, toCartOf: life.person, in: .eur)
                }
            }
            #expect(throws: PostgresError.self) {
                try database.connect(as: "users").transaction { try $0.set(.usual, of: life.person) }
            }
        }
    }
}

private struct TextColumn: RowDecodable {
    let schema: String
    let table: String
    let name: String
    let isBytes: Bool

    init(_ row: borrowing Row) throws(PostgresError) {
        (schema, table) = (try row["table_schema"], try row["table_name"])
        (name, isBytes) = (try row["column_name"], try row["is_bytes"])
    }
}
