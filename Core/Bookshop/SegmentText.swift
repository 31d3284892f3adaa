/// What an editor says a phrase is, in one line of the length that the records hold.
public struct SegmentText: Hashable, Sendable {
    public let rawValue: String

    public static let longest = 8000

    /// Blanks and line breaks are one blank each, as in what a service tells.
    public init?(_ text: String) {
        let line = WrittenWords.words(of: text).joined(separator: " ")
        guard line.fits(1...Self.longest) else { return nil }
        rawValue = line
    }
}

extension Segment {
    /// With another text, at the same time. Words that stayed keep their times; new ones are given theirs of the time
    /// that is between.
    public func corrected(to text: SegmentText) -> Segment {
        Segment(
            position: position, span: span, text: text.rawValue,
            words: WrittenWords.timed(
                WrittenWords.words(of: text.rawValue), heardAs: words, within: span),
            chapter: chapter, version: version + 1)
    }
}

/// Why a phrase is not corrected.
public enum CorrectionError: Error, Equatable {
    case noSuchSegment
    case changedMeanwhile(version: Int)
}
