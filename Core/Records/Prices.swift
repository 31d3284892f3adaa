public import Bookshop
public import FoundationEssentials
public import Postgres

extension BookPrice: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(
            id: try row["id"], currency: try row["currency"],
            stretch: PricePlan.Stretch(
                amount: try row["amount"], from: try row["begins"], until: try row["ends"],
                isSale: try row["is_sale"], since: try row["since"], setBy: try row["set_by"],
                setAt: try row["set_at"]))
    }
}

private let selectPrice: SQL = """
    SELECT id, currency, amount, lower(valid) AS begins, upper(valid) AS ends, is_sale, since, set_by, set_at
    FROM sales.prices
    """

extension Transaction {
    /// What a book has cost, costs and will cost, the latest first.
    public func prices(
        of book: Audiobook.ID, after cursor: Cursor? = nil, size: PageSize = .standard
    ) throws -> Page<BookPrice> {
        let list = "prices.\(book)"
        var beyond: SQL = "true"
        if let cursor {
            guard cursor.list == list, let begins = Date(sqlText: cursor.key) else { throw ForeignCursor() }
            beyond = "(lower(valid), id) < (\(begins)::timestamptz, \(cursor.id)::uuid)"
        }
        let prices: [BookPrice] = try all(
            """
            \(selectPrice) WHERE audiobook_id = \(book) AND \(beyond)
            ORDER BY lower(valid) DESC, id DESC LIMIT \(constant: size.rawValue + 1)
            """)
        return Page(prices, size: size) {
            Cursor(list: list, key: $0.stretch.from.sqlText, id: $0.id.rawValue)
        }
    }

    /// What it costs now, in every currency it has a price in.
    public func standingPrices(of book: Audiobook.ID) throws -> [Money] {
        let prices: [BookPrice] = try all(
            "\(selectPrice) WHERE audiobook_id = \(book) AND valid @> now() ORDER BY currency")
        return prices.map(\.price)
    }

    public func price(_ id: BookPrice.ID, of book: Audiobook.ID) throws -> BookPrice? {
        try first("\(selectPrice) WHERE id = \(id) AND audiobook_id = \(book)")
    }

    /// From now on, or from a later day. The price until then holds until then; one that is planned for later
    /// stays planned. The same price again changes nothing.
    @discardableResult
    public func setPrice(
        _ price: Money, of book: Audiobook.ID, from start: Date? = nil, by editor: Editor.ID,
        ifVersion version: Int? = nil
    ) throws -> BookPrice.ID {
        try plan(price.currency, of: book, ifVersion: version) {
            (plan: inout PricePlan, now: Date) throws(PriceError) in
            try plan.set(price.minorUnits, from: start ?? now, by: editor)
        }
        let id: BookPrice.ID = try only(
            """
            SELECT id FROM sales.prices
            WHERE audiobook_id = \(book) AND currency = \(price.currency) AND NOT is_sale
                AND since <= COALESCE(\(start)::timestamptz, now())
            ORDER BY since DESC, lower(valid) DESC LIMIT 1
            """)
        return id
    }

    /// For a time only; afterwards the price that is now, or is planned for then, holds again.
    public func sell(
        _ book: Audiobook.ID, at price: Money, from start: Date? = nil, until end: Date, by editor: Editor.ID
    ) throws -> BookPrice.ID {
        try plan(price.currency, of: book) { (plan: inout PricePlan, now: Date) throws(PriceError) in
            try plan.sell(at: price.minorUnits, from: start ?? now, until: end, by: editor)
        }
        return try only(
            """
            SELECT id FROM sales.prices
            WHERE audiobook_id = \(book) AND currency = \(price.currency) AND is_sale
                AND lower(valid) = COALESCE(\(start)::timestamptz, now())
            """)
    }

