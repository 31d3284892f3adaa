/// How a recording is cut into pieces a speech service takes.
public enum ChunkPlan {
    public static let maximumMilliseconds = 600_000
    public static let maximumBytes = 24 * 1024 * 1024

    /// Pieces in order that tile the recording exactly, none longer than ten minutes or larger than 24 MiB
    /// at so many bytes a second. Each cut lies within the silence nearest to where it is wanted, as long as
    /// one is found in the second half of what a piece may hold; without one it falls where it is wanted.
    public static func chunks(
        durationMilliseconds: Int, bytesPerSecond: Int, silences: [Span] = []
    ) -> [Span] {
        precondition(durationMilliseconds > 0 && bytesPerSecond > 0, "there is nothing to cut")
        let longest = max(1, min(maximumMilliseconds, maximumBytes * 1000 / bytesPerSecond))
        let pauses = silences.map { ($0.startMilliseconds + $0.endMilliseconds) / 2 }.sorted()

        var chunks: [Span] = []
        var start = 0
        while durationMilliseconds - start > longest {
            let left = durationMilliseconds - start
            let wanted = start + (left <= 2 * longest ? (left + 1) / 2 : longest)
            let allowed = (start + max(1, longest / 2))...(start + longest)
            let pause = pauses.filter { allowed.contains($0) && $0 < durationMilliseconds }
                .min { abs($0 - wanted) < abs($1 - wanted) }
            let cut = pause ?? wanted
            chunks.append(Span(startMilliseconds: start, endMilliseconds: cut))
            start = cut
        }
        chunks.append(Span(startMilliseconds: start, endMilliseconds: durationMilliseconds))
        return chunks
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
    public let asset: AudioAsset
    public let language: LanguageTag
    public let attempt: Int
    public let lease: Lease

    public init(
        transcript: Transcript.ID, number: Int, span: Span, fileSpan: Span, asset: AudioAsset,
        language: LanguageTag, attempt: Int, lease: Lease
    ) {
        (self.transcript, self.number, self.span, self.fileSpan) = (transcript, number, span, fileSpan)
        (self.asset, self.language, self.attempt, self.lease) = (asset, language, attempt, lease)
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
