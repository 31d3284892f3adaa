import Bookshop
import Postgres

extension Transaction {
    /// Puts the pieces of a transcript together, in the transaction of the one that was missing. A text that is read
    /// already, of which a piece was heard again, is replaced in its place.
    func assemble(_ id: Transcript.ID) throws -> ChunkCompletion {
        let isRead = try only("SELECT state = 'ready' FROM production.transcripts WHERE id = \(id)") as Bool
        if !isRead { try run("UPDATE production.transcripts SET state = 'assembling' WHERE id = \(id)") }
        let edition: Edition.ID = try only("SELECT edition_id FROM production.transcripts WHERE id = \(id)")
        let chunks: [HeardChunk] = try all(
            """
            SELECT start_ms, end_ms, result FROM production.transcript_chunks
            WHERE transcript_id = \(id) ORDER BY number
            """)
        let segments = Transcript.assembled(chunks, chapters: try chapters(of: edition))
        guard !segments.isEmpty else {
            // Who reads the text is not left without one.
            if isRead { return .mended }
            try run("DELETE FROM production.transcript_segments WHERE transcript_id = \(id)")
            return try askForReview(of: id, because: [.noSpeech])
        }
        let corrections = try corrections(of: id)
        try run("DELETE FROM production.transcript_segments WHERE transcript_id = \(id)")
        for start in stride(from: 0, to: segments.count, by: 1000) {
            try write(segments[start..<min(start + 1000, segments.count)], of: id, corrections)
        }
        // What an editor wrote may be among the words that follow.
        try run(
            """
            UPDATE production.transcript_segments SET following = production.following(transcript_id, position)
            WHERE transcript_id = \(id)
            """)
        if isRead {
            try noteChange(of: id)
            return .mended
        }
        let language: LanguageTag = try only("SELECT language FROM production.transcripts WHERE id = \(id)")
        let doubts = Transcript.doubts(about: chunks, in: language)
        guard doubts.isEmpty else { return try askForReview(of: id, because: doubts) }
        try makeReady(id)
        return .assembled
    }

    /// Whatever was made of the text is of another one now.
    func noteChange(of id: Transcript.ID) throws {
        try run("UPDATE production.transcripts SET text_version = text_version + 1 WHERE id = \(id)")
    }

    private func askForReview(of id: Transcript.ID, because doubts: [Transcript.Doubt]) throws
        -> ChunkCompletion
    {
        try run(
            """
            UPDATE production.transcripts SET state = 'needs_review', quality_flags = \(doubts)::text[]
            WHERE id = \(id)
            """)
        return .needsReview
    }

    /// From now on it is the text of its recording, in the place of the one before.
    func makeReady(_ id: Transcript.ID) throws {
        let edition: Edition.ID = try only("SELECT edition_id FROM production.transcripts WHERE id = \(id)")
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
    }

    /// What an editor corrected is corrected still, where the very same was heard.
    private func write(
        _ segments: ArraySlice<Segment>, of id: Transcript.ID, _ corrections: [HeardPhrase: Segment]
    ) throws {
        let heard = segments.map { String($0.text.prefix(SegmentText.longest)) }
        let written = zip(segments, heard).map { segment, text in
            corrections[HeardPhrase(span: segment.span, text: text)]
        }
        let words = try segments.map { try JSONText(encoding: $0.words).text }
        let correctedWords = try zip(words, written).map { words, correction in
            try correction.map { try JSONText(encoding: $0.words).text } ?? words
        }
        try run(
            """
            INSERT INTO production.transcript_segments (transcript_id, position, start_ms, end_ms, chapter, text,
                words, version, heard_text, heard_words, language)
            SELECT \(id), position, start_ms, end_ms, chapter, text, words::jsonb, version,
                CASE WHEN version > 1 THEN heard_text END, CASE WHEN version > 1 THEN heard_words::jsonb END,
                (SELECT language FROM production.transcripts WHERE id = \(id))
            FROM unnest(\(segments.map(\.position))::int[],
                \(segments.map(\.span.startMilliseconds))::bigint[],
                \(segments.map(\.span.endMilliseconds))::bigint[], \(segments.map(\.chapter))::int[],
                \(zip(heard, written).map { $1?.text ?? $0 })::text[], \(correctedWords)::text[],
                \(written.map { $0?.version ?? 1 })::int[], \(heard)::text[], \(words)::text[])
                AS segment (position, start_ms, end_ms, chapter, text, words, version, heard_text, heard_words)
            """)
    }
}
