public import Bookshop
import FoundationEssentials
public import Postgres

extension CleanupRound.Stage: SQLValue {}

extension CleanupRound: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        let key: String? = try row["after_key"], multipart: String? = try row["after_upload"]
        self.init(
            id: try row["id"], isDryRun: try row["is_dry_run"], stage: try row["stage"],
            mark: key.map { StoredName(key: $0, multipart: multipart ?? "") })
    }
}

/// Another goes through the storage as well, and was quicker.
public struct RoundMoved: Error {}

extension Transaction {
    /// The round that goes on, or a new one if the last began a day ago. One that deletes and one that only
    /// tells do not go on as each other.
    public func cleanupRound(dry isDryRun: Bool) throws -> CleanupRound? {
        try run(
            """
            UPDATE production.cleanups SET ended_at = now()
            WHERE ended_at IS NULL AND is_dry_run <> \(isDryRun)
            """)
        try run(
            """
            INSERT INTO production.cleanups (is_dry_run, stage)
            SELECT \(isDryRun), \(CleanupRound.Stage.editions)
            WHERE NOT EXISTS (SELECT FROM production.cleanups
                WHERE ended_at IS NULL OR is_dry_run = \(isDryRun) AND began_at > now() - interval '23 hours')
            ON CONFLICT DO NOTHING
            """)
        return try first(
            """
            SELECT id, is_dry_run, stage, after_key, after_upload FROM production.cleanups
            WHERE ended_at IS NULL
            """)
    }

    /// Holds the round for whoever moves it on from where it was when it was read.
    func hold(_ round: CleanupRound) throws {
        let held: Bool? = try value(
            """
            SELECT true FROM production.cleanups
            WHERE id = \(round.id) AND ended_at IS NULL AND stage = \(round.stage)
                AND after_key IS NOT DISTINCT FROM \(round.mark?.key)
                AND after_upload IS NOT DISTINCT FROM \(round.mark?.multipart)
            FOR UPDATE
            """)
        guard held == true else { throw RoundMoved() }
    }

    /// Judges one page of what is stored, behind the round's mark, and moves the mark to its end. What may go
    /// is written down as leaving, and nothing more: it is gone once somebody has removed it. Only with each
    /// statement seeing what was committed before it, which is `readCommitted`.
    public func judge(
        _ page: StoredLines, in bucket: String, of round: CleanupRound, graceHours: Int
    ) throws {
        try hold(round)
        let judged = try verdicts(on: page.lines, in: bucket, graceHours: graceHours)
        let going = judged.filter { $0.keptFor == nil }
        try announce(going, in: bucket, of: round)
        // Whoever began to need one of them before it was announced is seen by now; who does later is
        // refused.
        let needed = try verdicts(on: going.map(\.line), in: bucket, graceHours: graceHours)
            .filter { $0.keptFor != nil }
        try takeBack(needed, in: bucket)

        let back = Set(needed.map(\.line.name))
        let kept = judged.filter { $0.keptFor != nil } + needed
        try list(kept, in: bucket, of: round)
        let missing = try missing(from: page, in: bucket, of: round, graceHours: graceHours)
        try list(missing, in: bucket, of: round)
        try count(kept.map { ("kept", $0.keptFor ?? "", $0.line.bytes) }, in: round.id)
        try count(missing.map { ("missing", $0.keptFor ?? "", $0.line.bytes) }, in: round.id)
        if round.isDryRun {
            let removable = going.filter { !back.contains($0.line.name) }
            try count(removable.map { ("removable", $0.goesFor, $0.line.bytes) }, in: round.id)
        }
        try move(round, behind: page)
    }

