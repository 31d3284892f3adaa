import Foundation
import TestSupport
import Testing

@testable import Core
@testable import users

/// Somebody takes along all that is known of them.
@Suite struct ExportTests {
    /// Where each table that is about people is to be found in the document. A table that refers to one of these is
    /// about people too.
    private static let exported = [
        "identity.users": "profile", "identity.preferences": "preferences", "identity.user_roles": "roles",
        "sales.carts": "carts", "sales.cart_items": "carts/*/items", "sales.orders": "orders",
        "sales.order_lines": "orders/*/lines", "sales.payment_attempts": "orders/*/payments",
        "sales.ledger": "orders/*/money", "sales.refunds": "orders/*/refunds",
        "sales.refund_lines": "orders/*/refunds/*/lines", "sales.refund_requests": "refundRequests",
        "sales.disputes": "orders/*/disputes",
        "sales.gifts": "orders/*/gifts", "sales.promotion_uses": "orders/*/promotion",
        "sales.order_history": "orders/*/history", "listening.entitlements": "entitlements",
        "listening.access_log": "accessLog", "listening.positions": "listening",
        "listening.position_history": "listening/*/history", "listening.finishes": "finished",
        "listening.heard": "heard", "listening.preferences": "speeds", "listening.bookmarks": "bookmarks",
        "listening.devices": "devices", "plumbing.audit_log": "auditLog",
    ]

    /// References to people that are not about them, and why.
    private static let excluded = [
        "identity.user_roles.granted_by": "what an admin did is in the audit log",
        "catalogue.audiobooks.created_by": "the shop's work, not the editor's life",
        "sales.prices.set_by": "the shop's work",
        "production.uploads.created_by": "the shop's work",
        "production.summaries.approved_by": "the shop's work, and in the audit log",
        "listening.entitlements.granted_by": "what staff did for others",
        "sales.carts.merged_into": "a guest's cart that became theirs: its books are in their own",
        "sales.order_keys.order_id+user_id": "names of requests, chosen by a program",
        "sales.refunds.requested_by": "what staff did for others",
        "sales.promotions.created_by": "the shop's work",
        "sales.gifts.redeemed_by": "what they opened is among what they own",
        "catalogue.audiobooks.sample_chosen_by": "the shop's work",
        "plumbing.alerts.acknowledged_by": "the shop's work",
    ]

    /// Everything in the document that stands at a path; `*` is each element of a list.
    private func values(_ path: String, in document: Data) throws -> [Any] {
        var values: [Any] = [try JSONSerialization.jsonObject(with: document)]
        for step in path.split(separator: "/") {
            values =
                step == "*"
                ? values.flatMap { $0 as? [Any] ?? [] }
                : values.compactMap { ($0 as? [String: Any])?[String(step)] }
        }
        return values
    }

    @Test func `every table that refers to somebody is told of, or it is said why not`() throws {
        try withDatabase { database throws in
            let references: [String] = try database.prepared { transaction in
                try transaction.values(
                    """
                    SELECT DISTINCT concat(c.conrelid::regclass, '.', (
                        SELECT string_agg(a.attname, '+' ORDER BY k.place)
                        FROM unnest(c.conkey) WITH ORDINALITY AS k (number, place)
                            JOIN pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.number), ' ',
                        c.confrelid::regclass)
                    FROM pg_constraint AS c WHERE c.contype = 'f'
                    """)
            }
            #expect(references.count > 20)
            for reference in references.sorted() {
                let parts = reference.split(separator: " ").map(String.init)
                let (column, target) = (parts[0], parts[1])
                guard Self.exported[target] != nil, Self.excluded[column] == nil else { continue }
                let table = column.split(separator: ".").prefix(2).joined(separator: ".")
                #expect(
                    Self.exported[table] != nil,
                    "\(column) refers to \(target): add it to identity.export, or say here why not")
            }
            // Those that name people without a foreign key.
            let named: [String] = try database.prepared { transaction in
                try transaction.values(
                    """
                    SELECT concat(table_schema, '.', table_name) FROM information_schema.columns
                        JOIN information_schema.tables USING (table_schema, table_name)
                    WHERE table_type = 'BASE TABLE' AND column_name IN ('user_id', 'actor', 'customer_id', 'person')
                    """)
            }
            for table in named where !Self.excluded.keys.contains(where: { $0.hasPrefix(table + ".") }) {
                #expect(Self.exported[table] != nil, "\(table) names people")
            }
        }
    }

    @Test func `what was lived is in the document, and nothing of others`() throws {
        try withDatabase { database throws in
            let ada = try Life.lived(in: database), ben = try Life.lived(in: database, as: "ben")
            try database.prepared { try $0.grant(.support, to: ada.person) }
            try database.prepared { try $0.audit("user.greeted", of: "user/\(ada.person)", by: ben.person) }
            let answer = database.shop(of: "users", for: .customer(ada.person)).answer(
                .typed("GET /api/v1/me/export"))
            #expect(
                answer.outcome == "200"
                    && answer.headers["content-disposition"]?.contains("attachment") == true)
            let document = Data(answer.body)
            for (table, path) in Self.exported {
                let isThere = try values(path, in: document).contains { found in
                    (found as? [Any])?.isEmpty == false || (found as? [String: Any])?.isEmpty == false
                }
                #expect(isThere, "\(table) is at \(path)")
            }
            for word in ada.words { #expect(answer.text.lowercased().contains(word.lowercased()), "\(word)") }
            for word in ben.words {
                #expect(!answer.text.lowercased().contains(word.lowercased()), "\(word)")
            }
            let totals = try values("orders/*/total/minorUnits", in: document) as? [Int]
            #expect(totals?.sorted() == [1349, 1499])
        }
    }

    @Test func `an export is not to be had all the time`() throws {
        try withDatabase { database throws in
            let ada = try database.prepared { try $0.person("ada") }
            var shop = database.shop(of: "users", for: .customer(ada))
            shop.turnstile = .live(shop.database)
            for _ in 1...CostlyRoute.export.perPerson.most {
                #expect(shop.answer(.typed("GET /api/v1/me/export")).outcome == "200")
            }
            #expect(shop.answer(.typed("GET /api/v1/me/export")).outcome == "429 too-many-requests")
        }
    }
}
