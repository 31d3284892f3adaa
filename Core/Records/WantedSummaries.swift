public import Bookshop
public import Postgres

extension ClaimedSummary: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(
            id: try row["id"], transcript: try row["transcript_id"], title: try row["title"],
            language: try row["language"], scope: Summary.Scope(chapter: try row["chapter"]),
            attempt: try row["attempts"], lease: try row["lease"])
    }
}

/// Whether its time has come: a book is summed up by its chapters, when none of them waits or is being written.
private let isDue: SQL = """
    (chapter > 0 OR NOT EXISTS (SELECT 1 FROM production.summaries AS part
        WHERE part.transcript_id = summary.transcript_id AND part.chapter > 0
            AND part.state IN ('wanted', 'writing')))
    """

extension Transaction {
    /// Asks for a summary of a text that is there. One that is asked for or not yet judged is answered.
    public func wantSummary(of transcript: Transcript.ID, _ scope: Summary.Scope) throws -> Summary.ID {
        let isReady: Bool? = try value(
            "SELECT state = 'ready' FROM production.transcripts WHERE id = \(transcript)")
        guard isReady == true else { throw SummaryError.noTranscript }
        let open: Summary.ID? = try value(
            """
            SELECT id FROM production.summaries
            WHERE transcript_id = \(transcript) AND chapter = \(scope.chapter)
                AND state IN ('wanted', 'writing', 'draft')
            """)
        if let open { return open }
        let isSaid: Bool = try only(
            """
            SELECT EXISTS (SELECT 1 FROM production.transcript_segments
                WHERE transcript_id = \(transcript) AND \(scope.chapter) IN (0, chapter))
            """)
        guard isSaid else { throw scope == .book ? SummaryError.noTranscript : SummaryError.noSuchChapter }
        return try only(
            """
            INSERT INTO production.summaries (transcript_id, chapter) VALUES (\(transcript), \(scope.chapter))
            RETURNING id
            """)
    }

    /// Asks for the whole, and for each chapter of which nothing was written yet. Answers the whole's.
    public func wantSummaries(of transcript: Transcript.ID) throws -> Summary.ID {
        let whole = try wantSummary(of: transcript, .book)
        try run(
            """
            INSERT INTO production.summaries (transcript_id, chapter)
            SELECT DISTINCT transcript_id, chapter FROM production.transcript_segments AS segment
            WHERE transcript_id = \(transcript) AND NOT EXISTS (
                SELECT 1 FROM production.summaries AS known
                WHERE known.transcript_id = segment.transcript_id AND known.chapter = segment.chapter
                    AND known.state IN ('wanted', 'writing', 'draft', 'approved'))
            ON CONFLICT DO NOTHING
            """)
        return whole
    }

    /// Asks for what is to be written of a text that has become ready, and answers what may be written now: nothing,
    /// where another has taken its place since, or nobody speaks in the recording.
    public func wantSummaries(ofReady transcript: Transcript.ID) throws -> [Summary.ID] {
        let speaks: Bool? = try value(
            """
            SELECT EXISTS (SELECT 1 FROM production.transcript_segments WHERE transcript_id = \(transcript))
            FROM production.transcripts WHERE id = \(transcript) AND state = 'ready'
            """)
        guard speaks == true else { return [] }
        _ = try wantSummaries(of: transcript)
        return try dueSummaries(of: transcript)
    }

    /// What may be written of a text now, in the order of its chapters.
    public func dueSummaries(of transcript: Transcript.ID) throws -> [Summary.ID] {
        try values(
            """
            SELECT id FROM production.summaries AS summary
            WHERE transcript_id = \(transcript) AND state = 'wanted' AND \(isDue) ORDER BY chapter LIMIT 2001
            """)
    }

    /// Takes on the writing, unless it is done, another is at it, or its time has not come.
    public func claimSummary(_ id: Summary.ID, leaseSeconds: Int) throws -> ClaimedSummary? {
        let claimed = try run(
            """
            UPDATE production.summaries AS summary
            SET state = 'writing', attempts = attempts + 1, lease = \(Lease()),
                leased_until = clock_timestamp() + make_interval(secs => \(leaseSeconds))
            WHERE id = \(id) AND \(isDue)
                AND (state = 'wanted' OR state = 'writing' AND leased_until <= clock_timestamp())
            """)
        guard claimed == 1 else { return nil }
        return try certain(
            """
            SELECT summary.id, transcript_id, chapter, attempts, lease, title, transcript.language
            FROM production.summaries AS summary
                JOIN production.transcripts AS transcript ON transcript.id = transcript_id
                JOIN catalogue.editions AS edition ON edition.id = transcript.edition_id
                JOIN catalogue.audiobooks AS book ON book.id = edition.audiobook_id
            WHERE summary.id = \(id)
            """)
    }

    /// Lets go of a summary that could not be written for no fault of its own, until a moment; what its calls cost is
    /// kept. Throws `LeaseLost` when it is another's by now.
    public func release(_ summary: ClaimedSummary, until rest: Rest, cost: WritingCost) throws {
        let kept = try run(
            """
            UPDATE production.summaries
            SET state = 'wanted', attempts = attempts - 1, lease = NULL, leased_until = NULL,
                sent_at = \(rest.until)
            WHERE id = \(summary.id) AND lease = \(summary.lease)
            """)
        guard kept == 1 else { throw LeaseLost() }
        try charge(cost, to: summary)
    }