    private func verdicts(
        on lines: [StoredLine], in bucket: String, graceHours: Int
    ) throws -> [JudgedObject] {
        guard !lines.isEmpty else { return [] }
        let moments = lines.map { Int(($0.modifiedAt.timeIntervalSince1970 * 1000).rounded()) }
        return try all(
            """
            SELECT listed.object_key, listed.multipart, listed.bytes, listed.modified_at, false AS is_missing,
                COALESCE(known.reason, CASE WHEN NOT production.is_own_name(listed.object_key) THEN 'foreign-name'
                    WHEN listed.modified_at > now() - make_interval(hours => \(graceHours)) THEN 'young' END)
                    AS kept_for,
                CASE WHEN listed.multipart <> '' THEN 'parts-of-nobody'
                    WHEN asset.removed_because IS NOT NULL THEN asset.removed_because
                    WHEN upload.state = 'ready' THEN 'duplicate'
                    WHEN upload.state IS NOT NULL THEN 'late-upload' ELSE 'orphan' END AS goes_for
            FROM (SELECT object_key, multipart, bytes, to_timestamp(moment / 1000.0) AS modified_at
                FROM unnest(\(lines.map(\.name.key))::text[], \(lines.map(\.name.multipart))::text[],
                    \(lines.map(\.bytes))::bigint[], \(moments)::bigint[])
                    AS line (object_key, multipart, bytes, moment)) AS listed
                LEFT JOIN LATERAL (SELECT reason FROM production.known_objects
                    WHERE bucket = \(bucket) AND object_key = listed.object_key
                        AND storage_upload_id = listed.multipart LIMIT 1) AS known ON true
                LEFT JOIN catalogue.assets AS asset
                    ON asset.bucket = \(bucket) AND asset.object_key = listed.object_key
                LEFT JOIN production.uploads AS upload
                    ON upload.bucket = \(bucket) AND upload.object_key = listed.object_key
            ORDER BY listed.object_key COLLATE "C", listed.multipart COLLATE "C"
            """)
    }

    private func announce(_ going: [JudgedObject], in bucket: String, of round: CleanupRound) throws {
        try list(going, as: round.isDryRun ? "removable" : "leaving", \.goesFor, in: bucket, of: round)
    }

    private func takeBack(_ needed: [JudgedObject], in bucket: String) throws {
        try run(
            """
            DELETE FROM production.cleanup_objects WHERE bucket = \(bucket)
                AND (object_key, storage_upload_id) IN (SELECT * FROM unnest(
                    \(needed.map(\.line.name.key))::text[], \(needed.map(\.line.name.multipart))::text[]))
            """)
    }

    /// What is simply in use is counted and not listed.
    private func list(_ kept: [JudgedObject], in bucket: String, of round: CleanupRound) throws {
        let inUse: Set = ["current-edition", "cover", "sample", "export"]
        try list(kept.filter(\.isMissing), as: "missing", { $0.keptFor ?? "" }, in: bucket, of: round)
        try list(
            kept.filter { !$0.isMissing && !inUse.contains($0.keptFor ?? "") }, as: "kept",
            { $0.keptFor ?? "" }, in: bucket, of: round)
    }

    private func list(
        _ objects: [JudgedObject], as verdict: String, _ reason: (JudgedObject) -> String, in bucket: String,
        of round: CleanupRound
    ) throws {
        guard !objects.isEmpty else { return }
        let lines = objects.map(\.line)
        let moments = lines.map { Int(($0.modifiedAt.timeIntervalSince1970 * 1000).rounded()) }
        try run(
            """
            INSERT INTO production.cleanup_objects AS known (bucket, object_key, storage_upload_id, cleanup_id,
                verdict, reason, bytes, modified_at)
            SELECT \(bucket), object_key, multipart, \(round.id), \(verdict), reason, bytes,
                to_timestamp(moment / 1000.0)
            FROM unnest(\(lines.map(\.name.key))::text[], \(lines.map(\.name.multipart))::text[],
                \(objects.map(reason))::text[], \(lines.map(\.bytes))::bigint[], \(moments)::bigint[])
                AS line (object_key, multipart, reason, bytes, moment)
            ON CONFLICT (bucket, object_key, storage_upload_id) DO UPDATE
            SET cleanup_id = EXCLUDED.cleanup_id, verdict = EXCLUDED.verdict, reason = EXCLUDED.reason,
                bytes = EXCLUDED.bytes, modified_at = EXCLUDED.modified_at, at = clock_timestamp(), attempts = 0,
                failure = NULL
            WHERE known.verdict <> 'leaving'
            """)
    }

