public import Bookshop
public import Postgres

extension Export: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(
            id: try row["id"], format: try row["format"], state: try row["state"], bucket: try row["bucket"],
            objectKey: try row["object_key"], bytes: try row["bytes"], failure: try row["failure"],
            readyAt: try row["ready_at"], isCurrent: try row["is_current"])
    }
}

private let selectExport: SQL = """
    SELECT id, format, state, bucket, object_key, bytes, failure, ready_at,
        COALESCE(content = production.export_content(audiobook_id, format), false) AS is_current
    FROM production.exports
    """

extension Transaction {
    /// As what files an editor lets a book be had, in the order of their names.
    public func allowedExports(of book: Audiobook.ID) throws -> [Export.Format] {
        let allowed: [Export.Format]? = try value(
            "SELECT exports FROM catalogue.audiobooks WHERE id = \(book)")
        return (allowed ?? []).sorted { $0.rawValue < $1.rawValue }
    }

    /// What a file of it is called after.
    public func title(of book: Audiobook.ID) throws -> String {
        try only("SELECT title FROM catalogue.audiobooks WHERE id = \(book)")
    }

    /// Lets a book be had as these files and no others. What is there of the others goes.
    public func allow(
        _ formats: [Export.Format], of book: Audiobook.ID, by editor: Editor.ID, ifVersion version: Int
    ) throws {
        let current = try lock(book)
        guard current.version == version else {
            throw CatalogueError.changedMeanwhile(version: current.version)
        }
        let former = try allowedExports(of: book)
        let formats = formats.sorted { $0.rawValue < $1.rawValue }
        guard formats != former else { return }
        try run("UPDATE catalogue.audiobooks SET exports = \(formats)::text[] WHERE id = \(book)")
        try supersede("audiobook_id = \(book) AND format <> ALL (\(formats)::text[])")
        try audit(
            "exports.allowed", of: book.description, by: editor, before: ["formats": former],
            after: ["formats": formats])
        try touch(book)
    }

    /// What there is of a book, or is being made.
    public func exports(of book: Audiobook.ID) throws -> [Export] {
        try all("\(selectExport) WHERE audiobook_id = \(book) AND state <> 'superseded' ORDER BY format")
    }

    /// Asks for a book as a file, of what the book says now; answers whether that is news. READ COMMITTED: of two who
    /// ask at once the second finds what the first asked for.
    public func want(
        _ format: Export.Format, of book: Audiobook.ID, in bucket: String
    ) throws -> (export: Export, isNew: Bool) {
        let standing: Export? = try first(
            """
            \(selectExport) WHERE audiobook_id = \(book) AND format = \(format) AND state <> 'superseded' FOR UPDATE
            """)
        switch standing?.state {
        case .wanted, .making: return (standing!, false)
        case .ready where standing!.isCurrent: return (standing!, false)
        case .ready, .superseded: try supersede("id = \(standing!.id)")
        case .failed:
            try run(
                """
                UPDATE production.exports
                SET state = 'wanted', attempts = 0, sent_at = clock_timestamp() WHERE id = \(standing!.id)
                """)
            return (try certain("\(selectExport) WHERE id = \(standing!.id)"), true)
        case nil: break
        }
        let isNew = try run(
            """
            INSERT INTO production.exports (audiobook_id, format, bucket)
            VALUES (\(book), \(format), \(bucket))
            ON CONFLICT (audiobook_id, format) WHERE state <> 'superseded' DO NOTHING
            """)
        let wanted: Export = try certain(
            "\(selectExport) WHERE audiobook_id = \(book) AND format = \(format) AND state <> 'superseded'")
        return (wanted, isNew == 1)
    }

    private func supersede(_ which: SQL) throws {
        try run(
            """
            UPDATE production.exports
            SET state = 'superseded', superseded_at = clock_timestamp(), lease = NULL, leased_until = NULL
            WHERE state <> 'superseded' AND \(which)
            """)
    }

    /// Those nobody is given an address of for so long that no download of them goes on, for their files to be removed.
    public func supersededExports(graceSeconds: Int, limit: Int) throws -> [SupersededExport] {
        try all(
            """
            SELECT id, bucket, object_key, storage_upload_id FROM production.exports
            WHERE state = 'superseded'
                AND superseded_at <= clock_timestamp() - make_interval(secs => \(graceSeconds))
            ORDER BY superseded_at LIMIT \(limit)
            """)
    }

    /// Its file is gone.
    public func forget(_ export: SupersededExport) throws {
        try run("DELETE FROM production.exports WHERE id = \(export.id) AND state = 'superseded'")
    }
}

extension SupersededExport: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(
            id: try row["id"], bucket: try row["bucket"], objectKey: try row["object_key"],
            multipart: try row["storage_upload_id"])
    }
}
