public import Bookshop
public import Postgres

extension Summary: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(
            id: try row["id"], audiobook: try row["audiobook_id"], transcript: try row["transcript_id"],
            scope: Scope(chapter: try row["chapter"]), state: try row["state"], text: try row["text"],
            model: try row["model"], promptVersion: try row["prompt_version"],
            approvedBy: try row["approved_by"], createdAt: try row["created_at"])
    }
}

extension ClaimedSummary: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(
            id: try row["id"], transcript: try row["transcript_id"], title: try row["title"],
            language: try row["language"], scope: Summary.Scope(chapter: try row["chapter"]),
            attempt: try row["attempts"], lease: try row["lease"])
    }
}

private let selectSummary: SQL = """
    SELECT summary.id, edition.audiobook_id, transcript_id, chapter, summary.state, text, model,
        prompt_version, approved_by, summary.created_at
    FROM production.summaries AS summary
        JOIN production.transcripts AS transcript ON transcript.id = transcript_id
        JOIN catalogue.editions AS edition ON edition.id = transcript.edition_id
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
        return try only(
            """
            INSERT INTO production.summaries (transcript_id, chapter) VALUES (\(transcript), \(scope.chapter))
            RETURNING id
            """)
    }

    /// Asks for what is to be written of a text that has become ready: nothing, where another has taken its place
    /// since, or nobody speaks in the recording.
    public func wantSummary(ofReady transcript: Transcript.ID) throws -> Summary.ID? {
        let speaks: Bool? = try value(
            """
            SELECT EXISTS (SELECT 1 FROM production.transcript_segments WHERE transcript_id = \(transcript))
            FROM production.transcripts WHERE id = \(transcript) AND state = 'ready'
            """)
        return speaks == true ? try wantSummary(of: transcript, .book) : nil
    }

    /// Takes on the writing, unless it is done or another is at it.
    public func claimSummary(_ id: Summary.ID, leaseSeconds: Int) throws -> ClaimedSummary? {
        let claimed = try run(
            """
            UPDATE production.summaries
            SET state = 'writing', attempts = attempts + 1, lease = \(Lease()),
                leased_until = clock_timestamp() + make_interval(secs => \(leaseSeconds))
            WHERE id = \(id)
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

    /// What is to be summed up, phrase by phrase.
    public func phrases(for summary: ClaimedSummary) throws -> [String] {
        try values(
            """
            SELECT text FROM production.transcript_segments
            WHERE transcript_id = \(summary.transcript)
                AND \(summary.scope.chapter) IN (0, chapter) ORDER BY position
            """)
    }

    /// Keeps what was written, for a person to judge. Throws `LeaseLost` when another took it over.
    public func store(_ writing: Writing, promptVersion: String, for summary: ClaimedSummary) throws {
        let kept = try run(
            """
            UPDATE production.summaries
            SET state = 'draft', text = \(String(writing.text.prefix(20_000))), model = \(writing.model),
                prompt_version = \(promptVersion), failure = NULL, lease = NULL, leased_until = NULL
            WHERE id = \(summary.id) AND lease = \(summary.lease)
            """)
        guard kept == 1 else { throw LeaseLost() }
        try emit(
            .summaryCompleted, about: summary.id.description, once: summary.id.description,
            ["summary": summary.id.description, "transcript": summary.transcript.description])
    }

    /// Gives the writing back, or up after the last attempt; answers whether it was given up.
    public func fail(
        _ summary: ClaimedSummary, because failure: String, maximumAttempts: Int
    ) throws -> Bool {
        let isLast = summary.attempt >= maximumAttempts
        let kept = try run(
            """
            UPDATE production.summaries
            SET state = \(isLast ? "failed" : "wanted"), failure = \(failure), lease = NULL,
                leased_until = NULL, sent_at = clock_timestamp()
            WHERE id = \(summary.id) AND lease = \(summary.lease)
            """)
        guard kept == 1 else { throw LeaseLost() }
        return isLast
    }

    /// Shows a draft to everybody, in the place of what was shown before. Approved already is approved.
    public func approve(_ id: Summary.ID, by editor: Editor.ID) throws {
        let draft = try lock(id)
        guard draft.state != .approved else { return }
        guard draft.state == .draft else { throw SummaryError.notADraft(draft.state) }
        try run(
            """
            UPDATE production.summaries SET state = 'superseded'
            WHERE transcript_id = \(draft.transcript) AND chapter = \(draft.scope.chapter)
                AND state = 'approved'
            """)
        try run(
            """
            UPDATE production.summaries
            SET state = 'approved', approved_by = \(editor), approved_at = now() WHERE id = \(id)
            """)
        try audit("summary.approved", of: id.description, by: editor)
    }

    public func reject(_ id: Summary.ID, by editor: Editor.ID) throws {
        let draft = try lock(id)
        guard draft.state != .rejected else { return }
        guard draft.state == .draft else { throw SummaryError.notADraft(draft.state) }
        try run("UPDATE production.summaries SET state = 'rejected' WHERE id = \(id)")
        try audit("summary.rejected", of: id.description, by: editor)
    }

    private func lock(_ id: Summary.ID) throws -> Summary {
        let summary: Summary? = try first("\(selectSummary) WHERE summary.id = \(id) FOR UPDATE OF summary")
        guard let summary else { throw SummaryError.noSuchSummary }
        return summary
    }

    public func summary(_ id: Summary.ID) throws -> Summary? {
        try first("\(selectSummary) WHERE summary.id = \(id)")
    }

    /// What may be shown of a book as it is now.
    public func approvedSummary(of book: Audiobook.ID, _ scope: Summary.Scope = .book) throws -> Summary? {
        try first(
            """
            \(selectSummary)
            WHERE edition.id = (SELECT current_edition_id FROM catalogue.audiobooks WHERE id = \(book))
                AND chapter = \(scope.chapter) AND summary.state = 'approved' AND transcript.state = 'ready'
            """)
    }

    /// All that were ever asked for of a book, newest first, for editors.
    public func summaries(of book: Audiobook.ID, limit: Int) throws -> [Summary] {
        try all(
            """
            \(selectSummary) WHERE edition.audiobook_id = \(book)
            ORDER BY summary.created_at DESC, summary.id LIMIT \(limit)
            """)
    }

    /// What should have been written and is not. It counts as sent again from now on.
    public func lostSummaries(idleSeconds: Int, limit: Int) throws -> [Summary.ID] {
        try values(
            """
            UPDATE production.summaries SET sent_at = clock_timestamp()
            WHERE id IN (
                SELECT id FROM production.summaries
                WHERE (state = 'wanted' OR state = 'writing' AND leased_until <= clock_timestamp())
                    AND COALESCE(sent_at, created_at)
                        <= clock_timestamp() - make_interval(secs => \(idleSeconds))
                ORDER BY created_at LIMIT \(limit) FOR UPDATE SKIP LOCKED)
            RETURNING id
            """)
    }
}
