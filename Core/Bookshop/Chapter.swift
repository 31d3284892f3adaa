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
public struct ChapterMark: Hashable, Sendable {
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
    public static func tiling(
        _ marks: [ChapterMark], durationMilliseconds: Int, bookTitle: String
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
                title: title.isEmpty ? "Chapter \(index + 1)" : title,
                span: Span(startMilliseconds: pair.0.startMilliseconds, endMilliseconds: pair.1))
        }
    }
}

extension [Chapter] {
    /// The position, counted from one, of the chapter in which this moment lies.
    public func position(at milliseconds: Int) -> Int? {
        firstIndex { $0.span.contains(milliseconds) }.map { $0 + 1 }
    }
}
