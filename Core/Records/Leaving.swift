public import Bookshop
public import Postgres

// What leaves the storage, between the moment that is written down and the one it is gone.

/// Something that nobody needs, on its way out.
public struct LeavingObject: RowDecodable, Hashable, Sendable {
    public let bucket: String
    public let name: StoredName

    public init(_ row: borrowing Row) throws(PostgresError) {
        bucket = try row["bucket"]
        name = StoredName(key: try row["object_key"], multipart: try row["storage_upload_id"])
    }
}

extension Transaction {
    /// What is to be removed, that first which was tried least; what failed a moment ago waits. What somebody
    /// is known to need after all stays, whatever was written down.
    public func leavingObjects(limit: Int) throws -> [LeavingObject] {
        try run(
            """
            DELETE FROM production.cleanup_objects AS leaving WHERE verdict = 'leaving' AND EXISTS (
                SELECT FROM production.known_objects AS known
                WHERE known.bucket = leaving.bucket AND known.object_key = leaving.object_key
                    AND known.storage_upload_id = leaving.storage_upload_id)
            """)
        return try all(
            """
            SELECT bucket, object_key, storage_upload_id FROM production.cleanup_objects
            WHERE verdict = 'leaving' AND (attempts = 0 OR at < now() - interval '5 minutes')
            ORDER BY attempts, object_key LIMIT \(limit)
            """)
    }

    /// They are not there any more, whoever removed them. Each counts once, in the round that let it go.
    public func noteRemoved(_ gone: [LeavingObject]) throws {
        let removed: [RemovedObject] = try all(
            """
            UPDATE production.cleanup_objects SET verdict = 'removed', at = clock_timestamp(), failure = NULL
            WHERE verdict = 'leaving' AND (bucket, object_key, storage_upload_id) IN (SELECT * FROM unnest(
                \(gone.map(\.bucket))::text[], \(gone.map(\.name.key))::text[],
                \(gone.map(\.name.multipart))::text[]))
            RETURNING cleanup_id, reason, bytes
            """)
        for (round, same) in Dictionary(grouping: removed, by: \.round) {
            try count(same.map { ("removed", $0.reason, $0.bytes) }, in: round)
        }
    }

    public func noteNotRemoved(_ object: LeavingObject, because failure: String) throws {
        try run(
            """
            UPDATE production.cleanup_objects
            SET attempts = attempts + 1, failure = \(failure), at = clock_timestamp()
            WHERE verdict = 'leaving' AND bucket = \(object.bucket) AND object_key = \(object.name.key)
                AND storage_upload_id = \(object.name.multipart)
            """)
    }
}

private struct RemovedObject: RowDecodable {
    let round: Int
    let reason: String
    let bytes: Int

    init(_ row: borrowing Row) throws(PostgresError) {
        (round, reason, bytes) = (try row["cleanup_id"], try row["reason"], try row["bytes"])
    }
}
