import Bookshop
import Testing

@Suite struct TranscriptTests {
    private func heard(_ start: Int, _ end: Int, _ phrases: [(String, Int, Int)]) -> HeardChunk {
        HeardChunk(
            span: Span(startMilliseconds: start, endMilliseconds: end),
            text: SpokenText(
                model: "whisper-1", language: "en",
                segments: phrases.map {
                    SpokenSegment(
                        text: $0.0, startMilliseconds: $0.1, endMilliseconds: $0.2,
                        words: [SpokenWord(text: $0.0, startMilliseconds: $0.1, endMilliseconds: $0.2)])
                }))
    }

    private let chapters = [
        Chapter(title: "One", span: Span(startMilliseconds: 0, endMilliseconds: 1500)),
        Chapter(title: "Two", span: Span(startMilliseconds: 1500, endMilliseconds: 2000)),
    ]

    @Test func `pieces come together in order, at the book's moments and chapters`() {
        let segments = Transcript.assembled(
            [
                heard(1000, 2000, [("third", 500, 900)]),
                heard(0, 1000, [("second", 400, 800), (" first ", 0, 400), ("  ", 800, 900)]),
            ], chapters: chapters)
        #expect(segments.map(\.text) == ["first", "second", "third"])
        #expect(segments.map(\.position) == [1, 2, 3])
        #expect(segments.map(\.span.startMilliseconds) == [0, 400, 1500])
        #expect(segments.map(\.chapter) == [1, 1, 2])
        #expect(segments[2].words.map(\.startMilliseconds) == [1500])
    }

    @Test func `what a service says outside of its piece is moved to the border`() {
        let segments = Transcript.assembled(
            [
                heard(0, 1000, [("early", -50, 100), ("late", 900, Int.max)]),
                heard(1000, 2000, [("back", 200, 100), ("over", 150, 300)]),
            ], chapters: chapters)
        #expect(
            segments.map { [$0.span.startMilliseconds, $0.span.endMilliseconds] } == [
                [0, 100], [900, 1000], [1150, 1300], [1300, 1300],
            ])
        for (one, next) in zip(segments, segments.dropFirst()) {
            #expect(one.span.endMilliseconds <= next.span.startMilliseconds)
        }
    }

    @Test(arguments: [(0, 0, 0), (3, 0, 0), (3, 1, 33), (3, 2, 66), (3, 3, 100), (1000, 999, 99)])
    func `progress is whole only when all is done`(chunks: Int, done: Int, percent: Int) {
        #expect(Transcript.Progress(chunks: chunks, done: done, failed: 0).percent == percent)
    }

    @Test func `phrases are joined to parts that fit`() {
        #expect(SummaryPrompt.parts(["ab", "cd", "ef"], maximumCharacters: 5) == ["ab cd", "ef"])
        #expect(SummaryPrompt.parts(["abcdefgh", "x"], maximumCharacters: 5) == ["abcde", "x"])
        #expect(SummaryPrompt.parts([], maximumCharacters: 5).isEmpty)
    }

    @Test func `an unset port names itself`() {
        #expect(throws: Unset("Payments.session")) { try Payments.unset.session("cs_1") }
        #expect(throws: Unset("Writer.write")) {
            try Writer.unset.write(WritingTask(instructions: "", text: "", maximumTokens: 1))
        }
    }
}
