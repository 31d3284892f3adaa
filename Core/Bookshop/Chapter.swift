/// A named span of a book.
public struct Chapter: Hashable, Codable, Sendable {
    public let title: String
    public let span: Span

    public init(title: String, span: Span) { (self.title, self.span) = (title, span) }

    /// Shorter ones are mistakes of the file: players show them and nobody can hit them.
    public static let minimumMilliseconds = 100
    static let maximumTitleLength = 500
}

/// A chapter as a file claims it, which may overlap others, leave gaps or lie outside the recording.
public struct ChapterMark: Hashable, Codable, Sendable {
    public let title: String?
    public let startMilliseconds: Int

    public init(title: String?, startMilliseconds: Int) {
        (self.title, self.startMilliseconds) = (title, startMilliseconds)
    }
}

extension Chapter {
    /// Chapters in order that tile the recording exactly. Each runs to where the next begins, which fills
    /// gaps and clamps overlaps; one shorter than `minimumMilliseconds` goes, and its time to the next; what
    /// begins outside the recording goes. Without any mark the whole is one chapter, named after the book.
    /// One without a title is called by its number.
    public static func tiling(
        _ marks: [ChapterMark], durationMilliseconds: Int, bookTitle: String, numberedFrom first: Int = 1
    ) -> [Chapter] {
        precondition(durationMilliseconds >= minimumMilliseconds, "no recording is that short")
        let inside = marks.filter { $0.startMilliseconds < durationMilliseconds }
            .map { ChapterMark(title: $0.title, startMilliseconds: max(0, $0.startMilliseconds)) }
            .enumerated()
            .sorted { ($0.element.startMilliseconds, $0.offset) < ($1.element.startMilliseconds, $1.offset) }
            .map(\.element)

        var starts: [ChapterMark] = []
        for (index, mark) in inside.enumerated() {
            let start = starts.isEmpty && index == 0 ? 0 : mark.startMilliseconds
            if let last = starts.last, start - last.startMilliseconds < minimumMilliseconds {
                starts[starts.count - 1] = ChapterMark(
                    title: mark.title, startMilliseconds: last.startMilliseconds)
            } else {
                starts.append(ChapterMark(title: mark.title, startMilliseconds: start))
            }
        }
        while let last = starts.last, starts.count > 1,
            durationMilliseconds - last.startMilliseconds < minimumMilliseconds
        { starts.removeLast() }
        if starts.isEmpty { starts = [ChapterMark(title: bookTitle, startMilliseconds: 0)] }

        let ends = starts.dropFirst().map(\.startMilliseconds) + [durationMilliseconds]
        return zip(starts, ends).enumerated().map { index, pair in
            let title = String((pair.0.title ?? "").trimmed.prefix(maximumTitleLength))
            return Chapter(
                title: title.isEmpty ? "Chapter \(first + index)" : title,
                span: Span(startMilliseconds: pair.0.startMilliseconds, endMilliseconds: pair.1))
        }
    }
}

/// Why chapters are not those of a recording. Counted from zero.
public enum ChapterError: Error, Equatable {
    case none
    case tooMany
    case title(at: Int)
    /// It does not begin where the one before ends; the first does not begin at nothing.
    case start(at: Int, expected: Int)
    case tooShort(at: Int)
    /// The last does not end with the recording.
    case end(at: Int, expected: Int)
}

extension Chapter {
    public static let maximumCount = 2000

    /// An editor's chapters, if they are in order, long enough to be hit, and tile the recording exactly.
    /// They are refused and not mended: whoever writes them knows what is meant.
    public static func checked(
        _ chapters: [(title: String, startMilliseconds: Int, endMilliseconds: Int)], durationMilliseconds: Int
    ) throws(ChapterError) -> [Chapter] {
        guard let last = chapters.last else { throw .none }
        guard chapters.count <= maximumCount else { throw .tooMany }
        var checked: [Chapter] = []
        for (index, chapter) in chapters.enumerated() {
            let title = chapter.title.trimmed, end = checked.last?.span.endMilliseconds ?? 0
            guard title.fits(1...maximumTitleLength) else { throw .title(at: index) }
            guard chapter.startMilliseconds == end else { throw .start(at: index, expected: end) }
            // Compared and not subtracted: the end is anything a number can be.
            guard chapter.endMilliseconds >= end, chapter.endMilliseconds - end >= minimumMilliseconds else {
                throw .tooShort(at: index)
            }
            checked.append(
                Chapter(
                    title: title, span: Span(startMilliseconds: end, endMilliseconds: chapter.endMilliseconds)
                ))
        }
        guard last.endMilliseconds == durationMilliseconds else {
            throw .end(at: chapters.count - 1, expected: durationMilliseconds)
        }
        return checked
    }
}

extension [Chapter] {
    /// The position, counted from one, of the chapter in which this moment lies.
    public func position(at milliseconds: Int) -> Int? {
        firstIndex { $0.span.contains(milliseconds) }.map { $0 + 1 }
    }
}
