/// The story so far: what was told of the chapters that somebody has heard to their end, and of no other.
public struct Recap: Hashable, Sendable {
    public let audiobook: Audiobook.ID
    /// Up to where.
    public let milliseconds: Int
    public let chapters: [Part]

    /// A chapter, with its approved summary if there is one.
    public struct Part: Hashable, Sendable {
        /// Counted from one.
        public let position: Int
        public let chapter: Chapter
        public let summary: String?

        public init(position: Int, chapter: Chapter, summary: String?) {
            (self.position, self.chapter, self.summary) = (position, chapter, summary)
        }
    }

    public init(audiobook: Audiobook.ID, milliseconds: Int, chapters: [Part]) {
        (self.audiobook, self.milliseconds, self.chapters) = (audiobook, milliseconds, chapters)
    }
}
