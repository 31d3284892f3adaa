public import Bookshop
public import Postgres

extension Transaction {
    /// A person has looked at a text that was doubtful, and lets it be read. Approved already is approved.
    public func approve(_ id: Transcript.ID, by editor: Editor.ID) throws {
        let state = try lockedState(of: id)
        guard state != .ready else { return }
        guard state == .needsReview else { throw TranscriptError.notInReview(state) }
        try makeReady(id)
        try audit("transcript.approved", of: id.description, by: editor)
    }

    /// Has one piece heard again; the others stay as they are, and so does what editors wrote in them. A text that is
    /// read is read on until the piece is there. A piece that waits or is being heard is not asked for twice: answers
    /// whether it is to be heard.
    public func redo(chunk number: Int, of id: Transcript.ID, by editor: Editor.ID) throws -> Bool {
        let state = try lockedState(of: id)
        let chunk: String? = try value(
            """
            SELECT state FROM production.transcript_chunks
            WHERE transcript_id = \(id) AND number = \(number) FOR UPDATE
            """)
        guard let chunk else { throw TranscriptError.noSuchChunk }
        let isOpen = ["pending", "running"].contains(chunk)
        if isOpen, [.running, .ready].contains(state) { return chunk == "pending" }
        guard [.needsReview, .ready].contains(state) else { throw TranscriptError.notInReview(state) }
        try run(
            """
            UPDATE production.transcript_chunks SET state = 'pending', attempts = 0, result = NULL, model = NULL,
                failure = NULL, sent_at = clock_timestamp()
            WHERE transcript_id = \(id) AND number = \(number)
            """)
        if state == .needsReview {
            try run(
                """
                UPDATE production.transcripts SET state = 'running', quality_flags = '{}' WHERE id = \(id)
                """)
        }
        try audit("chunk.redone", of: "\(id)/\(number)", by: editor)
        return true
    }

    /// All pieces of a transcript, in the order of the book. Nil where there is no such transcript.
    public func chunks(of id: Transcript.ID) throws -> [ChunkStatus]? {
        guard try only("SELECT EXISTS (SELECT FROM production.transcripts WHERE id = \(id))") else {
            return nil
        }
        return try all(
            """
            SELECT number, start_ms, end_ms, state, attempts, failure FROM production.transcript_chunks
            WHERE transcript_id = \(id) ORDER BY number
            """)
    }

    private func lockedState(of id: Transcript.ID) throws -> Transcript.State {
        let state: Transcript.State? = try value(
            "SELECT state FROM production.transcripts WHERE id = \(id) FOR UPDATE")
        guard let state else { throw TranscriptError.noSuchTranscript }
        return state
    }
}

extension ChunkStatus: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(
            number: try row["number"], span: try row.span(), state: try row["state"],
            attempts: try row["attempts"], failure: try row["failure"])
    }
}
