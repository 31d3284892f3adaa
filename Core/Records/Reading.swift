public import Bookshop
public import Postgres

/// A text that whoever owns its book may read.
public struct ReadableTranscript: RowDecodable {
    public let id: Transcript.ID
    public let edition: Edition.ID
    public let language: LanguageTag

    public init(_ row: borrowing Row) throws(PostgresError) {
        (id, edition, language) = (try row["id"], try row["edition_id"], try row["language"])
    }
}

extension Segment: RowDecodable {
    public init(_ row: borrowing Row) throws(PostgresError) {
        self.init(
            position: try row["position"], span: try row.span(), text: try row["text"],
            words: try row.json("words"), chapter: try row["chapter"], version: try row["version"])
    }
}

extension Transaction {
    /// The text of the recording a book has now. What is not ready is read by nobody but editors.
    public func readableTranscript(of book: Audiobook.ID) throws -> ReadableTranscript {
        let ready: ReadableTranscript? = try first(
            """
            SELECT transcript.id, edition_id, transcript.language FROM production.transcripts AS transcript
                JOIN catalogue.audiobooks AS book ON current_edition_id = edition_id
            WHERE book.id = \(book) AND transcript.state = 'ready'
            """)
        guard let ready else { throw TranscriptError.notReady }
        return ready
    }

    /// The phrases of a window in order, behind the position given. No two are said at once, so that of those that
    /// begin before the window only the last can reach into it.
    public func segments(
        of id: Transcript.ID, in window: TranscriptWindow = TranscriptWindow(), after position: Int = 0,
        limit: Int
    ) throws -> [Segment] {
        let from = window.fromMilliseconds
        var conditions: [SQL] = [
            "transcript_id = \(id)", "position > \(position)", "(end_ms > \(from) OR start_ms >= \(from))",
        ]
        if from > 0 {
            conditions.append(
                """
                position >= COALESCE((SELECT before.position FROM production.transcript_segments AS before
                    WHERE before.transcript_id = \(id) AND before.start_ms < \(from)
                    ORDER BY before.start_ms DESC, before.position DESC LIMIT 1), 1)
                """)
        }
        if let to = window.toMilliseconds { conditions.append("start_ms < \(to)") }
        if let chapter = window.chapter { conditions.append("chapter = \(chapter)") }
        return try all(
            """
            SELECT position, start_ms, end_ms, chapter, text, words, version
            FROM production.transcript_segments
            WHERE \(conditions.joined(separator: " AND ")) ORDER BY position LIMIT \(constant: limit)
            """)
    }

    /// A page of a window. Where the text was replaced meanwhile, the cursor is of another list.
    public func segments(
        of id: Transcript.ID, in window: TranscriptWindow, after cursor: Cursor?, size: Int
    ) throws -> Page<Segment> {
        var position = 0
        if let cursor {
            guard cursor.list == "transcript", cursor.id == id.rawValue, let last = Int(cursor.key),
                (0...Int(Int32.max)).contains(last)
            else { throw ForeignCursor() }
            position = last
        }
        let found = try segments(of: id, in: window, after: position, limit: size + 1)
        let items = Array(found.prefix(size))
        let next = found.count > size ? items.last : nil
        return Page(
            items: items,
            next: next.map { Cursor(list: "transcript", key: String($0.position), id: id.rawValue) })
    }
}
