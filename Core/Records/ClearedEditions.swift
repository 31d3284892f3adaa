public import Bookshop
public import Postgres

/// Of books that were recorded again, the editions before, once nobody hears them any more. Links are made
/// for the edition a book has now, and end within the hour. An edition whose text is still being made is not
/// through yet.
private func outlived(_ days: Int) -> SQL {
    """
    FROM catalogue.editions AS second
        JOIN catalogue.audiobooks AS book ON book.id = second.audiobook_id
        JOIN catalogue.editions AS current ON current.id = book.current_edition_id
        -- Book by book, and never all editions there are.
        CROSS JOIN LATERAL (SELECT id, number FROM catalogue.editions
            WHERE audiobook_id = book.id AND sealed_at IS NOT NULL OFFSET 0) AS edition
    WHERE second.number = 2 AND edition.number < current.number
        AND (SELECT min(sealed_at) FROM catalogue.editions AS later
            WHERE later.audiobook_id = book.id AND later.number > edition.number)
            < now() - make_interval(days => \(days))
        AND NOT EXISTS (SELECT FROM production.cleared_editions WHERE edition_id = edition.id)
        AND NOT EXISTS (SELECT FROM production.transcripts
            WHERE edition_id = edition.id AND state IN ('planned', 'running', 'assembling'))
    """
}

extension Transaction {
    /// Takes from superseded editions that have outlived their grace what they alone have: that their files
    /// are needed, and their words. Listeners' places are told in their time, and evidence speaks of their
    /// files: those rows stay. Answers whether there may be more. A dry run only counts.
    public func clearEditions(of round: CleanupRound, graceDays: Int, limit: Int) throws -> Bool {
        try hold(round)
        let outlived = outlived(graceDays)
        guard !round.isDryRun else {
            try run(
                """
                UPDATE production.cleanups SET editions = (SELECT count(*) \(outlived)) WHERE id = \(round.id)
                """)
            try finish(round)
            return false
        }
        let editions: [Edition.ID] = try values(
            "SELECT edition.id \(outlived) ORDER BY edition.id LIMIT \(limit)")
        for edition in editions { try clear(edition, in: round) }
        if editions.count < limit { try finish(round) }
        return editions.count == limit
    }

    private func clear(_ edition: Edition.ID, in round: CleanupRound) throws {
        try run("INSERT INTO production.cleared_editions (edition_id) VALUES (\(edition))")
        // Whoever is about to make a recording of one of them is waited for, and then seen.
        try run(
            """
            SELECT 1 FROM catalogue.assets
            WHERE id IN (SELECT asset_id FROM catalogue.tracks WHERE edition_id = \(edition))
            ORDER BY id FOR UPDATE
            """)
        try run(
            """
            UPDATE catalogue.assets AS asset SET removed_at = now(), removed_because = 'superseded-edition'
            WHERE id IN (SELECT asset_id FROM catalogue.tracks WHERE edition_id = \(edition))
                AND removed_at IS NULL AND production.use_of(id) = 'superseded-edition'
                AND NOT EXISTS (SELECT FROM catalogue.tracks AS other
                    WHERE other.asset_id = asset.id AND NOT EXISTS (
                        SELECT FROM production.cleared_editions AS cleared
                        WHERE cleared.edition_id = other.edition_id))
            """)
        try run(
            """
            UPDATE catalogue.recording_weights AS known SET (objects, bytes) = (
                SELECT count(*), COALESCE(sum(bytes), 0) FROM catalogue.assets
                WHERE removed_at IS NULL AND id IN (
                    SELECT asset_id FROM catalogue.tracks AS track
                        JOIN catalogue.editions AS edition ON edition.id = track.edition_id
                    WHERE edition.audiobook_id = known.audiobook_id AND sealed_at IS NOT NULL))
            WHERE audiobook_id = (SELECT audiobook_id FROM catalogue.editions WHERE id = \(edition))
            """)
        let transcripts = try run(
            """
            SELECT production.forget_words(id) FROM production.transcripts WHERE edition_id = \(edition)
            """)
        try run(
            """
            UPDATE production.cleanups SET editions = editions + 1, transcripts = transcripts + \(transcripts)
            WHERE id = \(round.id)
            """)
    }
}
