import Bookshop
import Postgres

extension Transaction {
    /// Puts the pieces of a transcript together, in the transaction of the one that was missing.
    func assemble(_ id: Transcript.ID) throws -> ChunkCompletion {
        try run("UPDATE production.transcripts SET state = 'assembling' WHERE id = \(id)")
        let edition: Edition.ID = try only("SELECT edition_id FROM production.transcripts WHERE id = \(id)")
        let chunks: [HeardChunk] = try all(
            """
            SELECT start_ms, end_ms, result FROM production.transcript_chunks
            WHERE transcript_id = \(id) ORDER BY number
            """)
        let segments = Transcript.assembled(chunks, chapters: try chapters(of: edition))
        try run("DELETE FROM production.transcript_segments WHERE transcript_id = \(id)")
        guard !segments.isEmpty else {
            try run(
                """
                UPDATE production.transcripts SET state = 'needs_review', quality_flags = '{no-speech}'
                WHERE id = \(id)
                """)
            return .needsReview
        }
        for start in stride(from: 0, to: segments.count, by: 1000) {
            try write(segments[start..<min(start + 1000, segments.count)], of: id)
        }
        try run(
            """
            UPDATE production.transcripts SET state = 'superseded'
            WHERE edition_id = \(edition) AND state = 'ready'
            """)
        try run(
            """
            UPDATE production.transcripts SET state = 'ready', ready_at = clock_timestamp() WHERE id = \(id)
            """)
        let book: Audiobook.ID = try only(
            "SELECT audiobook_id FROM catalogue.editions WHERE id = \(edition)")
        try emit(
            .transcriptionCompleted, about: id.description, once: id.description,
            ["transcript": id.description, "audiobook": book.description])
        return .assembled(try wantSummary(of: id, .book))
    }

    private func write(_ segments: ArraySlice<Segment>, of id: Transcript.ID) throws {
        let words = try segments.map { try JSONText(encoding: $0.words).text }
        try run(
            """
            INSERT INTO production.transcript_segments
                (transcript_id, position, start_ms, end_ms, chapter, text, words)
            SELECT \(id), position, start_ms, end_ms, chapter, text, words::jsonb
            FROM unnest(\(segments.map(\.position))::int[],
                \(segments.map(\.span.startMilliseconds))::bigint[],
                \(segments.map(\.span.endMilliseconds))::bigint[], \(segments.map(\.chapter))::int[],
                \(segments.map { String($0.text.prefix(8000)) })::text[], \(words)::text[])
                AS segment (position, start_ms, end_ms, chapter, text, words)
            """)
    }
}
