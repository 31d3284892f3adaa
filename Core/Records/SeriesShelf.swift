public import Bookshop
public import Postgres

extension Series: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(
            id: try row["id"], slug: try row["slug"], name: try row["name"],
            description: try row["description"], version: try row["version"])
    }
}

private let columns: SQL = "series.id, series.slug, series.name, series.description, series.version"

extension Viewer {
    fileprivate func knowsSeries(by books: SQL) -> SQL {
        guard self != .editor else { return "true" }
        return """
            EXISTS (SELECT 1 FROM catalogue.series_entries JOIN catalogue.audiobooks AS book
                    ON book.id = audiobook_id
                WHERE series_id = series.id AND \(books))
            """
    }
}

extension Transaction {
    /// Series of which a book is on sale, by name.
    public func series(
        seenBy viewer: Viewer, after cursor: Cursor? = nil, size: PageSize = .standard
    ) throws -> Page<Series> {
        let series: [Keyed<Series>] = try all(
            """
            SELECT \(columns), lower(series.name) AS key FROM catalogue.series
            WHERE \(viewer.knowsSeries(by: viewer.seesListed))
                AND \(try beyond(cursor, of: "series", "lower(series.name)", "series.id"))
            ORDER BY lower(series.name), series.id LIMIT \(constant: size.rawValue + 1)
            """)
        return Page(series, size: size, of: "series") { $0.id.rawValue }
    }

    public func series(_ reference: Reference<Series>, seenBy viewer: Viewer) throws -> Series? {
        try first(
            """
            SELECT \(columns) FROM catalogue.series
            WHERE \(reference.names("series")) AND \(viewer.knowsSeries(by: viewer.seesPage))
            """)
    }

    /// Its books as they follow one another.
    public func books(
        of series: Series.ID, seenBy viewer: Viewer, after cursor: Cursor? = nil, size: PageSize = .standard
    ) throws -> Page<ShelvedBook> {
        let list = "books.\(series)"
        var beyond: SQL = "true"
        if let cursor {
            guard cursor.list == list, let thousandths = Int(cursor.key) else { throw ForeignCursor() }
            beyond = "(sort_key, book.id) > (\(thousandths)::bigint / 1000.0, \(cursor.id)::uuid)"
        }
        let books: [Keyed<ShelvedBook>] = try all(
            """
            SELECT book.id, slug, title, subtitle, state, cover_asset_id IS NOT NULL AS has_cover, published_at,
                (sort_key * 1000)::bigint::text AS key, NULL::text[] AS roles, label,
                (sort_key * 1000)::bigint AS thousandths
            FROM catalogue.series_entries JOIN catalogue.audiobooks AS book ON book.id = audiobook_id
            WHERE series_id = \(series) AND \(viewer.seesListed) AND \(beyond)
            ORDER BY sort_key, book.id LIMIT \(constant: size.rawValue + 1)
            """)
        return Page(books, size: size, of: list) { $0.id.rawValue }
    }

    public func create(_ series: SeriesDescription, by editor: Editor.ID) throws -> Series.ID {
        let id = Series.ID()
        try run(
            """
            INSERT INTO catalogue.series (id, name, description) VALUES (\(id), \(series.name), \(series.text))
            """)
        try audit("series.created", of: id.description, by: editor)
        return id
    }

    /// Replaces all that is said of a series, unless somebody else did since `version`. Its address stays.
    public func describe(
        _ id: Series.ID, as series: SeriesDescription, by editor: Editor.ID, ifVersion version: Int
    ) throws {
        try expect(version, of: id.rawValue, in: "series")
        try run(
            """
            UPDATE catalogue.series
            SET name = \(series.name), description = \(series.text), version = version + 1 WHERE id = \(id)
            """)
        try audit("series.described", of: id.description, by: editor)
    }
}
