public import Bookshop
public import Postgres
import Records

// What is said in a test's books.

extension SpokenSegment {
    /// A phrase, and its words a fifth of a second each as a service tells them: without capitals and commas.
    public static func said(_ text: String, at start: Int, wordTimes: Bool = true) -> SpokenSegment {
        let words = WrittenWords.words(of: text).enumerated().map { index, word in
            SpokenWord(
                text: word.lowercased().filter { $0.isLetter || $0.isNumber },
                startMilliseconds: start + index * 200, endMilliseconds: start + index * 200 + 150)
        }
        return SpokenSegment(
            text: text, startMilliseconds: start, endMilliseconds: start + max(1, words.count) * 200,
            words: wordTimes ? words : [])
    }
}

extension SpokenText {
    public static func heard(_ segments: [SpokenSegment]) -> SpokenText {
        SpokenText(model: "whisper-1", language: nil, segments: segments)
    }
}

extension Transaction {
    /// Plans a recording of ten minutes at most as one piece, and hears this in it.
    @discardableResult
    public func hear(
        _ segments: [SpokenSegment], in id: Transcript.ID, durationMilliseconds: Int = 180_000
    ) throws -> ChunkCompletion {
        _ = try plan(id, chunks: [Span(startMilliseconds: 0, endMilliseconds: durationMilliseconds)])
        guard let chunk = try claimChunk(1, of: id, leaseSeconds: 60) else {
            throw TranscriptError.noSuchChunk
        }
        return try complete(chunk, with: .heard(segments))
    }

    /// A book on sale in which this is said.
    public func published(_ title: String, saying segments: [SpokenSegment], by editor: Editor.ID) throws
        -> Audiobook.ID
    {
        let book = try published(title, by: editor)
        guard let transcript = try transcript(of: book) else { throw TranscriptError.noSuchTranscript }
        try hear(segments, in: transcript.id)
        return book
    }

    /// Pays for these books.
    public func buy(_ books: [Audiobook.ID], for customer: Customer.ID) throws {
        _ = try record(.test(of: try opened(try ordered(books, by: customer))))
    }
}
