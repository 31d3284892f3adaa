import Bookshop
import Testing

@Suite struct TranscriptTests {
    @Test(arguments: [
        (1, 1), (600_000, 1), (600_001, 2), (1_200_000, 2), (1_200_001, 3), (36_000_000, 60),
    ])
    func `a recording is cut into as few pieces as may be`(duration: Int, count: Int) {
        #expect(ChunkPlan.chunks(durationMilliseconds: duration, bytesPerSecond: 32_000).count == count)
    }

    @Test func `the last two pieces are halves`() {
        let chunks = ChunkPlan.chunks(durationMilliseconds: 600_002, bytesPerSecond: 32_000)
        #expect(chunks.map(\.durationMilliseconds) == [300_001, 300_001])
    }

    @Test func `a cut falls into a silence where there is one`() {
        let silence = Span(startMilliseconds: 550_000, endMilliseconds: 552_000)
        let chunks = ChunkPlan.chunks(
            durationMilliseconds: 2_000_000, bytesPerSecond: 32_000, silences: [silence])
        #expect(chunks.first?.endMilliseconds == 551_000)
    }

    @Test func `every millisecond is in one piece, and no piece is too long or too large`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<500 {
            let duration = Int.random(in: 1...20_000_000, using: &random)
            let rate = Int.random(in: 1000...2_000_000, using: &random)
            let silences = (0..<Int.random(in: 0...200, using: &random)).map { _ in
                let start = Int.random(in: 0...duration, using: &random)
                return Span(
                    startMilliseconds: start,
                    endMilliseconds: start + Int.random(in: 0...3000, using: &random))
            }
            let chunks = ChunkPlan.chunks(
                durationMilliseconds: duration, bytesPerSecond: rate, silences: silences)
            #expect(chunks.first?.startMilliseconds == 0 && chunks.last?.endMilliseconds == duration)
            #expect(zip(chunks, chunks.dropFirst()).allSatisfy { $0.endMilliseconds == $1.startMilliseconds })
            #expect(
                chunks.allSatisfy {
                    (1...600_000).contains($0.durationMilliseconds)
                        && $0.durationMilliseconds * rate <= 24 * 1024 * 1024 * 1000
                })
        }
    }

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