    /// Takes back a price that has not begun, and ends a sale that has.
    public func removePrice(_ id: BookPrice.ID, of book: Audiobook.ID, by editor: Editor.ID) throws {
        guard let price = try price(id, of: book) else { throw PriceError.noSuchPrice }
        try plan(price.currency, of: book) { (plan: inout PricePlan, now: Date) throws(PriceError) in
            if let end = price.stretch.until, end <= now { throw .begun }
            try plan.remove(price.stretch)
        }
        try audit(
            "price.removed", of: book.description, by: editor,
            before: Noted(price.price, price.stretch.from, price.stretch.until))
    }

    /// Changes what is planned of one currency. Whoever does so waits for whoever does.
    private func plan(
        _ currency: Currency, of book: Audiobook.ID, ifVersion version: Int? = nil,
        _ change: (inout PricePlan, Date) throws(PriceError) -> Void
    ) throws {
        let current = try lock(book)
        if let version, version != current.version {
            throw CatalogueError.changedMeanwhile(version: current.version)
        }
        let now: Date = try only("SELECT now()")
        let standing: [BookPrice] = try all(
            """
            \(selectPrice)
            WHERE audiobook_id = \(book) AND currency = \(currency)
                AND (upper(valid) IS NULL OR upper(valid) > now())
            ORDER BY lower(valid)
            """)
        var plan = PricePlan(standing.map(\.stretch), now: now)
        try change(&plan, now)
        let stretches = try plan.stretches()
        guard stretches != standing.map(\.stretch) else { return }
        try write(stretches, over: standing, of: currency, for: book, now: now)
        try touch(book)
    }

    /// Rows keep their beginning: those that are planned no more go, those that end otherwise are ended
    /// first, for no two may overlap at any moment.
    private func write(
        _ stretches: [PricePlan.Stretch], over standing: [BookPrice], of currency: Currency,
        for book: Audiobook.ID, now: Date
    ) throws {
        var kept: [(id: BookPrice.ID, was: PricePlan.Stretch, is: PricePlan.Stretch)] = []
        for price in standing {
            if let same = stretches.first(where: { $0.isSame(as: price.stretch) }) {
                kept.append((price.id, price.stretch, same))
            } else if price.stretch.from >= now {
                try run("DELETE FROM sales.prices WHERE id = \(price.id)")
            } else {
                try end(price.id, at: now)
            }
        }
        for isLater in [false, true] {
            for (id, was, stretch) in kept
            where was.until != stretch.until && stretch.ends(after: was) == isLater {
                try end(id, at: stretch.until)
            }
        }
        for stretch in stretches where !standing.contains(where: { $0.stretch.isSame(as: stretch) }) {
            try run(
                """
                INSERT INTO sales.prices (audiobook_id, currency, amount, valid, is_sale, since, set_by, set_at)
                VALUES (\(book), \(currency), \(stretch.amount), tstzrange(\(stretch.from), \(stretch.until)),
                    \(stretch.isSale), \(stretch.since), \(stretch.setBy), \(stretch.setAt))
                """)
            guard let editor = stretch.setBy, stretch.since == stretch.from else { continue }
            let price = Money(minorUnits: stretch.amount, currency: currency)
            try audit(
                "price.set", of: book.description, by: editor,
                after: Noted(price, stretch.from, stretch.until))
        }
    }

    private func end(_ price: BookPrice.ID, at end: Date?) throws {
        try run("UPDATE sales.prices SET valid = tstzrange(lower(valid), \(end)) WHERE id = \(price)")
    }
}

extension PricePlan.Stretch {
    fileprivate func isSame(as other: Self) -> Bool {
        (amount, from, isSale, since) == (other.amount, other.from, other.isSale, other.since)
    }

    fileprivate func ends(after other: Self) -> Bool {
        guard let end = other.until else { return false }
        return until.map { $0 > end } ?? true
    }
}

/// A price as the audit log tells it.
private struct Noted: Encodable {
    let price: Money
    let from: Date
    let until: Date?
    init(_ price: Money, _ from: Date, _ until: Date?) {
        (self.price, self.from, self.until) = (price, from, until)
    }
}
