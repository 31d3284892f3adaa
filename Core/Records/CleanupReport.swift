public import Bookshop
public import FoundationEssentials
public import Postgres

/// What a round through the storage came to so far.
public struct CleanupReport: RowDecodable, Sendable {
    public let id: Int
    public let isDryRun: Bool
    public let beganAt: Date
    public let endedAt: Date?
    /// Editions whose files and words it took away, or would have; and transcripts among the latter.
    public let editions: Int
    public let transcripts: Int
    public internal(set) var totals: [CleanupTotal] = []

    public init(_ row: borrowing Row) throws(PostgresError) {
        (id, isDryRun) = (try row["id"], try row["is_dry_run"])
        (beganAt, endedAt) = (try row["began_at"], try row["ended_at"])
        (editions, transcripts) = (try row["editions"], try row["transcripts"])
    }
}

/// How many objects were judged alike, and what they weigh.
public struct CleanupTotal: RowDecodable, Hashable, Sendable {
    public let verdict: CleanupVerdict
    public let reason: String
    public let objects: Int
    public let bytes: Int

    public init(_ row: borrowing Row) throws(PostgresError) {
        (verdict, reason) = (try row["verdict"], try row["reason"])
        (objects, bytes) = (try row["objects"], try row["bytes"])
    }
}

public enum CleanupVerdict: String, CaseIterable, Codable, Sendable {
    case kept
    /// It must be there, and is not.
    case missing
    /// It would go if this were no dry run.
    case removable
    /// It is to go, and is not gone yet.
    case leaving
    case removed
}

extension CleanupVerdict: SQLValue {}

/// One thing that is stored, or was, and what was found of it last.
public struct CleanupEntry: RowDecodable, Sendable {
    public let id: UUID
    public let name: StoredName
    public let verdict: CleanupVerdict
    public let reason: String
    public let bytes: Int
    public let modifiedAt: Date?
    public let at: Date
    /// Why it could not be removed, and how often that was tried.
    public let failure: String?
    public let attempts: Int

    public init(_ row: borrowing Row) throws(PostgresError) {
        name = StoredName(key: try row["object_key"], multipart: try row["storage_upload_id"])
        (id, verdict, reason) = (try row["id"], try row["verdict"], try row["reason"])
        (bytes, modifiedAt, at) = (try row["bytes"], try row["modified_at"], try row["at"])
        (failure, attempts) = (try row["failure"], try row["attempts"])
    }
}

extension Transaction {
    /// The rounds through the storage, the newest first.
    public func cleanupReports(limit: Int) throws -> [CleanupReport] {
        var reports: [CleanupReport] = try all(
            """
            SELECT id, is_dry_run, began_at, ended_at, editions, transcripts FROM production.cleanups
            ORDER BY id DESC LIMIT \(limit)
            """)
        for index in reports.indices {
            reports[index].totals = try all(
                """
                SELECT verdict, reason, objects, bytes FROM production.cleanup_totals
                WHERE cleanup_id = \(reports[index].id) ORDER BY verdict, reason LIMIT 100
                """)
        }
        return reports
    }

    /// By name, a page at a time.
    public func cleanupEntries(
        judged verdict: CleanupVerdict?, after cursor: Cursor?, size: PageSize
    ) throws -> Page<CleanupEntry> {
        let list = "cleanup \(verdict?.rawValue ?? "")"
        var conditions: [SQL] = ["true"]
        if let verdict { conditions.append("verdict = \(verdict)") }
        if let cursor {
            guard cursor.list == list else { throw ForeignCursor() }
            conditions.append("(object_key, id) > (\(cursor.key) COLLATE \"C\", \(cursor.id)::uuid)")
        }
        let entries: [CleanupEntry] = try all(
            """
            SELECT id, object_key, storage_upload_id, verdict, reason, bytes, modified_at, at, failure, attempts
            FROM production.cleanup_objects WHERE \(conditions.joined(separator: " AND "))
            ORDER BY object_key, id LIMIT \(constant: size.rawValue + 1)
            """)
        return Page(entries, size: size) { Cursor(list: list, key: $0.name.key, id: $0.id) }
    }
}
