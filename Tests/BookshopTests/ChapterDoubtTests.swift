import Bookshop
import Testing

@Suite struct ChapterDoubtTests {
    private func doubts(_ lengths: [(String, Int)]) -> [String] {
        var start = 0
        let chapters = lengths.map { title, length in
            defer { start += length }
            return Chapter(
                title: title, span: Span(startMilliseconds: start, endMilliseconds: start + length))
        }
        return chapters.doubts.map { "\($0.position) \($0.reason.rawValue)" }
    }

    private static let hour = 3_600_000

    @Test(
        arguments: [
            ([("A", hour), ("B", hour)], []),
            ([("A", 7 * hour), ("B", 7 * hour)], []),
            ([("A", 7 * hour), ("B", 7 * hour + 1)], ["2 very-long"]),
            ([("The end", 8 * hour), ("A", hour)], ["1 very-long", "1 most-of-the-book"]),
            ([("A", 4 * hour), ("B", hour)], []),
            ([("A", 4 * hour + 10), ("B", hour)], ["1 most-of-the-book"]),
            ([("A", hour)], []), ([("A", hour + 1)], ["1 most-of-the-book"]),
            ([("A", 1000), ("B", 999), ("C", 60_000)], ["2 very-short"]),
            ([("A", 2000), ("A", 2000), ("B", 2000), ("A", 2000)], ["2 repeated-title"]), ([], []),
        ] as [([(String, Int)], [String])])
    func `what is out of the ordinary is shown, on either side of each border`(
        lengths: [(String, Int)], expected: [String]
    ) {
        #expect(doubts(lengths) == expected)
    }
}
