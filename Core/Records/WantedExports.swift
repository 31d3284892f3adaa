public import Bookshop
public import Postgres

private struct ClaimedRow: RowDecodable {
    let book: Audiobook.ID
    let format: Export.Format
    let bucket: String
    let objectKey: String
    let attempt: Int
    let leftover: String?

    init(_ row: borrowing Row) throws(PostgresError) {
        (book, format, bucket) = (try row["audiobook_id"], try row["format"], try row["bucket"])
        (objectKey, attempt, leftover) = (
            try row["object_key"], try row["attempts"], try row["storage_upload_id"]
        )
    }
}

private struct LabelledBook: RowDecodable {
    let labels: BookLabels
    let edition: Edition.ID
    let transcript: Transcript.ID?
    let cover: (bucket: String, objectKey: String)?

    init(_ row: borrowing Row) throws(PostgresError) {
        labels = BookLabels(
            title: try row["title"], subtitle: try row["subtitle"], description: try row["description"],
            language: try row["language"], authors: try row["authors"], narrators: try row["narrators"],
            series: try row.json("series"))
        (edition, transcript) = (try row["current_edition_id"], try row["transcript_id"])
        let key: String? = try row["object_key"], bucket: String? = try row["bucket"]
        cover = key.flatMap { key in bucket.map { ($0, key) } }
    }
}

/// A phrase by what is written of it.
private struct Phrase: RowDecodable {
    let segment: Segment
    init(_ row: borrowing Row) throws(PostgresError) {
        segment = Segment(
            position: try row["position"], span: try row.span(), text: try row["text"], words: [],
            chapter: try row["chapter"])
    }
}

extension Transaction {
    /// Takes on the making, unless it is made, another is at it, or it was tried often enough: then it is given up.
    /// What it is made of is read in the same snapshot in which that is noted, so this wants more than READ COMMITTED.
    public func claimExport(_ id: Export.ID, leaseSeconds: Int) throws -> ClaimedExport? {
        try run(
            """
            UPDATE production.exports
            SET state = 'failed', failure = COALESCE(failure, 'worker-lost'), lease = NULL, leased_until = NULL
            WHERE id = \(id) AND state = 'making' AND leased_until <= clock_timestamp()
                AND attempts >= \(Export.maximumAttempts)
            """)
        let lease = Lease()
        let row: ClaimedRow? = try first(
            """
            UPDATE production.exports
            SET state = 'making', attempts = attempts + 1, lease = \(lease),
                leased_until = clock_timestamp() + make_interval(secs => \(leaseSeconds)),
                content = production.export_content(audiobook_id, format)
            WHERE id = \(id) AND (state = 'wanted' OR state = 'making' AND leased_until <= clock_timestamp())
            RETURNING audiobook_id, format, bucket, object_key, attempts, storage_upload_id
            """)
        guard let row else { return nil }
        let book: LabelledBook = try certain(
            """
            SELECT title, subtitle, description, book.language, current_edition_id, transcript.id AS transcript_id,
                ARRAY(\(names(of: .author))) AS authors, ARRAY(\(names(of: .narrator))) AS narrators,
                (SELECT COALESCE(jsonb_agg(jsonb_build_object('name', series.name, 'label', label,
                    'sortKey', sort_key) ORDER BY lower(series.name), series.id), '[]')
                FROM catalogue.series_entries JOIN catalogue.series ON series.id = series_id
                WHERE audiobook_id = book.id) AS series, cover.bucket, cover.object_key
            FROM catalogue.audiobooks AS book
                LEFT JOIN production.transcripts AS transcript
                    ON transcript.edition_id = current_edition_id AND transcript.state = 'ready'
                LEFT JOIN catalogue.cover_sizes AS size
                    ON size.cover_id = cover_asset_id AND size.pixels = \(CoverSize.large.rawValue)
                LEFT JOIN catalogue.assets AS cover ON cover.id = size.asset_id
            WHERE book.id = \(row.book)
            """)
        var phrases: [Phrase] = []
        if row.format == .epub, let transcript = book.transcript {
            phrases = try all(
                """
                SELECT position, start_ms, end_ms, chapter, text FROM production.transcript_segments
                WHERE transcript_id = \(transcript) ORDER BY position
                """)
        }
        return ClaimedExport(
            id: id, audiobook: row.book, format: row.format, bucket: row.bucket, objectKey: row.objectKey,
            attempt: row.attempt, lease: lease, leftover: row.leftover, labels: book.labels,
            cover: book.cover, chapters: try chapters(of: book.edition), tracks: try tracks(of: book.edition),
            phrases: phrases.map(\.segment))
    }

    /// Notes by what name the storage knows the parts that are being sent; none, when they are one or gone.
    public func note(parts name: String?, of export: ClaimedExport) throws {
        try keep(export, "storage_upload_id = \(name)")
    }

    /// It is there. Throws `LeaseLost` when it is another's by now, or nobody's.
    public func complete(_ export: ClaimedExport, bytes: Int) throws {
        try keep(
            export,
            """
            state = 'ready', bytes = \(bytes), ready_at = clock_timestamp(), failure = NULL, lease = NULL,
            leased_until = NULL, storage_upload_id = NULL
            """)
    }

    /// Gives the making back, or up after the last attempt; answers whether it was given up.
    public func fail(_ export: ClaimedExport, because failure: String, isFinal: Bool) throws -> Bool {
        let isLast = isFinal || export.attempt >= Export.maximumAttempts
        try keep(
            export,
            """
            state = \(isLast ? Export.State.failed : .wanted), failure = \(failure), lease = NULL,
            leased_until = NULL, sent_at = clock_timestamp()
            """)
        return isLast
    }

    private func keep(_ export: ClaimedExport, _ change: SQL) throws {
        let kept = try run(
            "UPDATE production.exports SET \(change) WHERE id = \(export.id) AND lease = \(export.lease)")
        guard kept == 1 else { throw LeaseLost() }
    }

    /// What should have been made and is not. It counts as sent again from now on.
    public func lostExports(idleSeconds: Int, limit: Int) throws -> [Export.ID] {
        try values(
            """
            UPDATE production.exports SET sent_at = clock_timestamp()
            WHERE id IN (
                SELECT id FROM production.exports
                WHERE (state = 'wanted' OR state = 'making' AND leased_until <= clock_timestamp())
                    AND COALESCE(sent_at, created_at)
                        <= clock_timestamp() - make_interval(secs => \(idleSeconds))
                ORDER BY created_at LIMIT \(limit) FOR UPDATE SKIP LOCKED)
            RETURNING id
            """)
    }
}
