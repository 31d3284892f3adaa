public import Bookshop
public import Postgres

/// Where in the book a contour begins.
private struct PlacedContour: RowDecodable {
    let start: Int
    let contour: Contour

    init(_ row: borrowing Row) throws(PostgresError) {
        start = try row["start_ms"]
        contour = Contour(bytes: try row["contour"])
    }
}

extension Transaction {
    /// What is known of the sound of a book, in its order; nothing of what was not heard yet.
    public func contours(of transcript: Transcript.ID) throws -> [(startMilliseconds: Int, contour: Contour)]
    {
        let placed: [PlacedContour] = try all(
            """
            SELECT start_ms, contour FROM production.transcript_chunks
            WHERE transcript_id = \(transcript) AND contour IS NOT NULL ORDER BY number
            """)
        return placed.map { ($0.start, $0.contour) }
    }
}
