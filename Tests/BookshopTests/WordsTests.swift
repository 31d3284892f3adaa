import Bookshop
import FoundationEssentials
import Testing

@Suite struct WordsTests {
    private func word(_ text: String, _ start: Int, _ end: Int) -> SpokenWord {
        SpokenWord(text: text, startMilliseconds: start, endMilliseconds: end)
    }

    private func segment(_ text: String, _ start: Int, _ end: Int, _ words: [SpokenWord] = []) -> Segment {
        Segment(
            position: 7, span: Span(startMilliseconds: start, endMilliseconds: end), text: text, words: words,
            chapter: 2)
    }

    private func corrected(_ segment: Segment, to text: String) throws -> Segment {
        segment.corrected(to: try #require(SegmentText(text)))
    }

    @Test func `written words are those that were heard, whatever their commas and capitals`() {
        let heard = [word("emma", 0, 300), word("woodhouse", 300, 900), word("handsome", 1000, 1500)]
        let spans = WrittenWords.spans(of: ["Emma", "Woodhouse,", "–", "handsome!"], heardAs: heard)
        #expect(spans.map { $0?.startMilliseconds } == [0, 300, nil, 1000])
        #expect(WrittenWords.spans(of: ["a"], heardAs: []) == [nil])
        #expect(WrittenWords.spans(of: [], heardAs: heard) == [])
        #expect(WrittenWords.spans(of: ["–"], heardAs: [word("–", 1, 2)]) == [nil], "a dash is like nothing")
    }

    @Test func `of two ways to bring words together the one that keeps more is taken`() {
        let heard = [word("b", 0, 1), word("a", 1, 2), word("b", 2, 3), word("c", 3, 4)]
        let spans = WrittenWords.spans(of: ["a", "b", "c"], heardAs: heard)
        #expect(spans.map { $0?.startMilliseconds } == [1, 2, 3])
    }

    @Test func `a correction keeps the times of what stays and shares out the rest`() throws {
        let heard = segment(
            "emma would house handsome", 1000, 3000,
            [
                word("emma", 1000, 1200), word("would", 1200, 1500), word("house", 1500, 2100),
                word("handsome", 2200, 2800),
            ])
        let corrected = try corrected(heard, to: "Emma  Woodhouse,\n handsome and rich")
        #expect(corrected.text == "Emma Woodhouse, handsome and rich")
        #expect(corrected.span == heard.span && corrected.position == 7 && corrected.chapter == 2)
        #expect(corrected.version == 2)
        #expect(
            corrected.words == [
                word("Emma", 1000, 1200), word("Woodhouse,", 1200, 2200), word("handsome", 2200, 2800),
                word("and", 2800, 2885), word("rich", 2885, 3000),
            ])
    }

    @Test func `where no word had a time none is made up`() throws {
        #expect(try corrected(segment("emma", 0, 1000), to: "Emma Woodhouse").words.isEmpty)
    }

    @Test func `however words are changed, their times go forward`() throws {
        let vocabulary = ["a", "b", "c", "dd", "–"]
        for _ in 0..<500 {
            let count = Int.random(in: 1...8)
            var words: [SpokenWord] = []
            for _ in 0..<count {
                let start = Int.random(in: 0...2000)
                words.append(word(vocabulary.randomElement()!, start, Int.random(in: 0...2500)))
            }
            let text = (0..<Int.random(in: 1...9)).map { _ in vocabulary.randomElement()! }.joined(
                separator: " ")
            let heard = segment("x", 0, 2000, words.filter { $0.startMilliseconds <= $0.endMilliseconds })
            guard !heard.words.isEmpty else { continue }
            let corrected = try corrected(heard, to: text)
            #expect(corrected.words.map(\.text).joined(separator: " ") == corrected.text)
            let moments = corrected.words.flatMap { [$0.startMilliseconds, $0.endMilliseconds] }
            #expect(moments == moments.sorted())
        }
    }

    @Test(arguments: [("", false), (" \n ", false), ("a", true), ("a\u{0}", false), ("a\u{7}b", false)])
    func `a correction is a line with something in it`(text: String, isOne: Bool) {
        #expect((SegmentText(text) != nil) == isOne)
    }

    @Test func `a correction is as long as the records hold`() {
        #expect(SegmentText(String(repeating: "a", count: 8000)) != nil)
        #expect(SegmentText(String(repeating: "a", count: 8001)) == nil)
    }

    @Test func `WebVTT has the times of words, and nothing in a text is taken for a mark`() {
        let phrases = [
            segment(
                "Fish & <i>chips</i>, sir", 3_723_004, 3_725_500,
                [
                    word("fish", 3_723_004, 3_723_300), word("i>chips</i", 3_724_000, 3_724_200),
                    word("sir", 3_725_000, 3_725_400),
                ]),
            segment("a --> b", 3_725_500, 3_725_500),
        ]
        #expect(
            Captions.vtt.file(phrases) == """
                WEBVTT

                7
                01:02:03.004 --> 01:02:05.500
                Fish &amp; <01:02:04.000>&lt;i&gt;chips&lt;/i&gt;, <01:02:05.000>sir

                7
                01:02:05.500 --> 01:02:05.501
                a --&gt; b

                """)
        #expect(Captions.vtt.file([]) == "WEBVTT\n\n")
    }

    @Test func `a time inside of a cue is behind the one before and before the end`() {
        let words = [word("a", 0, 1), word("b", 500, 600), word("c", 400, 700), word("d", 1000, 1100)]
        let file = Captions.vtt.file([segment("a b c d", 0, 1000, words)])
        #expect(file.hasSuffix("\na <00:00:00.500>b c d\n"))
    }

    @Test func `SubRip counts from one and knows no marks`() {
        let phrases = [segment("Fish & <b>chips", 0, 1500), segment("a --> b", 360_000_000, 360_000_001)]
        #expect(
            Captions.srt.file(phrases) == """
                1
                00:00:00,000 --> 00:00:01,500
                Fish & ‹b›chips

                2
                100:00:00,000 --> 100:00:00,001
                a → b

                """)
    }

    @Test func `the end is estimated from what was done, and not before something was`() {
        func end(_ done: Int, of chunks: Int, failed: Int = 0, after seconds: Double?) -> Double? {
            let worked = seconds.map { DateInterval(start: Date(timeIntervalSince1970: 100), duration: $0) }
            return Transcript.Progress(chunks: chunks, done: done, failed: failed, worked: worked)
                .estimatedEnd?.timeIntervalSince1970
        }
        #expect(end(2, of: 8, after: 60) == 340)
        #expect(end(0, of: 8, after: 60) == nil)
        #expect(end(8, of: 8, after: 60) == nil)
        #expect(end(2, of: 8, failed: 1, after: 60) == nil)
        #expect(end(2, of: 8, after: nil) == nil)
    }
}
