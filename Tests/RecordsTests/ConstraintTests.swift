import Bookshop
import Foundation
import Postgres
import Records
import TestSupport
import Testing

/// What the schema refuses whatever the code above it does.
@Suite struct ConstraintTests {
    private func refused(
        _ statement: SQL, by constraint: String? = nil, in connection: Connection, _ what: Comment? = nil
    ) {
        do {
            try connection.transaction { _ = try $0.run(statement) }
            Issue.record("it was taken: \(statement)")
        } catch let error as PostgresError {
            #expect(error.state?.rawValue.hasPrefix("23") == true, what)
            if let constraint { #expect(error.constraint == constraint, what) }
        } catch { Issue.record(error) }
    }

    /// An order with an open attempt.
    private func sold(_ connection: Connection) throws -> (order: Order, attempt: PaymentAttempt) {
        try connection.transaction { transaction in
            let book = try transaction.published("Emma", by: try transaction.person("e", .editor))
            let order = try transaction.ordered([book], by: try transaction.person("c"))
            return (order, try transaction.opened(order))
        }
    }

    @Test func `currencies are those of the rules, with the same numbers`() throws {
        struct Rule: RowDecodable, Hashable {
            let code: String
            let numbers: [Int]
            init(_ row: borrowing Row) throws(PostgresError) {
                code = try row["code"]
                numbers = [try row["exponent"], try row["multiple"], try row["minimum_charge"]]
            }
            init(_ currency: Currency) {
                code = currency.rawValue
                numbers = [currency.exponent, currency.multiple, currency.minimumCharge]
            }
        }
        try withConnection { connection in
            let rules: [Rule] = try connection.transaction {
                try $0.all("SELECT code, exponent, multiple, minimum_charge FROM sales.currencies")
            }
            #expect(Set(rules) == Set(Currency.all.map(Rule.init)))
        }
    }

    @Test func `the transitions of the schema are those of the states`() throws {
        try withConnection { connection throws in
            func states(_ machine: String) throws -> Set<String> {
                Set(
                    try connection.transaction {
                        try $0.values(
                            "SELECT to_state FROM plumbing.legal_transition WHERE machine = \(machine)")
                    })
            }
            #expect(try states("upload") == Set(Upload.State.allCases.map(\.rawValue)))
            #expect(try states("transcript") == Set(Transcript.State.allCases.map(\.rawValue)))
            #expect(try states("summary") == Set(Summary.State.allCases.map(\.rawValue)))
            #expect(try states("order") == Set(Order.State.allCases.map(\.rawValue)))
            #expect(try states("attempt") == Set(PaymentAttempt.State.allCases.map(\.rawValue)))
            #expect(try states("entitlement") == Set(Entitlement.State.allCases.map(\.rawValue)))
            #expect(try states("audiobook") == Set(Audiobook.State.allCases.map(\.rawValue)))
            #expect(try states("webhook_event") == Set(WebhookEvent.State.allCases.map(\.rawValue)))
        }
    }

    @Test func `every step of an attempt that is not listed is refused`() throws {
        try withConnection { connection in
            let (_, attempt) = try sold(connection)
            let legal: [String] = try connection.transaction {
                try $0.values(
                    """
                    SELECT from_state || '>' || to_state FROM plumbing.legal_transition
                    WHERE machine = 'attempt'
                    """)
            }
            for from in PaymentAttempt.State.allCases {
                for to in PaymentAttempt.State.allCases
                where from != to && !legal.contains("\(from.rawValue)>\(to.rawValue)") {
                    // The rules themselves are what is tried here, so the row is put where it must be.
                    try connection.transaction { transaction in
                        try transaction.run("SET LOCAL session_replication_role = 'replica'")
                        try transaction.run(
                            """
                            UPDATE sales.payment_attempts
                            SET state = \(from), failure_code = 'x',
                                amount_received = CASE WHEN \(from == .succeeded) THEN amount END,
                                disposition = CASE WHEN \(from == .succeeded) THEN 'applied' END
                            WHERE id = \(attempt.id)
                            """)
                    }
                    refused(
                        "UPDATE sales.payment_attempts SET state = \(to) WHERE id = \(attempt.id)",
                        by: "legal_transition", in: connection, "\(from) to \(to)")
                }
            }
        }
    }

    @Test func `an order is the sum of its lines and keeps them`() throws {
        try withConnection { connection in
            let (order, _) = try sold(connection)
            refused(
                "UPDATE sales.orders SET subtotal = 1, total = 1 WHERE id = \(order.id)",
                by: "orders_sum_of_lines", in: connection)
            refused("UPDATE sales.order_lines SET title = 'x'", by: "order_lines_agreed", in: connection)
            refused("DELETE FROM sales.order_lines", by: "order_lines_agreed", in: connection)
            refused(
                """
                INSERT INTO sales.order_lines
                    (order_id, line_number, currency, audiobook_id, title, list_price, total)
                SELECT order_id, 2, currency, audiobook_id, title, 0, 0 FROM sales.order_lines
                """, by: "order_lines_agreed", in: connection)
            refused(
                """
                INSERT INTO sales.orders (user_id, idempotency_key, request_hash, currency, subtotal, total)
                SELECT user_id, '0123456789abcdef', request_hash, currency, 0, 0 FROM sales.orders
                """, by: "orders_sum_of_lines", in: connection, "an order without lines")
            refused(
                "UPDATE sales.orders SET state = 'confirmed' WHERE id = \(order.id)", in: connection,
                "a confirmed order has a number")
        }
    }

    @Test func `money keeps to its order, its currency and its sign`() throws {
        try withConnection { connection in
            let (order, attempt) = try sold(connection)
            func book(_ kind: String, _ amount: Int, _ currency: String = "EUR") -> SQL {
                """
                INSERT INTO sales.ledger
                    (order_id, attempt_id, currency, kind, amount, provider_object_id, told_by, occurred_at)
                VALUES (\(order.id), \(attempt.id), \(currency), \(kind), \(amount), 'pi_1', 'evt', now())
                """
            }
            refused(book("charge", -1), in: connection)
            refused(book("charge", 0), in: connection)
            refused(book("refund", 1), in: connection)
            refused(book("charge", 1, "USD"), in: connection)
            try connection.transaction { _ = try $0.run(book("charge", 1)) }
            refused(book("charge", 1), by: "ledger_counts_once", in: connection)
            refused("UPDATE sales.ledger SET amount = 2", by: "append_only", in: connection)
            refused("DELETE FROM sales.ledger", by: "append_only", in: connection)
            refused("TRUNCATE sales.ledger", by: "append_only", in: connection)
            refused(
                """
                INSERT INTO sales.payment_attempts (order_id, number, currency, kind, amount, expires_at)
                VALUES (\(order.id), 2, 'EUR', 'checkout_session', 1, now())
                """, by: "attempts_whole_order", in: connection)
            refused(
                """
                INSERT INTO sales.payment_attempts (order_id, number, currency, kind, amount, expires_at)
                VALUES (\(order.id), 2, 'EUR', 'checkout_session', 1499, now())
                """, by: "attempts_one_live", in: connection)
            refused(
                """
                UPDATE sales.payment_attempts
                SET state = 'succeeded', amount_received = 1498, disposition = 'applied'
                """, by: "attempts_applied_in_full", in: connection)
        }
    }

    @Test func `a price can be charged and is alone in its time`() throws {
        try withConnection { connection in
            let (order, _) = try sold(connection)
            let book = order.lines[0].audiobook
            func price(_ amount: Int, _ currency: String) -> SQL {
                """
                INSERT INTO sales.prices (audiobook_id, currency, amount, valid)
                VALUES (\(book), \(currency), \(amount), tstzrange(now(), NULL))
                """
            }
            refused(price(1, "EUR"), by: "prices_chargeable", in: connection)
            refused(price(49, "USD"), by: "prices_chargeable", in: connection)
            refused(price(150, "ISK"), by: "prices_chargeable", in: connection)
            refused(price(1499, "EUR"), by: "prices_one_at_a_time", in: connection)
            try connection.transaction { _ = try $0.run(price(50, "USD")) }
        }
    }

    @Test func `an edition is whole when it is sealed, and stays so`() throws {
        try withConnection { connection in
            let edition = try connection.transaction { transaction in
                let editor = try transaction.person("e", .editor)
                return try transaction.record(try transaction.draft("Emma", by: editor), by: editor).edition
            }
            refused("UPDATE catalogue.tracks SET duration_ms = 1", by: "edition_sealed", in: connection)
            refused("DELETE FROM catalogue.tracks", by: "edition_sealed", in: connection)
            refused("UPDATE catalogue.editions SET sealed_at = NULL", by: "edition_sealed", in: connection)
            refused("UPDATE catalogue.assets SET bytes = 1", by: "append_only", in: connection)
            refused(
                """
                INSERT INTO catalogue.chapters (edition_id, position, title, start_ms, end_ms, source)
                VALUES (\(edition), 2, 'x', 200000, 200099, 'manual')
                """, by: "chapters_can_be_hit", in: connection)
            let open: Edition.ID = try connection.transaction { transaction in
                try #require(
                    try transaction.value(
                        """
                        INSERT INTO catalogue.editions (audiobook_id, number, duration_ms)
                        SELECT id, 2, 1000 FROM catalogue.audiobooks RETURNING id
                        """))
            }
            refused(
                "UPDATE catalogue.editions SET sealed_at = now() WHERE id = \(open)",
                by: "edition_tracks_whole",
                in: connection)
            try connection.transaction { transaction in
                _ = try transaction.run(
                    """
                    INSERT INTO catalogue.tracks (edition_id, position, asset_id, start_ms, duration_ms)
                    SELECT \(open), 1, id, 0, 1000 FROM catalogue.assets
                    """)
            }
            refused(
                "UPDATE catalogue.editions SET sealed_at = now() WHERE id = \(open)",
                by: "edition_chapters_whole", in: connection)
            refused(
                "UPDATE catalogue.audiobooks SET current_edition_id = \(open)", by: "edition_not_sealed",
                in: connection)
        }
    }
}
