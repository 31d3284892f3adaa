public import Bookshop
import FoundationEssentials
public import Postgres

extension Summary: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(
            id: try row["id"], audiobook: try row["audiobook_id"], transcript: try row["transcript_id"],
            scope: Scope(chapter: try row["chapter"]), state: try row["state"], text: try row["text"],
            model: try row["model"], promptVersion: try row["prompt_version"],
            approvedBy: try row["approved_by"], failure: try row["failure"],
            cost: WritingCost(
                calls: try row["calls"], tokensRead: try row["tokens_read"],
                tokensWritten: try row["tokens_written"], nanodollars: try row["cost_nanodollars"]),
            createdAt: try row["created_at"])
    }
}

private let selectSummary: SQL = """
    SELECT summary.id, edition.audiobook_id, transcript_id, chapter, summary.state, text, model,
        prompt_version, approved_by, summary.failure, calls, tokens_read, tokens_written, cost_nanodollars,
        summary.created_at
    FROM production.summaries AS summary
        JOIN production.transcripts AS transcript ON transcript.id = transcript_id
        JOIN catalogue.editions AS edition ON edition.id = transcript.edition_id
    """

extension Transaction {
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

    /// All that were ever asked for of a book, newest first, a page at a time, for editors.
    public func summaries(
        of book: Audiobook.ID, in state: Summary.State? = nil, after cursor: Cursor? = nil,
        size: PageSize = .standard
    ) throws -> Page<Summary> {
        let list = "summaries \(state?.rawValue ?? "")"
        var conditions: [SQL] = ["edition.audiobook_id = \(book)"]
        if let state { conditions.append("summary.state = \(state)") }
        if let cursor {
            guard cursor.list == list, let last = Date(sqlText: cursor.key) else { throw ForeignCursor() }
            conditions.append("(summary.created_at, summary.id) < (\(last)::timestamptz, \(cursor.id)::uuid)")
        }
        let found: [Summary] = try all(
            """
            \(selectSummary) WHERE \(conditions.joined(separator: " AND "))
            ORDER BY summary.created_at DESC, summary.id DESC LIMIT \(constant: size.rawValue + 1)
            """)
        return Page(found, size: size) {
            Cursor(list: list, key: $0.createdAt.sqlText, id: $0.id.rawValue)
        }
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

    /// Has the same summed up anew: a draft is rejected by that, and what is shown is shown until the new one is
    /// approved. One that waits or is being written, and one that was asked for anew before, is not asked for twice.
    public func regenerate(_ id: Summary.ID, by editor: Editor.ID) throws -> Summary.ID {
        let former = try lock(id)
        switch former.state {
        case .wanted, .writing: return id
        case .draft: try reject(id, by: editor)
        case .approved, .rejected, .failed, .superseded: break
        }
        return try wantSummary(of: former.transcript, former.scope)
    }

    private func lock(_ id: Summary.ID) throws -> Summary {
        let summary: Summary? = try first("\(selectSummary) WHERE summary.id = \(id) FOR UPDATE OF summary")
        guard let summary else { throw SummaryError.noSuchSummary }
        return summary
    }
}
