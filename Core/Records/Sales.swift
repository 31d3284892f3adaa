public import Bookshop
public import FoundationEssentials
public import Postgres

/// Of which time sales are asked for, and in spans of which length. Days are UTC's.
public struct SalesQuery: Hashable, Sendable {
    /// Weeks begin on Monday.
    public enum Interval: String, CaseIterable, Codable, Sendable { case day, week, month }

    public let from: Date
    /// Before this moment.
    public let until: Date
    public let interval: Interval

    public init(from: Date, until: Date, interval: Interval) {
        (self.from, self.until, self.interval) = (from, until, interval)
    }
}

/// What was sold and what moved in a span of time, in one currency: no two are ever added.
public struct SalesFigures: Hashable, Sendable {
    public let currency: Currency
    /// Confirmed in this time, with what was agreed of them then.
    public var orders = 0
    public var books = 0
    /// At the prices of the day.
    public var gross = 0
    public var discounts = 0
    /// On top of prices or within them.
    public var taxes = 0
    /// What was agreed to be paid.
    public var total = 0
    /// By the ledger, at the time it happened: an order may be of one day and its refund of another.
    public var charged = 0
    public var refunds = 0
    public var disputes = 0

    public init(in currency: Currency) { self.currency = currency }

    public var net: Int { charged - refunds - disputes }

    /// Throws nothing away: both must be of one currency.
    public static func += (sum: inout SalesFigures, part: SalesFigures) {
        precondition(sum.currency == part.currency, "currencies are never added")
        for figure in [
            \SalesFigures.orders, \.books, \.gross, \.discounts, \.taxes, \.total, \.charged, \.refunds,
            \.disputes,
        ] { sum[keyPath: figure] += part[keyPath: figure] }
    }
}

/// The figures of one span, named by its first day.
public struct SalesPeriod: RowDecodable, Hashable, Sendable {
    public let from: Day
    public let figures: SalesFigures

    public init(_ row: borrowing Row) throws(PostgresError) {
        from = try row["period"]
        var figures = SalesFigures(in: try row["currency"])
        (figures.orders, figures.books) = (try row["orders"], try row["books"])
        (figures.gross, figures.discounts) = (try row["gross"], try row["discounts"])
        (figures.taxes, figures.total) = (try row["taxes"], try row["total"])
        (figures.charged, figures.refunds) = (try row["charged"], try row["refunds"])
        figures.disputes = try row["disputes"]
        self.figures = figures
    }
}

/// A book that sold well, in one currency. Copies of free orders count, for they were chosen too.
public struct BestSeller: RowDecodable, Hashable, Sendable {
    public let audiobook: Audiobook.ID
    public let title: String
    public let copies: Int
    public let revenue: Balance

    public init(_ row: borrowing Row) throws(PostgresError) {
        (audiobook, title, copies) = (try row["audiobook_id"], try row["title"], try row["copies"])
        revenue = Balance(minorUnits: try row["revenue"], currency: try row["currency"])
    }
}

extension Transaction {
    /// Spans in which anything was sold or moved, the first first.
    public func sales(_ query: SalesQuery) throws -> [SalesPeriod] {
        try all(
            """
            SELECT to_char(period, 'YYYY-MM-DD') AS period, currency, sum(orders)::bigint AS orders,
                sum(books)::bigint AS books, sum(gross)::bigint AS gross, sum(discounts)::bigint AS discounts,
                sum(taxes)::bigint AS taxes, sum(total)::bigint AS total, sum(charged)::bigint AS charged,
                sum(refunds)::bigint AS refunds, sum(disputes)::bigint AS disputes
            FROM (
                SELECT date_trunc(\(query.interval), o.confirmed_at AT TIME ZONE 'UTC') AS period, o.currency,
                    1 AS orders, (SELECT count(*) FROM sales.order_lines WHERE order_id = o.id) AS books,
                    o.subtotal AS gross, o.discount AS discounts, o.tax + o.included_tax AS taxes, o.total,
                    0 AS charged, 0 AS refunds, 0 AS disputes
                FROM sales.orders AS o
                WHERE o.state = 'confirmed' AND o.confirmed_at >= \(query.from)::timestamptz
                    AND o.confirmed_at < \(query.until)::timestamptz
                UNION ALL
                SELECT date_trunc(\(query.interval), occurred_at AT TIME ZONE 'UTC'), currency,
                    0, 0, 0, 0, 0, 0, CASE WHEN kind = 'charge' THEN amount ELSE 0 END,
                    CASE WHEN kind LIKE 'refund%' THEN -amount ELSE 0 END,
                    CASE WHEN kind LIKE 'dispute%' THEN -amount ELSE 0 END
                FROM sales.ledger
                WHERE occurred_at >= \(query.from)::timestamptz AND occurred_at < \(query.until)::timestamptz
            ) AS facts
            GROUP BY facts.period, facts.currency ORDER BY facts.period, facts.currency
            """)
    }

    /// What sold most copies of all in confirmed orders, the first first; one that sold in several currencies has a
    /// line for each.
    public func bestSellers(_ query: SalesQuery, limit: Int) throws -> [BestSeller] {
        try all(
            """
            WITH sold AS (
                SELECT line.audiobook_id, line.currency, count(*) AS copies, sum(line.total)::bigint AS revenue
                FROM sales.orders AS o
                    -- Order by order, and never all lines there are.
                    CROSS JOIN LATERAL (SELECT audiobook_id, currency, total FROM sales.order_lines
                        WHERE order_id = o.id OFFSET 0) AS line
                WHERE o.state = 'confirmed' AND o.confirmed_at >= \(query.from)::timestamptz
                    AND o.confirmed_at < \(query.until)::timestamptz
                GROUP BY line.audiobook_id, line.currency
            ), best AS (
                SELECT audiobook_id, sum(copies) AS all_copies FROM sold
                GROUP BY audiobook_id ORDER BY all_copies DESC, audiobook_id LIMIT \(limit)
            )
            SELECT best.audiobook_id, book.title, sold.currency, sold.copies, sold.revenue
            FROM best JOIN sold ON sold.audiobook_id = best.audiobook_id
                JOIN catalogue.audiobooks AS book ON book.id = best.audiobook_id
            ORDER BY best.all_copies DESC, best.audiobook_id, sold.copies DESC, sold.currency
            """)
    }
}

extension SalesQuery.Interval: SQLValue {}
