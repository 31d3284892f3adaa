import Bookshop
import Testing

@Suite struct ChapterTests {
    private func spans(_ starts: [Int], of duration: Int) -> [[Int]] {
        Chapter.tiling(
            starts.map { ChapterMark(title: nil, startMilliseconds: $0) }, durationMilliseconds: duration,
            bookTitle: "Emma"
        ).map { [$0.span.startMilliseconds, $0.span.endMilliseconds] }
    }

    @Test(arguments: [
        ([], [[0, 10_000]]),
        ([0], [[0, 10_000]]),
        ([500, 5000], [[0, 5000], [5000, 10_000]]),
        ([5000, 0], [[0, 5000], [5000, 10_000]]),
        ([-5, 5000], [[0, 5000], [5000, 10_000]]),
        ([0, 99], [[0, 10_000]]), ([0, 100], [[0, 100], [100, 10_000]]),
        ([0, 9900], [[0, 9900], [9900, 10_000]]), ([0, 9901], [[0, 10_000]]),
        ([0, 10_000], [[0, 10_000]]), ([0, 12_000], [[0, 10_000]]), ([12_000], [[0, 10_000]]),
        ([0, 50, 100, 150, 5000], [[0, 100], [100, 5000], [5000, 10_000]]),
        ([0, Int.max], [[0, 10_000]]), ([Int.min, 5000], [[0, 5000], [5000, 10_000]]),
    ])
    func `chapters tile the book whatever the file says`(starts: [Int], expected: [[Int]]) {
        #expect(spans(starts, of: 10_000) == expected)
    }

    @Test func `any marks at all are tiled`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2000 {
            let duration = Int.random(in: 100...20_000, using: &random)
            let starts = (0..<Int.random(in: 0...30, using: &random)).map { _ in
                Int.random(in: -500...25_000, using: &random)
            }
            let found = spans(starts, of: duration)
            #expect(found.first?[0] == 0 && found.last?[1] == duration)
            #expect(zip(found, found.dropFirst()).allSatisfy { $0[1] == $1[0] }, "\(starts) of \(duration)")
            #expect(found.allSatisfy { $0[1] - $0[0] >= 100 }, "\(starts) of \(duration)")
        }
    }

    @Test func `chapters are named after their marks, their number or the book`() {
        let chapters = Chapter.tiling(
            [
                ChapterMark(title: "Intro", startMilliseconds: 0),
                ChapterMark(title: " One ", startMilliseconds: 40),
                ChapterMark(title: "", startMilliseconds: 2000),
                ChapterMark(title: nil, startMilliseconds: 4000),
            ], durationMilliseconds: 6000, bookTitle: "Emma")
        #expect(chapters.map(\.title) == ["One", "Chapter 2", "Chapter 3"])
        #expect(Chapter.tiling([], durationMilliseconds: 100, bookTitle: "Emma").map(\.title) == ["Emma"])
    }

    @Test(arguments: [(0, 1), (99, 1), (100, 2), (199, 2), (200, nil), (-1, nil)])
    func `a moment on a border belongs to what begins there`(moment: Int, position: Int?) {
        let chapters = Chapter.tiling(
            [0, 100].map { ChapterMark(title: nil, startMilliseconds: $0) }, durationMilliseconds: 200,
            bookTitle: "Emma")
        #expect(chapters.position(at: moment) == position)
    }
}
