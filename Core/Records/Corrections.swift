public import Bookshop
public import Postgres

extension Transaction {
    /// Puts an editor's chapters in the place of a book's. They are a new edition of the same files, so that
    /// every place kept by its time stays valid; what was heard and summed up of the old one goes along and
    /// is not paid for again. The chapters there are already change nothing.
    public func correct(
        _ book: Audiobook.ID, to chapters: [Chapter], by editor: Editor.ID, ifVersion version: Int
    ) throws {
        let current = try lock(book)
        guard current.version == version else {
            throw CatalogueError.changedMeanwhile(version: current.version)
        }
        guard let old = try currentEdition(of: book) else { throw CatalogueError.noRecording }
        guard try self.chapters(of: old) != chapters else { return }
        let new: Edition.ID = try only(
            """
            INSERT INTO catalogue.editions (audiobook_id, number, duration_ms)
            SELECT audiobook_id, (SELECT max(number) + 1 FROM catalogue.editions WHERE audiobook_id = \(book)),
                duration_ms
            FROM catalogue.editions WHERE id = \(old)
            RETURNING id
            """)
        try run(
            """
            INSERT INTO catalogue.tracks (edition_id, position, asset_id, start_ms, duration_ms)
            SELECT \(new), position, asset_id, start_ms, duration_ms FROM catalogue.tracks
            WHERE edition_id = \(old)
            """)
        try write(chapters, of: new, source: "manual")
        try run("UPDATE catalogue.editions SET sealed_at = now() WHERE id = \(new)")
        try run("UPDATE catalogue.audiobooks SET current_edition_id = \(new) WHERE id = \(book)")
        try carryWords(from: old, to: new)
        try audit(
            "chapters.corrected", of: book.description, by: editor, before: ["edition": old],
            after: ["edition": new])
        try touch(book)
    }

    func write(_ chapters: [Chapter], of edition: Edition.ID, source: String) throws {
        try run(
            """
            INSERT INTO catalogue.chapters (edition_id, position, title, start_ms, end_ms, source)
            SELECT \(edition), position, title, start_ms, end_ms, \(source)
            FROM unnest(\(chapters.map(\.title))::text[], \(chapters.map(\.span.startMilliseconds))::bigint[],
                    \(chapters.map(\.span.endMilliseconds))::bigint[])
                WITH ORDINALITY AS chapter (title, start_ms, end_ms, position)
            """)
    }

    /// Transcripts are of the files, whatever their chapters: all of them go along, done or not. Their row is
    /// locked by whoever brings a piece, so that a text is put together by the chapters of before or of after
    /// and never of both.
    private func carryWords(from old: Edition.ID, to new: Edition.ID) throws {
        try run("UPDATE production.transcripts SET edition_id = \(new) WHERE edition_id = \(old)")
        // What begins at the end or behind it belongs to the last.
        try run(
            """
            UPDATE production.transcript_segments AS segment SET chapter = told.position
            FROM production.transcripts AS transcript, catalogue.chapters AS told,
                (SELECT max(position) AS position FROM catalogue.chapters WHERE edition_id = \(new)) AS last
            WHERE transcript.edition_id = \(new) AND transcript_id = transcript.id AND told.edition_id = \(new)
                AND segment.start_ms >= told.start_ms
                AND (segment.start_ms < told.end_ms OR told.position = last.position)
                AND chapter <> told.position
            """)
        // A summary of a chapter that is where it was goes with it under its new number; of another it is of
        // nothing now. The numbers are first taken out of each other's way.
        try run(
            """
            UPDATE production.summaries AS summary SET chapter = summary.chapter + 1000000
            FROM production.transcripts AS transcript
            WHERE transcript.edition_id = \(new) AND transcript_id = transcript.id AND chapter > 0
                AND summary.state IN ('wanted', 'writing', 'draft', 'approved')
            """)
        try run(
            """
            UPDATE production.summaries AS summary SET chapter = after.position
            FROM production.transcripts AS transcript, catalogue.chapters AS before, catalogue.chapters AS after
            WHERE transcript.edition_id = \(new) AND transcript_id = transcript.id
                AND before.edition_id = \(old) AND before.position + 1000000 = chapter
                AND after.edition_id = \(new)
                AND (after.start_ms, after.end_ms) = (before.start_ms, before.end_ms)
            """)
        try run(
            """
            UPDATE production.summaries AS summary
            SET state = 'superseded', chapter = chapter - 1000000, lease = NULL, leased_until = NULL
            FROM production.transcripts AS transcript
            WHERE transcript.edition_id = \(new) AND transcript_id = transcript.id AND chapter > 1000000
            """)
    }
}
