public import Bookshop
public import Postgres

extension Transaction {
    /// Writes what an editor says in the place of what was heard, at the same time. What was heard is kept, and who
    /// changed it is noted.
    public func correct(
        _ position: Int, of transcript: Transcript.ID, to text: SegmentText, by editor: Editor.ID,
        ifVersion version: Int
    ) throws -> Segment {
        // Whoever puts the text together anew holds this row.
        try run("SELECT 1 FROM production.transcripts WHERE id = \(transcript) FOR UPDATE")
        let known: Segment? = try first(
            """
            SELECT position, start_ms, end_ms, chapter, text, words, version
            FROM production.transcript_segments
            WHERE transcript_id = \(transcript) AND position = \(position)
            """)
        guard let known else { throw CorrectionError.noSuchSegment }
        guard known.version == version else {
            throw CorrectionError.changedMeanwhile(version: known.version)
        }
        guard known.text != text.rawValue else { return known }
        let corrected = known.corrected(to: text)
        try run(
            """
            UPDATE production.transcript_segments
            SET heard_text = COALESCE(heard_text, text), heard_words = COALESCE(heard_words, words),
                text = \(corrected.text), words = \(try JSONText(encoding: corrected.words)),
                version = \(corrected.version)
            WHERE transcript_id = \(transcript) AND position = \(position)
            """)
        // Its words follow those ahead of it.
        try run(
            """
            UPDATE production.transcript_segments SET following = production.following(transcript_id, position)
            WHERE transcript_id = \(transcript) AND position BETWEEN \(position - 7) AND \(position - 1)
            """)
        try noteChange(of: transcript)
        try audit(
            "segment.corrected", of: "\(transcript)/\(position)", by: editor, before: ["text": known.text],
            after: ["text": corrected.text])
        return corrected
    }

    /// What editors wrote, by what was heard and when: put together anew, it is found again by these.
    func corrections(of transcript: Transcript.ID) throws -> [HeardPhrase: Segment] {
        let corrected: [CorrectedSegment] = try all(
            """
            SELECT position, start_ms, end_ms, chapter, text, words, version, heard_text
            FROM production.transcript_segments WHERE transcript_id = \(transcript) AND version > 1
            """)
        return Dictionary(
            corrected.map { (HeardPhrase(span: $0.segment.span, text: $0.heardText), $0.segment) }
        ) { first, _ in first }
    }
}

/// What a service said, and when.
struct HeardPhrase: Hashable {
    let span: Span
    let text: String
}

private struct CorrectedSegment: RowDecodable {
    let segment: Segment
    let heardText: String
    init(_ row: borrowing Row) throws(PostgresError) {
        (segment, heardText) = (try Segment(row), try row["heard_text"])
    }
}
