public import Bookshop
public import Postgres

extension Recap.Part: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(
            position: try row["position"], chapter: Chapter(title: try row["title"], span: try row.span()),
            summary: try row["summary"])
    }
}

extension Transaction {
    /// What a person approved of the chapters of a book that end where a customer is, or before. A chapter they are
    /// in the middle of is not among them, however little of it is left: its summary tells its end.
    public func recap(of book: Audiobook.ID, for customer: Customer.ID) throws -> Recap {
        let place = try position(of: customer, in: book)
        // In another edition than the place was told of, it is the same or the end.
        let milliseconds = min(place.milliseconds, place.durationMilliseconds)
        let parts: [Recap.Part] = try all(
            """
            SELECT chapter.position, chapter.title, chapter.start_ms, chapter.end_ms, summary.text AS summary
            FROM catalogue.audiobooks AS book
                JOIN catalogue.chapters AS chapter ON chapter.edition_id = book.current_edition_id
                LEFT JOIN production.transcripts AS transcript
                    ON transcript.edition_id = book.current_edition_id AND transcript.state = 'ready'
                LEFT JOIN production.summaries AS summary ON summary.transcript_id = transcript.id
                    AND summary.chapter = chapter.position AND summary.state = 'approved'
            WHERE book.id = \(book) AND chapter.end_ms <= \(milliseconds)
            ORDER BY chapter.position LIMIT \(Chapter.maximumCount)
            """)
        return Recap(audiobook: book, milliseconds: milliseconds, chapters: parts)
    }
}
