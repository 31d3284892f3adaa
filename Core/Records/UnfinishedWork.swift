public import Bookshop
public import FoundationEssentials
public import Postgres

/// Work on a recording that is not done: a transcription, or a summary of the whole (chapter 0) or a chapter.
public struct UnfinishedWork: RowDecodable, Hashable, Sendable {
    public typealias ID = Identifier<UnfinishedWork>

    public enum Kind: String, CaseIterable, Codable, Sendable { case transcription, summary }

    public enum State: String, CaseIterable, Codable, Sendable {
        case waiting, running
        /// A person must say whether it is good.
        case review
        case failed
    }

    public let kind: Kind
    public let id: ID
    public let audiobook: Audiobook.ID
    public let title: String
    public let chapter: Int?
    public let state: State
    /// Why it failed, or why it is tried again, in a word.
    public let failure: String?
    /// How often that was tried which was tried most.
    public let attempts: Int
    /// How many pieces it was cut into, and how many of them are done; none before it is cut.
    public let pieces: Int
    public let donePieces: Int
    /// Nothing has moved for an hour.
    public let isStuck: Bool
    public let createdAt: Date

    public init(_ row: borrowing Row) throws(PostgresError) {
        (kind, id, audiobook) = (try row["kind"], try row["id"], try row["audiobook_id"])
        (title, chapter, state) = (try row["title"], try row["chapter"], try row["state"])
        (failure, attempts) = (try row["failure"], try row["attempts"])
        (pieces, donePieces) = (try row["pieces"], try row["done_pieces"])
        (isStuck, createdAt) = (try row["is_stuck"], try row["created_at"])
    }
}

extension UnfinishedWork.Kind: SQLValue {}
extension UnfinishedWork.State: SQLValue {}

extension Transaction {
    /// What is not done, the newest first, a page at a time.
    public func unfinishedWork(
        in state: UnfinishedWork.State? = nil, after cursor: Cursor? = nil, size: PageSize = .standard
    ) throws -> Page<UnfinishedWork> {
        let list = "work \(state?.rawValue ?? "")"
        var conditions: [SQL] = ["true"]
        if let state { conditions.append("state IN \(state.itsStates)") }
        if let cursor {
            guard cursor.list == list, let last = Date(sqlText: cursor.key) else { throw ForeignCursor() }
            conditions.append("(created_at, id) < (\(last)::timestamptz, \(cursor.id)::uuid)")
        }
        let wanted = conditions.joined(separator: " AND "), many = size.rawValue + 1
        let work: [UnfinishedWork] = try all(
            """
            SELECT work.kind, work.id, book.id AS audiobook_id, book.title, work.chapter,
                CASE WHEN work.state IN \(UnfinishedWork.State.waiting.itsStates) THEN 'waiting'
                    WHEN work.state IN \(UnfinishedWork.State.running.itsStates) THEN 'running'
                    WHEN work.state IN \(UnfinishedWork.State.review.itsStates) THEN 'review'
                    ELSE 'failed' END AS state,
                COALESCE(work.failure, chunk.failure) AS failure,
                GREATEST(work.attempts, chunk.attempts) AS attempts, chunk.pieces, chunk.done_pieces,
                EXISTS (SELECT 1 FROM production.stuck_work AS stuck WHERE stuck.id = work.id) AS is_stuck,
                work.created_at
            FROM (
                (SELECT 'transcription' AS kind, id, id AS transcript_id, NULL::integer AS chapter, state, failure,
                    0 AS attempts, created_at
                FROM production.transcripts
                WHERE state IN ('planned', 'running', 'assembling', 'needs_review', 'failed') AND \(wanted)
                ORDER BY created_at DESC, id DESC LIMIT \(many))
                UNION ALL
                (SELECT 'summary', id, transcript_id, chapter, state, failure, attempts, created_at
                FROM production.summaries
                WHERE state IN ('wanted', 'writing', 'draft', 'failed') AND \(wanted)
                ORDER BY created_at DESC, id DESC LIMIT \(many))
                ORDER BY created_at DESC, id DESC LIMIT \(many)
            ) AS work
                -- Line by line, and never all transcripts there are.
                CROSS JOIN LATERAL (
                    SELECT book.id, book.title FROM production.transcripts AS transcript
                        JOIN catalogue.editions AS edition ON edition.id = transcript.edition_id
                        JOIN catalogue.audiobooks AS book ON book.id = edition.audiobook_id
                    WHERE transcript.id = work.transcript_id OFFSET 0
                ) AS book
                CROSS JOIN LATERAL (
                    SELECT count(*) AS pieces, count(*) FILTER (WHERE c.state = 'done') AS done_pieces,
                        COALESCE(max(c.attempts), 0) AS attempts,
                        min(c.failure) FILTER (WHERE c.state <> 'done') AS failure
                    FROM production.transcript_chunks AS c
                    WHERE work.kind = 'transcription' AND c.transcript_id = work.id
                ) AS chunk
            ORDER BY work.created_at DESC, work.id DESC
            """)
        return Page(work, size: size) { Cursor(list: list, key: $0.createdAt.sqlText, id: $0.id.rawValue) }
    }
}

extension UnfinishedWork.State {
    /// Those of transcripts and of summaries that it stands for.
    fileprivate var itsStates: SQL {
        switch self {
        case .waiting: "('planned', 'wanted')"
        case .running: "('running', 'assembling', 'writing')"
        case .review: "('needs_review', 'draft')"
        case .failed: "('failed')"
        }
    }
}
