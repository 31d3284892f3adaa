/// How a recording is cut into pieces a speech service takes: at first without a look at it, so that a book of forty
/// hours is planned as quickly as a song. Whoever is at work on a piece moves its cuts into pauses.
public struct ChunkPlan: Sendable {
    /// Of ten minutes, which as a WAV file have 19.2 MB: services take 25 MiB.
    public static let standard = ChunkPlan(limitMilliseconds: 600_000)

    public let limitMilliseconds: Int
    /// How far a cut may be moved from where it was planned, either way.
    public let leewayMilliseconds: Int

    /// - Parameter limitMilliseconds: what no piece is longer than, wherever its cuts are moved to.
    public init(limitMilliseconds: Int) {
        precondition(limitMilliseconds > 0, "there is nothing a piece could hold")
        self.limitMilliseconds = limitMilliseconds
        leewayMilliseconds = min(10_000, limitMilliseconds / 8)
    }

    /// Pieces in order that tile the span exactly, as few as may be and of one length, to the millisecond.
    public func chunks(of span: Span) -> [Span] {
        let duration = span.durationMilliseconds
        precondition(duration > 0, "there is nothing to cut")
        let room = limitMilliseconds - 2 * leewayMilliseconds
        let count = duration <= limitMilliseconds ? 1 : (duration + room - 1) / room
        func cut(_ number: Int) -> Int { span.startMilliseconds + duration * number / count }
        return (0..<count).map { Span(startMilliseconds: cut($0), endMilliseconds: cut($0 + 1)) }
    }
}

/// One piece of a transcript that somebody is at work on until the lease is over.
public struct ClaimedChunk: Hashable, Sendable {
    public let transcript: Transcript.ID
    public let number: Int
    /// Where it plays in the book.
    public let span: Span
    /// Where it plays in its own file.
    public let fileSpan: Span
    /// Whether its cuts lie where they stay: in a pause, or where its file begins and ends.
    public let isStartSettled: Bool
    public let isEndSettled: Bool
    public let asset: AudioAsset
    public let language: LanguageTag
    public let attempt: Int
    public let lease: Lease

    public init(
        transcript: Transcript.ID, number: Int, span: Span, fileSpan: Span, isStartSettled: Bool,
        isEndSettled: Bool, asset: AudioAsset, language: LanguageTag, attempt: Int, lease: Lease
    ) {
        (self.transcript, self.number, self.span, self.fileSpan) = (transcript, number, span, fileSpan)
        (self.isStartSettled, self.isEndSettled) = (isStartSettled, isEndSettled)
        (self.asset, self.language, self.attempt, self.lease) = (asset, language, attempt, lease)
    }

    /// Where in its file the cut at its start may fall, and the one at its end; nil for what is settled.
    public var looseStart: Span? { isStartSettled ? nil : around(fileSpan.startMilliseconds) }
    public var looseEnd: Span? { isEndSettled ? nil : around(fileSpan.endMilliseconds) }

    /// All of its file that it may come to hold.
    public var reach: Span {
        Span(
            startMilliseconds: (looseStart ?? fileSpan).startMilliseconds,
            endMilliseconds: (looseEnd ?? fileSpan).endMilliseconds)
    }

    private func around(_ moment: Int) -> Span {
        let leeway = ChunkPlan.standard.leewayMilliseconds
        return Span(startMilliseconds: max(0, moment - leeway), endMilliseconds: moment + leeway)
    }
}

/// How one piece of a transcript stands.
public struct ChunkStatus: Hashable, Sendable {
    public enum State: String, Codable, Sendable { case pending, running, done, failed }

    public let number: Int
    public let span: Span
    public let state: State
    public let attempts: Int
    /// Why it was not heard the last time; a word for editors, not a text of the provider's.
    public let failure: String?

    public init(number: Int, span: Span, state: State, attempts: Int, failure: String?) {
        (self.number, self.span, self.state) = (number, span, state)
        (self.attempts, self.failure) = (attempts, failure)
    }
}

/// Proof that a piece of work is still ours. Whoever lost it meanwhile writes nothing.
public struct Lease: RawRepresentable, Hashable, Sendable {
    public let rawValue: Identifier<Lease>
    public init(rawValue: Identifier<Lease>) { self.rawValue = rawValue }
    public init() { rawValue = Identifier() }
}

/// The lease was lost: somebody else does or has done the work.
public struct LeaseLost: Error, Equatable {
    public init() {}
}

/// What is asked of the transcription queue.
public enum TranscriptionMessage: Hashable, Codable, Sendable {
    case plan(Transcript.ID)
    case chunk(Transcript.ID, number: Int)
}
