public import Bookshop
import FoundationEssentials
public import Postgres

/// Why a promotion is not made, or not changed.
public enum PromotionChangeError: Error, Equatable {
    case noSuchPromotion
    case changedMeanwhile
    case codeTaken
    /// It names a book or a category that is not there.
    case noSuchRestriction
    /// It has been used more often than that.
    case usedMoreOften
}

private struct NamedCurrency: Decodable {
    let currency: Currency
    let amount: Int?
    let minimum: Int
}

private struct PromotionRow: RowDecodable {
    let promotion: Promotion

    init(_ row: borrowing Row) throws(PostgresError) {
        promotion = Promotion(
            id: try row["id"], terms: try Self.terms(row), uses: try row["uses"],
            endedAt: try row["ended_at"],
            createdAt: try row["created_at"], version: try row["version"])
    }

    private static func terms(_ row: borrowing Row) throws(PostgresError) -> PromotionTerms {
        let code: PromotionCode = try row["code"], note: String = try row["note"]
        let percent: Int? = try row["percent"], maximumUses: Int? = try row["max_uses"]
        let validFrom: Date = try row["valid_from"], validUntil: Date? = try row["valid_until"]
        let audiobooks: [Audiobook.ID] = try row["audiobooks"]
        let categories: [Category.ID] = try row["categories"]
        let listed: [NamedCurrency] = try row.json("currencies")
        // What was written was checked before, so that it makes sense.
        let terms = try? PromotionTerms(
            code: code, reduction: reduction(percent, listed), minimums: minimums(listed),
            validFrom: validFrom, validUntil: validUntil, maximumUses: maximumUses,
            audiobooks: Set(audiobooks),
            categories: Set(categories), note: note)
        guard let terms else { preconditionFailure("a promotion in the records makes no sense") }
        return terms
    }

    private static func reduction(_ percent: Int?, _ listed: [NamedCurrency]) -> Promotion.Reduction {
        if let percent { return .percent(percent) }
        return .amounts(Set(listed.map { Money(minorUnits: $0.amount ?? 0, currency: $0.currency) }))
    }

    private static func minimums(_ listed: [NamedCurrency]) -> Set<Money> {
        Set(listed.filter { $0.minimum > 0 }.map { Money(minorUnits: $0.minimum, currency: $0.currency) })
    }
}

private let columns: SQL = """
    id, code, percent, max_uses, uses, lower(valid) AS valid_from, upper(valid) AS valid_until, ended_at, note,
    created_at, version,
    COALESCE((SELECT jsonb_agg(jsonb_build_object('currency', currency, 'amount', amount, 'minimum', minimum))
        FROM sales.promotion_currencies WHERE promotion_id = id), '[]') AS currencies,
    ARRAY(SELECT audiobook_id FROM sales.promotion_books WHERE promotion_id = id) AS audiobooks,
    ARRAY(SELECT category_id FROM sales.promotion_categories WHERE promotion_id = id) AS categories
    """

extension Transaction {
    public func make(_ terms: PromotionTerms, by admin: Principal.ID) throws -> Promotion {
        let id = Promotion.ID()
        do { try write(terms, as: id, by: admin) } catch let error as PostgresError {
            if error.constraint == "promotions_one_per_code" { throw PromotionChangeError.codeTaken }
            if error.state == .foreignKeyViolation { throw PromotionChangeError.noSuchRestriction }
            throw error
        }
        guard let made = try promotion(id) else { throw PromotionChangeError.noSuchPromotion }
        return made
    }

    private func write(_ terms: PromotionTerms, as id: Promotion.ID, by admin: Principal.ID) throws {
        let kind = terms.percent == nil ? "amount" : "percent"
        try run(
            """
            INSERT INTO sales.promotions (id, code, kind, percent, max_uses, valid, note, created_by)
            VALUES (\(id), \(terms.code), \(kind), \(terms.percent), \(terms.maximumUses),
                tstzrange(\(terms.validFrom)::timestamptz, \(terms.validUntil)::timestamptz), \(terms.note),
                \(admin))
            """)
        for currency in terms.currencies {
            try run(
                """
                INSERT INTO sales.promotion_currencies (promotion_id, kind, currency, amount, minimum)
                VALUES (\(id), \(kind), \(currency), \(terms.amount(in: currency)?.minorUnits),
                    \(terms.minimum(in: currency)?.minorUnits ?? 0))
                """)
        }
        try run(
            """
            INSERT INTO sales.promotion_books (promotion_id, audiobook_id)
            SELECT \(id), unnest(\(Array(terms.audiobooks))::uuid[])
            """)
        try run(
            """
            INSERT INTO sales.promotion_categories (promotion_id, category_id)
            SELECT \(id), unnest(\(Array(terms.categories))::uuid[])
            """)
    }

    public func promotion(_ id: Promotion.ID) throws -> Promotion? {
        let row: PromotionRow? = try first("SELECT \(columns) FROM sales.promotions WHERE id = \(id)")
        return row?.promotion
    }

    /// All there ever were, the newest first, a page at a time.
    public func promotions(after cursor: Cursor? = nil, size: PageSize = .standard) throws -> Page<Promotion>
    {
        var beyond: SQL = "true"
        if let cursor {
            guard cursor.list == "promotions", let made = Date(sqlText: cursor.key) else {
                throw ForeignCursor()
            }
            beyond = "(created_at, id) < (\(made)::timestamptz, \(cursor.id)::uuid)"
        }
        let rows: [PromotionRow] = try all(
            """
            SELECT \(columns) FROM sales.promotions WHERE \(beyond)
            ORDER BY created_at DESC, id DESC LIMIT \(constant: size.rawValue + 1)
            """)
        return Page(rows.map(\.promotion), size: size) {
            Cursor(list: "promotions", key: $0.createdAt.sqlText, id: $0.id.rawValue)
        }
    }

    /// Ends a promotion, or says anew how often it may be used and what it is for. What it takes off never
    /// changes: it has been promised. One that has ended stays so.
    public func change(_ id: Promotion.ID, _ change: PromotionChange, ifVersion version: Int) throws
        -> Promotion
    {
        let current: Int? = try value("SELECT version FROM sales.promotions WHERE id = \(id) FOR UPDATE")
        guard let current else { throw PromotionChangeError.noSuchPromotion }
        guard current == version else { throw PromotionChangeError.changedMeanwhile }
        do { try restate(id, change) } catch let error as PostgresError
            where error.constraint == "promotions_within_uses"
        {
            throw PromotionChangeError.usedMoreOften
        }
        guard let changed = try promotion(id) else { throw PromotionChangeError.noSuchPromotion }
        return changed
    }

    private func restate(_ id: Promotion.ID, _ change: PromotionChange) throws {
        try run(
            """
            UPDATE sales.promotions SET
                ended_at = CASE WHEN \(change.isEnded) THEN COALESCE(ended_at, now()) ELSE ended_at END,
                max_uses = COALESCE(\(change.maximumUses)::integer, max_uses),
                note = COALESCE(\(change.note), note), version = version + 1
            WHERE id = \(id)
            """)
    }
}
