public import Bookshop
public import Postgres

/// A text that somebody has taken to bring it into the index, or what is no longer read out of it.
public struct ClaimedText: RowDecodable {
    public let transcript: Transcript.ID
    public let revision: Int
    let lease: Lease
    /// Nil if nobody is to find it any more.
    public let text: IndexedText?

    public init(_ row: borrowing Row) throws(PostgresError) {
        (transcript, revision) = (try row["transcript_id"], try row["revision"])
        lease = try row["lease"]
        guard let book: Audiobook.ID = try row["audiobook_id"] else {
            text = nil
            return
        }
        text = IndexedText(
            transcript: transcript, audiobook: book, sortedTitle: try row["sorted"],
            language: try row["language"], revision: revision)
    }
}

extension IndexedPhrase: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(
            position: try row["position"], text: try row["text"], following: try row["following"])
    }
}

extension Transaction {
    /// Takes the text that has waited longest, for so long: who asks meanwhile gets another. What fails is taken again,
    /// each time later than the last, up to six hours.
    public func claimText(leaseSeconds: Int) throws -> ClaimedText? {
        try first(
            """
            WITH due AS (
                SELECT transcript_id FROM production.indexed_texts
                WHERE indexed_revision < revision AND next_try_at <= clock_timestamp()
                ORDER BY next_try_at, transcript_id LIMIT 1 FOR UPDATE SKIP LOCKED
            ), claimed AS (
                UPDATE production.indexed_texts AS indexed
                SET lease = \(Lease()), attempts = attempts + 1, next_try_at = clock_timestamp()
                    + least(make_interval(secs => \(leaseSeconds)) * power(2, least(attempts, 10)), interval '6 hours')
                FROM due WHERE indexed.transcript_id = due.transcript_id
                RETURNING indexed.transcript_id, indexed.revision, indexed.lease
            )
            SELECT claimed.transcript_id, claimed.revision, claimed.lease, book.id AS audiobook_id,
                catalogue.folded(book.title) AS sorted, transcript.language
            FROM claimed
                LEFT JOIN production.transcripts AS transcript
                    ON transcript.id = claimed.transcript_id AND transcript.state = 'ready'
                LEFT JOIN catalogue.audiobooks AS book ON book.current_edition_id = transcript.edition_id
            """)
    }

    /// The phrases of a text in order, behind the position given.
    public func phrases(of transcript: Transcript.ID, after position: Int, limit: Int) throws
        -> [IndexedPhrase]
    {
        try all(
            """
            SELECT position, text, following FROM production.transcript_segments
            WHERE transcript_id = \(transcript) AND position > \(position) ORDER BY position LIMIT \(limit)
            """)
    }

    /// The index has it as it was when it was taken. False, if it is in other hands, or the index was lost meanwhile.
    /// What is read nowhere any more is forgotten.
    public func noteIndexed(_ claimed: ClaimedText) throws -> Bool {
        let isOurs =
            try run(
                """
                UPDATE production.indexed_texts
                SET indexed_revision = \(claimed.revision), lease = NULL, next_try_at = '-infinity', attempts = 0
                WHERE transcript_id = \(claimed.transcript) AND lease = \(claimed.lease)
                """) == 1
        try run(
            """
            DELETE FROM production.indexed_texts AS indexed
            WHERE transcript_id = \(claimed.transcript) AND indexed_revision = revision AND NOT EXISTS (
                SELECT 1 FROM production.transcripts WHERE id = indexed.transcript_id AND state = 'ready')
            """)
        return isOurs
    }

    /// It was not its fault that nothing came of it.
    public func release(_ claimed: ClaimedText) throws {
        try run(
            """
            UPDATE production.indexed_texts
            SET lease = NULL, next_try_at = '-infinity', attempts = attempts - 1
            WHERE transcript_id = \(claimed.transcript) AND lease = \(claimed.lease)
            """)
    }

    /// The index has nothing, and whoever is writing to it writes in vain.
    public func noteLostIndex() throws {
        try run(
            """
            UPDATE production.indexed_texts
            SET indexed_revision = 0, lease = NULL, next_try_at = '-infinity', attempts = 0
            """)
    }

    /// The texts a search is in, if the index has all of them as they are now, and they are no more than are asked of
    /// it at once.
    public func textsToSearch(_ search: PassageSearch) throws -> SearchedTexts? {
        let most = 2000
        var owned: [SQL] = ["library.user_id = \(search.customer)"]
        if let book = search.audiobook { owned.append("library.audiobook_id = \(book)") }
        let texts: [OwnedText] = try all(
            """
            SELECT transcript.id, transcript.language,
                COALESCE(indexed.indexed_revision = indexed.revision, false) AS is_whole
            FROM listening.library
                JOIN catalogue.audiobooks AS book ON book.id = library.audiobook_id
                JOIN production.transcripts AS transcript
                    ON transcript.edition_id = book.current_edition_id AND transcript.state = 'ready'
                LEFT JOIN production.indexed_texts AS indexed ON indexed.transcript_id = transcript.id
            WHERE \(owned.joined(separator: " AND ")) LIMIT \(most + 1)
            """)
        guard (1...most).contains(texts.count), texts.allSatisfy(\.isWhole) else { return nil }
        var last: PassageMark?
        if let cursor = search.cursor {
            let title: String? = try value(
                "SELECT catalogue.folded(title) FROM catalogue.audiobooks WHERE id = \(cursor.id)")
            guard let title, let position = Int(cursor.key) else { return nil }
            last = PassageMark(
                sortedTitle: title, audiobook: Audiobook.ID(rawValue: cursor.id), position: position)
        }
        return SearchedTexts(
            transcripts: texts.map(\.id), languages: Set(texts.map(\.language)), after: last)
    }
}

private struct OwnedText: RowDecodable {
    let id: Transcript.ID
    let language: LanguageTag
    let isWhole: Bool

    init(_ row: borrowing Row) throws(PostgresError) {
        (id, language, isWhole) = (try row["id"], try row["language"], try row["is_whole"])
    }
}
