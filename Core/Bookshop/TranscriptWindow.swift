/// What of a text is asked for: a stretch of time, a chapter, or all of it.
public struct TranscriptWindow: Hashable, Sendable {
    /// What is being said at this moment counts.
    public var fromMilliseconds = 0
    /// What begins at this moment does not count any more.
    public var toMilliseconds: Int?
    public var chapter: Int?

    public init(fromMilliseconds: Int = 0, toMilliseconds: Int? = nil, chapter: Int? = nil) {
        (self.fromMilliseconds, self.toMilliseconds) = (fromMilliseconds, toMilliseconds)
        self.chapter = chapter
    }
}
