public import FoundationEssentials

/// The text of an edition. To the API it is a job: `jobId` is its id.
public struct Transcript: Hashable, Sendable {
    public typealias ID = Identifier<Transcript>

    public enum State: String, CaseIterable, Codable, Sendable {
        case planned, running, assembling, ready
        case needsReview = "needs_review"
        case failed, cancelled, superseded
    }

    public let id: ID
    public let audiobook: Audiobook.ID
    public let edition: Edition.ID
    public let state: State
    public let language: LanguageTag
    public let durationMilliseconds: Int
    /// Why it stopped, if it did; a word for editors, not a text of the provider's.
    public let failure: String?
    /// What is doubtful about it, for the person who is to look at it.
    public let flags: [Doubt]
    public let createdAt: Date
    public let readyAt: Date?
    public let cost: HearingCost
    public let progress: Progress

    public init(
        id: ID, audiobook: Audiobook.ID, edition: Edition.ID, state: State, language: LanguageTag,
        durationMilliseconds: Int, failure: String?, flags: [Doubt] = [], createdAt: Date, readyAt: Date?,
        cost: HearingCost, progress: Progress
    ) {
        (self.id, self.audiobook, self.edition, self.state) = (id, audiobook, edition, state)
        (self.language, self.durationMilliseconds) = (language, durationMilliseconds)
        (self.failure, self.flags, self.createdAt) = (failure, flags, createdAt)
        (self.readyAt, self.cost, self.progress) = (readyAt, cost, progress)
    }

    /// Why a person is to look at a text.
    public enum Doubt: String, CaseIterable, Codable, Sendable {
        /// Nobody was heard.
        case noSpeech = "no-speech"
        /// A model said the same over and over.
        case loop
        /// It was heard in another language than the book's.
        case otherLanguage = "other-language"
    }

    /// How far the chunks are.
    public struct Progress: Hashable, Sendable {
        public let chunks: Int
        public let done: Int
        public let failed: Int
        /// From when the chunks were planned until the last of them was done.
        public let worked: DateInterval?

        public init(chunks: Int, done: Int, failed: Int, worked: DateInterval? = nil) {
            (self.chunks, self.done, self.failed) = (chunks, done, failed)
            self.worked = worked
        }

        /// When the others will be done, if they take as long as those that are; as long as nothing is done nobody
        /// knows. It does not depend on when it is asked for, so that what did not move is answered alike.
        public var estimatedEnd: Date? {
            guard let worked, done > 0, done < chunks, failed == 0 else { return nil }
            return worked.end.addingTimeInterval(worked.duration / Double(done) * Double(chunks - done))
        }

        /// From 0 to 100, rounded down, so that 100 means all.
        public var percent: Int { chunks == 0 ? 0 : done * 100 / chunks }
    }
}

/// One phrase of a book, where it is said and in which chapter.
public struct Segment: Hashable, Sendable {
    public let position: Int
    public let span: Span
    public let text: String
    public let words: [SpokenWord]
    /// Counted from one.
    public let chapter: Int
    /// Counted from one, and on with every correction.
    public let version: Int

    public init(
        position: Int, span: Span, text: String, words: [SpokenWord], chapter: Int, version: Int = 1
    ) {
        (self.position, self.span, self.text) = (position, span, text)
        (self.words, self.chapter, self.version) = (words, chapter, version)
    }
}

/// One piece of a book, heard: when it plays in the book and what was said, counted from its beginning.
public struct HeardChunk: Hashable, Sendable {
    public let span: Span
    public let text: SpokenText

    public init(span: Span, text: SpokenText) { (self.span, self.text) = (span, text) }
}

extension Transcript {
    /// The phrases of all chunks in order, at the book's milliseconds. What a service says to lie outside its
    /// chunk is moved to its border; phrases without words go; none begins before the one ahead has ended.
    public static func assembled(_ chunks: [HeardChunk], chapters: [Chapter]) -> [Segment] {
        var segments: [Segment] = []
        var previousEnd = 0
        for chunk in chunks.sorted(by: { $0.span.startMilliseconds < $1.span.startMilliseconds }) {
            let heard = chunk.text.segments.enumerated().sorted {
                ($0.element.startMilliseconds, $0.offset) < ($1.element.startMilliseconds, $1.offset)
            }
            for (_, phrase) in heard {
                let text = phrase.text.trimmed
                guard !text.isEmpty else { continue }
                let start = max(previousEnd, chunk.span.moment(phrase.startMilliseconds))
                let end = max(start, chunk.span.moment(phrase.endMilliseconds))
                segments.append(
                    Segment(
                        position: segments.count + 1,
                        span: Span(startMilliseconds: start, endMilliseconds: end),
                        text: text, words: phrase.words.map(chunk.span.placed),
                        chapter: chapters.position(at: start) ?? max(1, chapters.count)))
                previousEnd = end
            }
        }
        return segments
    }

    /// What is doubtful about a text in which somebody was heard.
    public static func doubts(about chunks: [HeardChunk], in language: LanguageTag) -> [Doubt] {
        [
            chunks.contains(where: \.text.isLooping) ? .loop : nil,
            chunks.contains { $0.text.isForeign(to: language) } ? .otherLanguage : nil,
        ].compactMap { $0 }
    }
}

extension Span {
    /// A moment counted from this span's beginning, in the book and never outside the span.
    fileprivate func moment(_ milliseconds: Int) -> Int {
        startMilliseconds + min(max(0, milliseconds), durationMilliseconds)
    }

    fileprivate func placed(_ word: SpokenWord) -> SpokenWord {
        let start = moment(word.startMilliseconds)
        return SpokenWord(
            text: word.text, startMilliseconds: start,
            endMilliseconds: max(start, moment(word.endMilliseconds)))
    }
}

/// Why a book is not transcribed.
public enum TranscriptError: Error, Equatable {
    case noSuchBook
    case noRecording
    case noSuchTranscript
    case noSuchChunk
    /// Chunks that do not lie within the files of the book.
    case planOutsideTracks
    /// There is no text that may be read yet.
    case notReady
    /// Nobody has to look at it, or can.
    case notInReview(Transcript.State)
}

/// What became of a transcript when one of its chunks was done.
public enum ChunkCompletion: Hashable, Sendable {
    case remaining(Int)
    /// It was the last; the text is ready.
    case assembled
    /// It was the last, and there are doubts.
    case needsReview
    /// It was heard again, and the text that is read has its words now.
    case mended
}
