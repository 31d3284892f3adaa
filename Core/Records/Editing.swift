public import Bookshop
public import Postgres

extension Transaction {
    /// A draft, named in addresses after its title; the second of one title is numbered.
    public func create(_ description: BookDescription, by editor: Editor.ID) throws -> Audiobook.ID {
        let base = Slug(of: description.title)
        let slug: Slug = try only(
            """
            SELECT slug FROM (
                SELECT 1 AS number, \(base)::text AS slug
                UNION ALL SELECT number, \(base) || '-' || number FROM generate_series(2, 9999) AS number
            ) AS candidates
            WHERE NOT EXISTS (SELECT 1 FROM catalogue.audiobooks AS taken WHERE taken.slug = candidates.slug)
            ORDER BY number LIMIT 1
            """)
        let id = Audiobook.ID()
        try run(
            """
            INSERT INTO catalogue.audiobooks (id, slug, title, subtitle, description, language, created_by)
            VALUES (\(id), \(slug), \(description.title), \(description.subtitle), \(description.text),
                \(description.language), \(editor))
            """)
        try credit(description.people, to: id)
        try emit(
            .audiobookCreated, about: id.description, once: id.description, ["audiobook": id.description])
        return id
    }

    /// Replaces what is said of a book, unless somebody else did since `version`.
    public func describe(
        _ book: Audiobook.ID, as description: BookDescription, ifVersion version: Int
    ) throws {
        let current = try lock(book)
        guard current.version == version else {
            throw CatalogueError.changedMeanwhile(version: current.version)
        }
        try run(
            """
            UPDATE catalogue.audiobooks
            SET title = \(description.title), subtitle = \(description.subtitle),
                description = \(description.text), language = \(description.language)
            WHERE id = \(book)
            """)
        try run("DELETE FROM catalogue.audiobook_contributors WHERE audiobook_id = \(book)")
        try credit(description.people, to: book)
        try touch(book)
    }

    /// From now on; the price until now ends now. The same price again changes nothing.
    public func setPrice(
        _ price: Money, of book: Audiobook.ID, by editor: Editor.ID, ifVersion version: Int? = nil
    ) throws {
        let current = try lock(book)
        if let version, version != current.version {
            throw CatalogueError.changedMeanwhile(version: current.version)
        }
        let standing: Int? = try value(
            """
            SELECT amount FROM sales.prices
            WHERE audiobook_id = \(book) AND currency = \(price.currency) AND valid @> now()
            """)
        guard standing != price.minorUnits else { return }
        // What begins at this very moment or later was never in force.
        try run(
            """
            DELETE FROM sales.prices
            WHERE audiobook_id = \(book) AND currency = \(price.currency) AND lower(valid) >= now()
            """)
        try run(
            """
            UPDATE sales.prices SET valid = tstzrange(lower(valid), now())
            WHERE audiobook_id = \(book) AND currency = \(price.currency) AND valid @> now()
            """)
        try run(
            """
            INSERT INTO sales.prices (audiobook_id, currency, amount, valid, set_by)
            VALUES (\(book), \(price.currency), \(price.minorUnits), tstzrange(now(), NULL), \(editor))
            """)
        try touch(book)
    }

    /// Puts a book on sale, if it has all that takes.
    public func publish(_ book: Audiobook.ID, ifVersion version: Int) throws {
        let missing: Gaps =
            try first(
                """
                SELECT current_edition_id IS NULL AS recording,
                    NOT EXISTS (SELECT 1 FROM sales.prices
                        WHERE audiobook_id = book.id AND valid @> now()) AS price,
                    NOT EXISTS (SELECT 1 FROM catalogue.audiobook_contributors
                        WHERE audiobook_id = book.id AND role = 'author') AS author
                FROM catalogue.audiobooks AS book WHERE id = \(book)
                """) ?? Gaps(missing: [])
        guard missing.missing.isEmpty else { throw CatalogueError.cannotPublish(missing.missing) }
        try move(book, to: .published, ifVersion: version)
    }

    /// Takes a book off sale. Who owns it keeps it.
    public func archive(_ book: Audiobook.ID, ifVersion version: Int) throws {
        try move(book, to: .archived, ifVersion: version)
    }

    /// On sale only for who knows its name.
    public func unlist(_ book: Audiobook.ID, ifVersion version: Int) throws {
        try move(book, to: .unlisted, ifVersion: version)
    }

    /// What is there already changes nothing, so that a repetition is no conflict.
    private func move(_ book: Audiobook.ID, to state: Audiobook.State, ifVersion version: Int) throws {
        let current = try lock(book)
        guard current.state != state else { return }
        guard current.version == version else {
            throw CatalogueError.changedMeanwhile(version: current.version)
        }
        let isLegal: Bool = try only(
            """
            SELECT EXISTS (SELECT 1 FROM plumbing.legal_transition
                WHERE machine = 'audiobook' AND from_state = \(current.state) AND to_state = \(state))
            """)
        guard isLegal else { throw CatalogueError.illegalTransition(from: current.state, to: state) }
        try run(
            """
            UPDATE catalogue.audiobooks
            SET state = \(state), published_at = CASE WHEN \(state == .published)
                THEN COALESCE(published_at, now()) ELSE published_at END
            WHERE id = \(book)
            """)
        try touch(book)
    }

    private func lock(_ book: Audiobook.ID) throws -> LockedBook {
        let locked: LockedBook? = try first(
            "SELECT state, version FROM catalogue.audiobooks WHERE id = \(book) FOR UPDATE")
        guard let locked else { throw CatalogueError.noSuchBook }
        return locked
    }

    /// A new version, and the word that there is one.
    func touch(_ book: Audiobook.ID) throws {
        let version: Int = try only(
            """
            UPDATE catalogue.audiobooks SET version = version + 1, updated_at = now()
            WHERE id = \(book) RETURNING version
            """)
        try emit(
            .audiobookUpdated, about: book.description, once: "\(book):\(version)",
            ["audiobook": book.description])
    }

    private func credit(_ people: [Credit], to book: Audiobook.ID) throws {
        var positions: [Credit.Role: Int] = [:]
        for person in people {
            positions[person.role, default: 0] += 1
            try run(
                """
                INSERT INTO catalogue.contributors (name, sort_name)
                VALUES (\(person.name), \(person.sortName))
                ON CONFLICT (name, distinction) DO NOTHING
                """)
            try run(
                """
                INSERT INTO catalogue.audiobook_contributors (audiobook_id, role, position, contributor_id)
                SELECT \(book), \(person.role), \(positions[person.role]), id
                FROM catalogue.contributors WHERE name = \(person.name) AND distinction = ''
                """)
        }
    }
}

private struct LockedBook: RowDecodable {
    let state: Audiobook.State
    let version: Int
    init(_ row: borrowing Row) throws(PostgresError) {
        (state, version) = (try row["state"], try row["version"])
    }
}

private struct Gaps: RowDecodable {
    let missing: Set<PublicationGap>
    init(missing: Set<PublicationGap>) { self.missing = missing }

    init(_ row: borrowing Row) throws(PostgresError) {
        var missing: Set<PublicationGap> = []
        for gap in PublicationGap.allCases where try row[gap.rawValue] { missing.insert(gap) }
        self.missing = missing
    }
}
