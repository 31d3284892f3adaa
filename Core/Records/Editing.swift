public import Bookshop
public import Postgres

extension Transaction {
    /// A draft, named in addresses after its title; the second of one title is numbered.
    public func create(_ description: BookDescription, by editor: Editor.ID) throws -> Audiobook.ID {
        let slug = try freeSlug(like: Slug(of: description.title), in: "audiobooks")
        let id = Audiobook.ID()
        try run(
            """
            INSERT INTO catalogue.audiobooks
                (id, slug, title, subtitle, description, language, isbn13, created_by)
            VALUES (\(id), \(slug), \(description.title), \(description.subtitle), \(description.text),
                \(description.language), \(description.isbn13), \(editor))
            """, unless: ["audiobooks_isbn13_key": DescriptionError.isbnTaken])
        try place(description, id)
        try emit(
            .audiobookCreated, about: id.description, once: id.description, ["audiobook": id.description])
        try audit("audiobook.created", of: id.description, by: editor)
        return id
    }

    /// Replaces all that is said of a book, unless somebody else did since `version`.
    public func describe(
        _ book: Audiobook.ID, as description: BookDescription, by editor: Editor.ID? = nil,
        ifVersion version: Int
    ) throws {
        let current = try lock(book)
        guard current.version == version else {
            throw CatalogueError.changedMeanwhile(version: current.version)
        }
        try run(
            """
            UPDATE catalogue.audiobooks
            SET title = \(description.title), subtitle = \(description.subtitle),
                description = \(description.text), language = \(description.language),
                isbn13 = \(description.isbn13)
            WHERE id = \(book)
            """, unless: ["audiobooks_isbn13_key": DescriptionError.isbnTaken])
        for table in ["audiobook_contributors", "series_entries", "audiobook_categories"] {
            try run("DELETE FROM catalogue.\(identifier: table) WHERE audiobook_id = \(book)")
        }
        try place(description, book)
        try audit("audiobook.described", of: book.description, by: editor)
        try touch(book)
    }

    /// The first of a name has it plain in addresses, the next are numbered. Whoever looks for the same one
    /// waits.
    func freeSlug(like base: Slug, in table: String) throws -> Slug {
        try run("SELECT pg_advisory_xact_lock(hashtext(\(table + "/" + base.rawValue)))")
        return try only(
            """
            SELECT slug FROM (
                SELECT 1 AS number, \(base)::text AS slug
                UNION ALL SELECT number, \(base) || '-' || number FROM generate_series(2, 9999) AS number
            ) AS candidates
            WHERE NOT EXISTS (
                SELECT 1 FROM catalogue.\(identifier: table) AS taken WHERE taken.slug = candidates.slug)
            ORDER BY number LIMIT 1
            """)
    }

    /// Puts a book on sale, if it has all that takes.
    public func publish(_ book: Audiobook.ID, by editor: Editor.ID? = nil, ifVersion version: Int) throws {
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
        try move(book, to: .published, by: editor, ifVersion: version)
    }

    /// Takes a book off sale. Who owns it keeps it.
    public func archive(_ book: Audiobook.ID, by editor: Editor.ID? = nil, ifVersion version: Int) throws {
        try move(book, to: .archived, by: editor, ifVersion: version)
    }

    /// Takes a book away that never was on sale, with its uploads, recordings, words and summaries. What is
    /// stored of it goes with the next cleanups. Only in `readCommitted`, which sees what those it waited for
    /// have done.
    public func erase(_ book: Audiobook.ID, by editor: Editor.ID, ifVersion version: Int) throws {
        let current = try lock(book)
        guard current.version == version else {
            throw CatalogueError.changedMeanwhile(version: current.version)
        }
        guard try only("SELECT catalogue.erase_draft(\(book))") else { throw CatalogueError.notErasable }
        try audit("audiobook.erased", of: book.description, by: editor, before: ["state": current.state])
    }

    /// On sale only for who knows its name.
    public func unlist(_ book: Audiobook.ID, by editor: Editor.ID? = nil, ifVersion version: Int) throws {
        try move(book, to: .unlisted, by: editor, ifVersion: version)
    }

    /// What is there already changes nothing, so that a repetition is no conflict.
    private func move(
        _ book: Audiobook.ID, to state: Audiobook.State, by editor: Editor.ID?, ifVersion version: Int
    ) throws {
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
        try audit(
            "audiobook.\(state.rawValue)", of: book.description, by: editor, before: ["state": current.state],
            after: ["state": state])
        try touch(book)
    }

    func lock(_ book: Audiobook.ID) throws -> LockedBook {
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
}

struct LockedBook: RowDecodable {
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
