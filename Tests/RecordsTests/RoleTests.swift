import Bookshop
import Foundation
import Postgres
import Records
import TestSupport
import Testing

/// Each function may do what it is for, and nothing else.
@Suite struct RoleTests {
    static let functions = [
        "presign", "upload-complete", "transcribe", "summarise", "catalogue", "cart", "checkout",
        "stripe-webhook", "library", "users", "relay", "payments", "admin", "gifts", "orders", "search",
        "index-passages", "exports", "cleanup",
    ]

    private func role(_ function: String) -> String { "earshelf_" + function.replacing("-", with: "_") }

    private func may(_ question: SQL, in connection: Connection) throws -> Bool {
        try connection.transaction { try $0.value("SELECT \(question)") ?? false }
    }

    @Test(arguments: functions)
    func `nobody writes entitlements or the ledger by hand`(function: String) throws {
        try withConnection { connection throws in
            for table in ["listening.entitlements", "sales.ledger"] {
                for right in ["INSERT", "UPDATE", "REFERENCES"] {
                    let question: SQL = "has_any_column_privilege(\(role(function)), \(table), \(right))"
                    #expect(try !may(question, in: connection), "\(right) \(table)")
                }
                for right in ["DELETE", "TRUNCATE", "TRIGGER"] {
                    let question: SQL = "has_table_privilege(\(role(function)), \(table), \(right))"
                    #expect(try !may(question, in: connection), "\(right) \(table)")
                }
            }
            for column in ["amount_received", "disposition"] {
                let question: SQL =
                    "has_column_privilege(\(role(function)), 'sales.payment_attempts', \(column), 'UPDATE')"
                #expect(try !may(question, in: connection), "\(column)")
            }
            let question: SQL = "has_column_privilege(\(role(function)), 'sales.orders', 'number', 'UPDATE')"
            #expect(try !may(question, in: connection))
        }
    }

    @Test(arguments: functions)
    func `money becomes access only by those who hear of money`(function: String) throws {
        try withConnection { connection throws in
            let signature = "sales.record_payment(uuid, text, text, bigint, text, text, timestamptz)"
            let question: SQL = "has_function_privilege(\(role(function)), \(signature), 'EXECUTE')"
            let hears = ["checkout", "orders", "stripe-webhook", "relay", "payments"].contains(function)
            #expect(try may(question, in: connection) == hears)
        }
    }

    @Test func `a function's role does as it may and is refused all else`() throws {
        try withDatabase { database in
            let attempt = try database.connect().transaction { transaction in
                let book = try transaction.published("Emma", by: try transaction.person("e", .editor))
                return try transaction.opened(
                    try transaction.ordered([book], by: try transaction.person("c")))
            }
            let webhook = database.connect(as: "stripe-webhook")
            let grab: SQL = """
                INSERT INTO listening.entitlements (user_id, audiobook_id, source, granted_by)
                SELECT users.id, audiobooks.id, 'grant', users.id FROM identity.users, catalogue.audiobooks
                """
            func refusal(_ statement: SQL, as connection: Connection) -> SQLState? {
                do {
                    try connection.transaction { _ = try $0.run(statement) }
                    return nil
                } catch { return (error as? PostgresError)?.state }
            }
            #expect(refusal(grab, as: webhook) == .insufficientPrivilege)
            #expect(
                refusal(
                    """
                    UPDATE sales.payment_attempts SET state = 'succeeded', amount_received = amount,
                        disposition = 'applied'
                    """, as: webhook) == .insufficientPrivilege)
            #expect(
                refusal(
                    "SELECT sales.record_payment(NULL, '', '', 1, '', '', now())",
                    as: database.connect(as: "cart")) == .insufficientPrivilege)
            #expect(refusal("SELECT email FROM identity.users", as: webhook) == .insufficientPrivilege)
            #expect(refusal("DELETE FROM plumbing.audit_log", as: webhook) == .insufficientPrivilege)
            #expect(try webhook.transaction { try $0.record(.test(of: attempt)) } == .applied)
        }
    }

    @Test(arguments: functions)
    func `no function makes or changes tables`(function: String) throws {
        try withConnection { connection in
            for schema in ["identity", "catalogue", "production", "sales", "listening", "plumbing", "public"]
            {
                #expect(
                    try !may("has_schema_privilege(\(role(function)), \(schema), 'CREATE')", in: connection),
                    "\(schema)")
            }
            #expect(
                try !may(
                    "has_database_privilege(\(role(function)), current_database(), 'CREATE')", in: connection)
            )
            let memberships: [String] = try connection.transaction { transaction in
                try transaction.values(
                    """
                    SELECT rolname FROM pg_roles WHERE pg_has_role(\(role(function)), oid, 'MEMBER')
                    ORDER BY rolname
                    """)
            }
            #expect(
                Set(memberships).isSubset(of: [role(function), "earshelf_any", "earshelf_caller"]),
                "\(memberships)")
        }
    }
}