    /// What must be there by our word, between the mark and the end of the page, and was not among what was
    /// listed. Only what was there long before the page was asked for.
    private func missing(
        from page: StoredLines, in bucket: String, of round: CleanupRound, graceHours: Int
    ) throws -> [JudgedObject] {
        guard round.stage != .parts else { return [] }
        let prefix = round.stage.rawValue
        let end: SQL = page.isLast ? "true" : "object_key COLLATE \"C\" <= \(page.lines.last?.name.key ?? "")"
        return try all(
            """
            SELECT object_key, '' AS multipart, 0 AS bytes, since AS modified_at, true AS is_missing,
                reason AS kept_for, '' AS goes_for
            FROM production.known_objects
            WHERE bucket = \(bucket) AND is_stored AND starts_with(object_key, \(prefix))
                AND object_key COLLATE "C" > \(round.mark?.key ?? prefix) AND \(end)
                AND since < now() - make_interval(hours => \(graceHours))
                AND NOT object_key = ANY (\(page.lines.map(\.name.key))::text[])
            ORDER BY object_key COLLATE "C" LIMIT 10000
            """)
    }

    func count(_ counted: [(verdict: String, reason: String, bytes: Int)], in round: Int) throws {
        for (kind, same) in Dictionary(grouping: counted, by: { [$0.verdict, $0.reason] }) {
            try run(
                """
                INSERT INTO production.cleanup_totals AS known (cleanup_id, verdict, reason, objects, bytes)
                VALUES (\(round), \(kind[0]), \(kind[1]), \(same.count), \(same.reduce(0) { $0 + $1.bytes }))
                ON CONFLICT (cleanup_id, verdict, reason) DO UPDATE
                SET objects = known.objects + EXCLUDED.objects, bytes = known.bytes + EXCLUDED.bytes
                """)
        }
    }

    private func move(_ round: CleanupRound, behind page: StoredLines) throws {
        guard page.isLast else {
            precondition(!page.lines.isEmpty, "a page that is not the last has lines")
            let mark = page.lines.last?.name
            try run(
                """
                UPDATE production.cleanups SET after_key = \(mark?.key), after_upload = \(mark?.multipart)
                WHERE id = \(round.id)
                """)
            return
        }
        try finish(round)
    }

    /// Goes on to the next stage. After the last, what an earlier round said of what this one did not see is
    /// forgotten, and what went a season ago.
    func finish(_ round: CleanupRound) throws {
        if let next = round.stage.next {
            try run(
                """
                UPDATE production.cleanups SET stage = \(next), after_key = NULL, after_upload = NULL
                WHERE id = \(round.id)
                """)
            return
        }
        try run("UPDATE production.cleanups SET ended_at = clock_timestamp() WHERE id = \(round.id)")
        try run(
            """
            DELETE FROM production.cleanup_objects
            WHERE verdict IN ('kept', 'missing', 'removable') AND cleanup_id IS DISTINCT FROM \(round.id)
                OR verdict = 'removed' AND at < now() - interval '90 days'
            """)
    }
}

/// A line of the storage, and why it stays or goes.
struct JudgedObject: RowDecodable {
    let line: StoredLine
    let isMissing: Bool
    let keptFor: String?
    let goesFor: String

    init(_ row: borrowing Row) throws(PostgresError) {
        line = StoredLine(
            name: StoredName(key: try row["object_key"], multipart: try row["multipart"]),
            bytes: try row["bytes"], modifiedAt: try row["modified_at"])
        (isMissing, keptFor) = (try row["is_missing"], try row["kept_for"])
        goesFor = try row["goes_for"]
    }
}