    /// Out of what it is to be written. Of a chapter: what is said in it. Of a book, chapter by chapter, what was
    /// written of it, and what is said in it only where nothing was.
    public func sources(for summary: ClaimedSummary) throws -> [SummarySource] {
        var told: [ToldChapter] = []
        if summary.scope == .book {
            told = try all(
                """
                SELECT DISTINCT ON (chapter) chapter, text FROM production.summaries
                WHERE transcript_id = \(summary.transcript) AND chapter > 0 AND state IN ('draft', 'approved')
                ORDER BY chapter, state = 'approved' DESC
                """)
        }
        let spoken: [ToldChapter] = try all(
            """
            SELECT chapter, text FROM production.transcript_segments
            WHERE transcript_id = \(summary.transcript) AND \(summary.scope.chapter) IN (0, chapter)
                AND chapter <> ALL (\(told.map(\.chapter))::int[]) ORDER BY position
            """)
        var sources = Dictionary(uniqueKeysWithValues: told.map { ($0.chapter, SummarySource.told($0.text)) })
        for (chapter, said) in Dictionary(grouping: spoken, by: \.chapter) {
            sources[chapter] = .phrases(said.map(\.text))
        }
        return sources.sorted { $0.key < $1.key }.map(\.value)
    }

    /// Keeps what was written, for a person to judge. Throws `LeaseLost` when another took it over. Answers what may
    /// be written now: the whole, if this was the last of its chapters.
    public func store(
        _ writing: Writing, promptVersion: String, cost: WritingCost, for summary: ClaimedSummary
    ) throws -> Summary.ID? {
        try lockWhole(of: summary)
        let kept = try run(
            """
            UPDATE production.summaries
            SET state = 'draft', text = \(String(writing.text.prefix(20_000))), model = \(writing.model),
                prompt_version = \(promptVersion), failure = NULL, lease = NULL, leased_until = NULL
            WHERE id = \(summary.id) AND lease = \(summary.lease)
            """)
        guard kept == 1 else { throw LeaseLost() }
        try charge(cost, to: summary)
        try emit(
            .summaryCompleted, about: summary.id.description, once: summary.id.description,
            ["summary": summary.id.description, "transcript": summary.transcript.description])
        return try dueWhole(after: summary)
    }

    /// Gives the writing back, or up after the last attempt; answers whether it was given up, and what may be written
    /// now: a chapter that is given up keeps the whole waiting no longer.
    public func fail(
        _ summary: ClaimedSummary, because failure: String, cost: WritingCost, maximumAttempts: Int
    ) throws -> (isLast: Bool, due: Summary.ID?) {
        try lockWhole(of: summary)
        let isLast = summary.attempt >= maximumAttempts
        let kept = try run(
            """
            UPDATE production.summaries
            SET state = \(isLast ? "failed" : "wanted"), failure = \(failure), lease = NULL,
                leased_until = NULL, sent_at = clock_timestamp()
            WHERE id = \(summary.id) AND lease = \(summary.lease)
            """)
        guard kept == 1 else { throw LeaseLost() }
        try charge(cost, to: summary)
        return try (isLast, isLast ? dueWhole(after: summary) : nil)
    }

    /// What was paid for is paid for, whatever became of it.
    private func charge(_ cost: WritingCost, to summary: ClaimedSummary) throws {
        try run(
            """
            UPDATE production.summaries
            SET calls = calls + \(cost.calls), tokens_read = tokens_read + \(cost.tokensRead),
                tokens_written = tokens_written + \(cost.tokensWritten),
                cost_nanodollars = cost_nanodollars + \(cost.nanodollars)
            WHERE id = \(summary.id)
            """)
    }

    /// Those who finish the last two chapters at once queue up here, so that one of them sees that it was the last.
    private func lockWhole(of summary: ClaimedSummary) throws {
        guard summary.scope != .book else { return }
        try run(
            """
            SELECT 1 FROM production.summaries
            WHERE transcript_id = \(summary.transcript) AND chapter = 0 AND state = 'wanted' FOR UPDATE
            """)
    }

    private func dueWhole(after summary: ClaimedSummary) throws -> Summary.ID? {
        guard summary.scope != .book else { return nil }
        return try value(
            """
            SELECT id FROM production.summaries AS summary
            WHERE transcript_id = \(summary.transcript) AND chapter = 0 AND state = 'wanted' AND \(isDue)
            """)
    }

    /// What should have been written and is not. It counts as sent again from now on.
    public func lostSummaries(idleSeconds: Int, limit: Int) throws -> [Summary.ID] {
        try values(
            """
            UPDATE production.summaries SET sent_at = clock_timestamp()
            WHERE id IN (
                SELECT id FROM production.summaries AS summary
                WHERE (state = 'wanted' OR state = 'writing' AND leased_until <= clock_timestamp())
                    AND COALESCE(sent_at, created_at)
                        <= clock_timestamp() - make_interval(secs => \(idleSeconds))
                    AND \(isDue)
                ORDER BY created_at LIMIT \(limit) FOR UPDATE SKIP LOCKED)
            RETURNING id
            """)
    }
}

private struct ToldChapter: RowDecodable {
    let chapter: Int
    let text: String
    init(_ row: borrowing Row) throws(PostgresError) {
        (chapter, text) = (try row["chapter"], try row["text"])
    }
}
