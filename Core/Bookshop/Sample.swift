/// A piece of a book to hear before buying it: a file of its own, never an address of the whole.
public struct Sample: Hashable, Sendable {
    public let startMilliseconds: Int
    public let durationMilliseconds: Int

    public static let longestMilliseconds = 120_000
    public static let shortestMilliseconds = 1_000

    public init(startMilliseconds: Int, durationMilliseconds: Int) {
        (self.startMilliseconds, self.durationMilliseconds) = (startMilliseconds, durationMilliseconds)
    }

    public var span: Span {
        Span(startMilliseconds: startMilliseconds, endMilliseconds: startMilliseconds + durationMilliseconds)
    }

    /// At most two minutes, and at most a quarter of what is sold, from a moment within it; nil where less
    /// than a second would be left.
    public init?(of track: Track, from start: Int) {
        let length = track.span.durationMilliseconds
        let most = min(Self.longestMilliseconds, max(Self.shortestMilliseconds, length / 4))
        let left = track.span.endMilliseconds - start
        guard track.span.contains(start), left >= Self.shortestMilliseconds else { return nil }
        self.init(startMilliseconds: start, durationMilliseconds: min(most, left))
    }

    /// Where to begin if nobody chose: behind the opening credits, which are a short first chapter if the
    /// book tells, and its first half minute if not; a short book begins at its beginning.
    public static func start(in chapters: [Chapter], durationMilliseconds: Int) -> Int {
        if let first = chapters.first, chapters.count > 1, first.span.durationMilliseconds <= 180_000,
            durationMilliseconds - first.span.endMilliseconds >= Self.longestMilliseconds
        {
            return first.span.endMilliseconds
        }
        return durationMilliseconds >= 600_000 ? 30_000 : 0
    }
}
