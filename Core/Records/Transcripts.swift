public import Bookshop
import FoundationEssentials
public import Postgres

extension Transcript: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(
            id: try row["id"], audiobook: try row["audiobook_id"], edition: try row["edition_id"],
            state: try row["state"], language: try row["language"],
            durationMilliseconds: try row["duration_ms"], failure: try row["failure"],
            flags: try row["quality_flags"], createdAt: try row["created_at"], readyAt: try row["ready_at"],
            cost: HearingCost(
                spentNanodollars: try row["spent"], reservedNanodollars: try row["reserved"],
                budgetNanodollars: try row["budget_nanodollars"]),
            progress: Progress(
                chunks: try row["chunks"], done: try row["chunks_done"], failed: try row["chunks_failed"],
                worked: try row.worked()))
    }
}

extension Row {
    /// Clocks of a database that was moved may run backwards.
    fileprivate borrowing func worked() throws(PostgresError) -> DateInterval? {
        guard let start: Date = try self["planned_at"], let end: Date = try self["progressed_at"],
            start <= end
        else { return nil }
        return DateInterval(start: start, end: end)
    }
}

private let selectTranscript: SQL = """
    SELECT transcript.id, edition.audiobook_id, edition_id, state, language, edition.duration_ms, failure,
        quality_flags, transcript.created_at, progressed_at, ready_at, chunks, chunks_done, chunks_failed,
        planned_at, spent, reserved, budget_nanodollars
    FROM production.transcripts AS transcript
        JOIN catalogue.editions AS edition ON edition.id = edition_id,
        LATERAL (
            SELECT count(*) AS chunks, count(*) FILTER (WHERE chunk.state = 'done') AS chunks_done,
                count(*) FILTER (WHERE chunk.state = 'failed') AS chunks_failed,
                min(chunk.created_at) AS planned_at, COALESCE(sum(cost_nanodollars), 0)::bigint AS spent,
                COALESCE(sum(reserved_nanodollars), 0)::bigint AS reserved
            FROM production.transcript_chunks AS chunk WHERE transcript_id = transcript.id
        ) AS progress
    """

extension Transaction {
    /// How a transcript stands, which the API calls a job.
    public func transcript(_ id: Transcript.ID) throws -> Transcript? {
        try first("\(selectTranscript) WHERE transcript.id = \(id)")
    }

    /// The one of the recording a book has now: the text that is there, or else the one being made.
    public func transcript(of book: Audiobook.ID) throws -> Transcript? {
        try first(
            """
            \(selectTranscript)
            WHERE edition_id = (SELECT current_edition_id FROM catalogue.audiobooks WHERE id = \(book))
            ORDER BY state = 'ready' DESC, transcript.created_at DESC LIMIT 1
            """)
    }

    /// Starts a transcript of a book's recording, or goes on with the one that failed. One that is there or
    /// being made is answered as it is.
    public func startTranscript(of book: Audiobook.ID) throws -> Transcript.ID {
        guard try only("SELECT EXISTS (SELECT 1 FROM catalogue.audiobooks WHERE id = \(book))") else {
            throw TranscriptError.noSuchBook
        }
        let edition: Edition.ID? = try value(
            "SELECT current_edition_id FROM catalogue.audiobooks WHERE id = \(book)")
        guard let edition else { throw TranscriptError.noRecording }
        if let standing = try transcript(of: book), ![.cancelled, .superseded].contains(standing.state) {
            if standing.state == .failed { try resume(standing) }
            return standing.id
        }
        return try only(
            """
            INSERT INTO production.transcripts (edition_id, language)
            SELECT \(edition), language FROM catalogue.audiobooks WHERE id = \(book)
            RETURNING id
            """)
    }

    /// What a text may cost, whatever the shop's settings say.
    public func allow(_ nanodollars: Int, for id: Transcript.ID) throws {
        try run("UPDATE production.transcripts SET budget_nanodollars = \(nanodollars) WHERE id = \(id)")
    }

    private func resume(_ transcript: Transcript) throws {
        try run(
            """
            UPDATE production.transcript_chunks
            SET state = 'pending', attempts = 0, failure = NULL, sent_at = NULL
            WHERE transcript_id = \(transcript.id) AND state = 'failed'
            """)
        let next: Transcript.State = transcript.progress.chunks == 0 ? .planned : .running
        try run(
            """
            UPDATE production.transcripts SET state = \(next), failure = NULL, sent_at = NULL
            WHERE id = \(transcript.id)
            """)
    }

    /// Writes down the pieces of a planned transcript and answers the numbers of those that still wait.
    /// Planned before, it stays as it was planned.
    public func plan(_ id: Transcript.ID, chunks: [Span]) throws -> [Int] {
        let planned: LockedTranscript? = try first(
            "SELECT state, edition_id FROM production.transcripts WHERE id = \(id) FOR UPDATE")
        guard let planned else { throw TranscriptError.noSuchTranscript }
        if planned.state == .planned {
            let placed = try run(
                """
                INSERT INTO production.transcript_chunks
                    (transcript_id, number, track_position, start_ms, end_ms, is_end_settled)
                SELECT \(id), number, track.position, span.start_ms, span.end_ms,
                    span.end_ms = track.start_ms + track.duration_ms
                FROM unnest(\(chunks.map(\.startMilliseconds))::bigint[],
                        \(chunks.map(\.endMilliseconds))::bigint[])
                        WITH ORDINALITY AS span (start_ms, end_ms, number)
                    JOIN catalogue.tracks AS track ON edition_id = \(planned.edition)
                        AND track.start_ms <= span.start_ms
                        AND span.end_ms <= track.start_ms + track.duration_ms
                """)
            guard placed == chunks.count, placed > 0 else { throw TranscriptError.planOutsideTracks }
            try run("UPDATE production.transcripts SET state = 'running' WHERE id = \(id)")
        }
        return try values(
            """
            SELECT number FROM production.transcript_chunks
            WHERE transcript_id = \(id) AND state = 'pending' ORDER BY number
            """)
    }

    /// Ends a transcript that cannot go on, with a word for editors. What has ended stays ended.
    public func fail(_ id: Transcript.ID, because failure: String) throws {
        try run(
            """
            UPDATE production.transcripts SET state = 'failed', failure = \(failure)
            WHERE id = \(id) AND state IN ('planned', 'running', 'assembling')
            """)
    }
}

private struct LockedTranscript: RowDecodable {
    let state: Transcript.State
    let edition: Edition.ID
    init(_ row: borrowing Row) throws(PostgresError) {
        (state, edition) = (try row["state"], try row["edition_id"])
    }
}
