import Bookshop
import Postgres

// What makes an edition out of files that were found to be good.

/// A file that is stored for good, and what it was found to last the first time.
struct StoredAsset: RowDecodable {
    let id: AudioAsset.ID
    /// None of a picture.
    let duration: Int

    init(id: AudioAsset.ID, duration: Int) { (self.id, self.duration) = (id, duration) }

    init(_ row: borrowing Row) throws(PostgresError) {
        let duration: Int? = try row["duration_ms"]
        (id, self.duration) = (try row["id"], duration ?? 0)
    }
}

extension Transaction {
    /// The same bytes are one asset, wherever they were sent.
    func store(_ upload: Upload, mediaType: String, _ probe: AudioProbe?) throws -> StoredAsset {
        let file = upload.declared
        try run(
            """
            INSERT INTO catalogue.assets (sha256, part_bytes, bytes, media_type, codec, bits_per_second,
                sample_rate, duration_ms, bucket, object_key, visibility)
            VALUES (\(file.checksum.digest), \(file.checksum.partBytes), \(file.bytes), \(mediaType),
                \(probe?.codec), \(probe?.bitsPerSecond), \(probe?.sampleRate),
                \(probe?.durationMilliseconds), \(upload.bucket), \(upload.objectKey), 'private')
            ON CONFLICT (sha256, visibility) DO NOTHING
            """)
        return try certain(
            """
            SELECT id, duration_ms FROM catalogue.assets
            WHERE sha256 = \(file.checksum.digest) AND visibility = 'private' AND bytes = \(file.bytes)
            """)
    }

    /// The edition a book has now, if it plays just these files.
    func standing(of book: Audiobook.ID, playing assets: [AudioAsset.ID]) throws -> Edition.ID? {
        _ = try lock(book)
        return try value(
            """
            SELECT current_edition_id FROM catalogue.audiobooks AS book
            WHERE id = \(book) AND (SELECT array_agg(asset_id ORDER BY position) FROM catalogue.tracks
                WHERE edition_id = current_edition_id) = \(assets)::uuid[]
            """)
    }

    /// Makes an edition of files, one after the other, with chapters for a book of this title, and puts it
    /// in the place of the one before.
    func seal(
        _ files: [StoredAsset], of book: Audiobook.ID, source: String,
        chapters: (_ title: String) -> [Chapter]
    ) throws -> Edition.ID {
        let title: String = try only("SELECT title FROM catalogue.audiobooks WHERE id = \(book)")
        let duration = files.reduce(0) { $0 + $1.duration }
        let edition: Edition.ID = try only(
            """
            INSERT INTO catalogue.editions (audiobook_id, number, duration_ms)
            SELECT \(book), COALESCE(max(number), 0) + 1, \(duration)
            FROM catalogue.editions WHERE audiobook_id = \(book)
            RETURNING id
            """)
        try run(
            """
            INSERT INTO catalogue.tracks (edition_id, position, asset_id, start_ms, duration_ms)
            SELECT \(edition), position, asset, sum(duration) OVER (ORDER BY position) - duration, duration
            FROM unnest(\(files.map(\.id))::uuid[], \(files.map(\.duration))::bigint[])
                WITH ORDINALITY AS file (asset, duration, position)
            """)
        try write(chapters(title), of: edition, source: source)
        try run("UPDATE catalogue.editions SET sealed_at = now() WHERE id = \(edition)")
        try run("UPDATE catalogue.audiobooks SET current_edition_id = \(edition) WHERE id = \(book)")
        try touch(book)
        return edition
    }

    /// Nobody pays for the words of an edition that is gone before they were written.
    func cancelWords(of book: Audiobook.ID, besides edition: Edition.ID) throws {
        try run(
            """
            UPDATE production.transcripts SET state = 'cancelled', failure = NULL
            WHERE state IN ('planned', 'running', 'failed') AND edition_id IN (
                SELECT id FROM catalogue.editions WHERE audiobook_id = \(book) AND id <> \(edition))
            """)
    }

    /// The one that is there or being made, or else one to be made.
    func transcript(for edition: Edition.ID) throws -> Transcript.ID {
        let standing: Transcript.ID? = try value(
            """
            SELECT id FROM production.transcripts
            WHERE edition_id = \(edition) AND state NOT IN ('cancelled', 'superseded')
            ORDER BY created_at DESC LIMIT 1
            """)
        if let standing { return standing }
        return try only(
            """
            INSERT INTO production.transcripts (edition_id, language)
            SELECT id, language FROM (
                SELECT edition.id, language FROM catalogue.editions AS edition
                    JOIN catalogue.audiobooks AS book ON book.id = audiobook_id
                WHERE edition.id = \(edition)) AS recorded
            RETURNING id
            """)
    }
}
