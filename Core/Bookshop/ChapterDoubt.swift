/// What an editor should look at before a book is sold. It may be right; mostly the file is mistaken, or
/// tells no chapters where a listener misses them.
public struct ChapterDoubt: Hashable, Sendable {
    public enum Reason: String, CaseIterable, Codable, Sendable {
        /// Longer than seven hours: such credits at the end have been seen.
        case veryLong = "very-long"
        /// More than four fifths of a book of over an hour.
        case mostOfTheBook = "most-of-the-book"
        /// Less than a second: what nobody hears.
        case veryShort = "very-short"
        /// Called as the one before.
        case repeatedTitle = "repeated-title"
    }

    /// Of the chapter, from one.
    public let position: Int
    public let reason: Reason
}

extension [Chapter] {
    public var doubts: [ChapterDoubt] {
        let whole = last?.span.endMilliseconds ?? 0
        return enumerated().flatMap { index, chapter in
            let length = chapter.span.durationMilliseconds
            var reasons: [ChapterDoubt.Reason] = []
            if length > 7 * 3_600_000 { reasons.append(.veryLong) }
            if whole > 3_600_000, length > whole / 5 * 4 { reasons.append(.mostOfTheBook) }
            if length < 1000 { reasons.append(.veryShort) }
            if index > 0, self[index - 1].title == chapter.title { reasons.append(.repeatedTitle) }
            return reasons.map { ChapterDoubt(position: index + 1, reason: $0) }
        }
    }
}
