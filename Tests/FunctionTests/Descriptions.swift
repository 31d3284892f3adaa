import Core
import Foundation
import Postgres
import Records
import TestSupport

extension Transaction {
    /// So many customers, each with an order of two books that waits to be paid, and its attempts.
    func orders(_ count: Int, for scenario: Scenario) throws -> [ToldOrder] {
        let editor = try person("e", .editor)
        let books = [try published("Emma", by: editor), try published("Persuasion", price: 999, by: editor)]
        try run(
            """
            CREATE TABLE told AS SELECT n, gen_random_uuid() AS customer, gen_random_uuid() AS bought,
                gen_random_uuid() AS first, NULL::uuid AS second, NULL::uuid AS refund
            FROM generate_series(1, \(count)) AS n
            """)
        if scenario.attempts > 1 { try run("UPDATE told SET second = gen_random_uuid()") }
        try run(
            """
            INSERT INTO identity.users (id, issuer, subject)
            SELECT customer, 'https://id.test', 'told ' || n FROM told
            """)
        try run(
            """
            INSERT INTO sales.orders (id, user_id, idempotency_key, request_hash, currency, subtotal, total)
            SELECT bought, customer, 'the key of order ' || n, \([UInt8].hash), 'EUR', 2498, 2498 FROM told
            """)
        for (index, book) in books.enumerated() {
            let price = index == 0 ? 1499 : 999
            try run(
                """
                INSERT INTO sales.order_lines
                    (order_id, line_number, currency, audiobook_id, title, list_price, total)
                SELECT bought, \(index + 1), 'EUR', \(book), 'A book', \(price), \(price) FROM told
                """)
        }
        try attempts(of: scenario)
        if let lines = scenario.returning { try giveBack(lines) }
        return try all("SELECT n, first::text, second::text, refund::text FROM told ORDER BY n")
    }

    private func attempts(of scenario: Scenario) throws {
        let session: SQL = scenario.kind == .checkoutSession ? "'cs_' || first" : "NULL"
        // The page opened before was closed, as far as we know.
        try run(
            """
            INSERT INTO sales.payment_attempts (id, order_id, number, currency, kind, amount, session_id, expires_at)
            SELECT second, bought, 1, 'EUR', 'checkout_session', 2498, 'cs_' || second, now() + interval '1 hour'
            FROM told WHERE second IS NOT NULL
            """)
        try run("UPDATE sales.payment_attempts SET state = 'expired'")
        try run(
            """
            INSERT INTO sales.payment_attempts (id, order_id, number, currency, kind, amount, session_id, expires_at)
            SELECT first, bought, 2, 'EUR', \(scenario.kind), 2498, \(session), now() + interval '1 hour' FROM told
            """)
        try run("UPDATE sales.payment_attempts SET state = 'open' WHERE state = 'created'")
    }

    /// Paid, and a refund of these lines asked for by the finances.
    private func giveBack(_ lines: [Int]) throws {
        let finance = try person("f", .finance)
        try run(
            """
            SELECT sales.record_payment(first, 'cs_' || first, 'pi_' || first, 2498, 'EUR', 'test', now()) FROM told
            """)
        try run(
            """
            UPDATE told SET refund = (sales.request_refund(bought, \(lines)::integer[], 'customer_request',
                \(finance), 'the key of refund ' || n, \([UInt8].hash))).refund
            """)
    }

    func keptEvents() throws -> [WebhookEvent] {
        try waitingWebhookEvents(of: .stripe, idleSeconds: 0, limit: 100_000)
    }

    /// What became of all orders, without what tells them apart: names, instants, and who was the first to tell.
    func descriptions() throws -> [Description] {
        try all(
            """
            WITH described AS (SELECT concat_ws(E'\\n',
                (SELECT concat_ws(' ', 'order', state, number IS NOT NULL, closed_at IS NULL, status)
                    FROM sales.orders JOIN sales.order_payment_status AS paid ON paid.order_id = id
                    WHERE id = bought),
                (SELECT string_agg(line, E'\\n' ORDER BY line) FROM (
                    SELECT concat_ws(' ', count(*), state, disposition, kind, amount_received, failure_code,
                        session_id IS NOT NULL, payment_intent_id IS NOT NULL) AS line
                    FROM sales.payment_attempts WHERE order_id = bought
                    GROUP BY state, disposition, kind, amount_received, failure_code, session_id IS NOT NULL,
                        payment_intent_id IS NOT NULL) AS attempts),
                (SELECT string_agg(concat_ws(' ', 'line', line_number, state, state_reason, revoked_at IS NULL),
                    E'\\n' ORDER BY line_number) FROM listening.entitlements WHERE order_id = bought),
                (SELECT string_agg(concat_ws(' ', 'ledger', l.kind, l.amount, l.currency, disposition),
                    E'\\n' ORDER BY l.kind, disposition, l.amount)
                    FROM sales.ledger l JOIN sales.payment_attempts a ON a.id = attempt_id
                    WHERE l.order_id = bought),
                (SELECT string_agg(concat_ws(' ', 'refund', r.amount, r.currency, r.state, reason, disposition,
                    failure_reason, provider_refund_id IS NOT NULL, r.idempotency_key IS NOT NULL,
                    ARRAY(SELECT line_number FROM sales.refund_lines WHERE refund_id = r.id ORDER BY 1)),
                    E'\\n' ORDER BY r.amount, r.state)
                    FROM sales.refunds r JOIN sales.payment_attempts a ON a.id = attempt_id
                    WHERE r.order_id = bought),
                (SELECT string_agg(concat_ws(' ', 'dispute', state, provider_status, amount, currency, reason,
                    charge_refundable, evidence_due_at, evidence_submissions, told_at), E'\\n')
                    FROM sales.disputes WHERE order_id = bought),
                (SELECT string_agg(concat_ws(' ', 'alert', kind, detail - 'order'), E'\\n' ORDER BY kind)
                    FROM plumbing.alerts WHERE detail ->> 'order' = bought::text),
                (SELECT string_agg(concat_ws(' ', 'told', topic, payload - '{order,attempt,refund,dispute}'::text[]),
                    E'\\n' ORDER BY topic, payload ->> 'disposition', payload ->> 'state')
                    FROM plumbing.outbox WHERE key = bought::text)
            ) AS text FROM told)
            SELECT text, count(*) AS orders FROM described GROUP BY text ORDER BY count(*) DESC LIMIT 5
            """)
    }
}
