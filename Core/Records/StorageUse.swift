public import Bookshop
public import Postgres

/// How many objects there are of a kind, and what they weigh.
public struct StoredKind: RowDecodable, Hashable, Sendable {
    public enum Kind: String, CaseIterable, Codable, Sendable { case recording, cover, sample, other }

    public let kind: Kind
    public let objects: Int
    public let bytes: Int

    public init(_ row: borrowing Row) throws(PostgresError) {
        (kind, objects, bytes) = (try row["kind"], try row["objects"], try row["bytes"])
    }
}

/// Recordings that were replaced, as far as no edition on sale still has their files.
public struct SupersededEditions: RowDecodable, Hashable, Sendable {
    public let editions: Int
    public let objects: Int
    public let bytes: Int

    public init(_ row: borrowing Row) throws(PostgresError) {
        (editions, objects, bytes) = (try row["editions"], try row["objects"], try row["bytes"])
    }
}

/// Uploads in one state that may still end well. Their bytes are those declared: nobody has counted them yet.
public struct UnfinishedUploads: RowDecodable, Hashable, Sendable {
    public let state: Upload.State
    public let uploads: Int
    public let declaredBytes: Int

    public init(_ row: borrowing Row) throws(PostgresError) {
        (state, uploads, declaredBytes) = (try row["state"], try row["uploads"], try row["bytes"])
    }
}

/// What the recordings of a book weigh, in all of its editions.
public struct RecordingWeight: RowDecodable, Hashable, Sendable {
    public let audiobook: Audiobook.ID
    public let title: String
    public let objects: Int
    public let bytes: Int

    public init(_ row: borrowing Row) throws(PostgresError) {
        (audiobook, title) = (try row["audiobook_id"], try row["title"])
        (objects, bytes) = (try row["objects"], try row["bytes"])
    }
}

extension StoredKind.Kind: SQLValue {}

extension Transaction {
    /// Recordings are for those who own them; covers and samples are for everybody.
    public func storedKinds() throws -> [StoredKind] {
        // The index is read from its beginning to its end: pages of it cost no more than others, and are far fewer.
        try run("SELECT set_config('random_page_cost', '1', true)")
        return try all(
            """
            SELECT kind, sum(objects)::bigint AS objects, sum(bytes)::bigint AS bytes FROM (
                SELECT CASE WHEN visibility = 'private' AND media_type LIKE 'audio/%' THEN 'recording'
                        WHEN visibility = 'public' AND media_type LIKE 'image/%' THEN 'cover'
                        WHEN visibility = 'public' AND media_type LIKE 'audio/%' THEN 'sample'
                        ELSE 'other' END AS kind, objects, bytes
                FROM (SELECT visibility, media_type, count(*) AS objects, sum(bytes) AS bytes
                    FROM catalogue.assets WHERE removed_at IS NULL GROUP BY visibility, media_type) AS types
            ) AS kinds GROUP BY kind ORDER BY kind
            """)
    }

    /// Of books that were recorded again.
    public func supersededEditions() throws -> SupersededEditions {
        try certain(
            """
            WITH superseded AS (
                SELECT edition.id FROM catalogue.editions AS second
                    JOIN catalogue.audiobooks AS book ON book.id = second.audiobook_id
                    -- Book by book, and never all editions there are.
                    CROSS JOIN LATERAL (SELECT id FROM catalogue.editions
                        WHERE audiobook_id = book.id AND id <> book.current_edition_id
                            AND sealed_at IS NOT NULL OFFSET 0) AS edition
                WHERE second.number = 2
            )
            SELECT (SELECT count(*) FROM superseded) AS editions, count(*) AS objects,
                COALESCE(sum(bytes), 0)::bigint AS bytes
            FROM catalogue.assets WHERE removed_at IS NULL AND id = ANY (ARRAY(
                SELECT track.asset_id FROM superseded
                    CROSS JOIN LATERAL (SELECT asset_id FROM catalogue.tracks
                        WHERE edition_id = superseded.id OFFSET 0) AS track
                WHERE NOT EXISTS (
                    SELECT 1 FROM catalogue.tracks AS kept
                        JOIN catalogue.editions AS current ON current.id = kept.edition_id
                        JOIN catalogue.audiobooks AS book
                            ON book.id = current.audiobook_id AND book.current_edition_id = current.id
                    WHERE kept.asset_id = track.asset_id)))
            """)
    }

    public func unfinishedUploads() throws -> [UnfinishedUploads] {
        try all(
            """
            SELECT state, count(*) AS uploads, sum(declared_bytes)::bigint AS bytes FROM production.uploads
            WHERE state IN ('created', 'uploading', 'completing', 'verifying') GROUP BY state ORDER BY state
            """)
    }

    /// The books whose recordings weigh most.
    public func largestRecordings(limit: Int) throws -> [RecordingWeight] {
        try all(
            """
            SELECT weight.audiobook_id, book.title, weight.objects, weight.bytes
            FROM (SELECT audiobook_id, objects, bytes FROM catalogue.recording_weights
                ORDER BY bytes DESC, audiobook_id DESC LIMIT \(limit)) AS weight
                JOIN catalogue.audiobooks AS book ON book.id = weight.audiobook_id
            ORDER BY weight.bytes DESC, weight.audiobook_id DESC
            """)
    }
}
