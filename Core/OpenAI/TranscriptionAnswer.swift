internal import Bookshop

/// `verbose_json`, as far as we read it. Words come beside the segments, or, from some compatible servers, in
/// them.
struct TranscriptionAnswer: Decodable {
    struct Word: Decodable {
        let word: String
        let start: Double
        let end: Double
    }

    struct Segment: Decodable {
        let text: String
        let start: Double
        let end: Double
        let words: [Word]?
    }

    let text: String
    let language: String?
    let segments: [Segment]?
    let words: [Word]?

    /// Nothing heard is an answer; something heard at no time is not.
    func spoken(by model: String) throws(OutsideFailure) -> SpokenText {
        let segments = segments ?? []
        guard !segments.isEmpty || text.allSatisfy(\.isWhitespace) else {
            throw OutsideFailure(
                "openai", .refused, code: OutsideFailure.noTimes,
                reason: "the model \(model) gives no times of segments")
        }
        var spoken: [SpokenSegment] = []
        var rest = (words ?? [])[...]
        for (index, segment) in segments.enumerated() {
            // A word belongs where its middle lies; what lies between two segments, to the earlier one.
            let next = index + 1 < segments.count ? segments[index + 1].start : .infinity
            let own = segment.words.map { $0[...] } ?? rest.prefix { ($0.start + $0.end) / 2 < next }
            if segment.words == nil { rest = rest.dropFirst(own.count) }
            let times = try Times(segment.start, segment.end)
            spoken.append(
                SpokenSegment(
                    text: trimmed(segment.text), startMilliseconds: times.start, endMilliseconds: times.end,
                    words: try own.map(spokenWord)))
        }
        return SpokenText(
            model: model, language: language.flatMap(SpokenLanguages.code), segments: spoken)
    }

    private func spokenWord(_ word: Word) throws(OutsideFailure) -> SpokenWord {
        let times = try Times(word.start, word.end)
        return SpokenWord(
            text: trimmed(word.word), startMilliseconds: times.start, endMilliseconds: times.end)
    }
}

/// Seconds as milliseconds. Models do say that something ends before it begins: it then takes no time.
private struct Times {
    let start: Int
    let end: Int

    init(_ start: Double, _ end: Double) throws(OutsideFailure) {
        let possible = -1.0...1_000_000.0
        guard possible.contains(start), possible.contains(end) else {
            throw OutsideFailure("openai", .refused, code: "wrong-shape", reason: "a time is out of range")
        }
        self.start = max(0, Int((start * 1000).rounded()))
        self.end = max(self.start, Int((end * 1000).rounded()))
    }
}

private func trimmed(_ text: String) -> String {
    let start = text.drop(while: \.isWhitespace)
    return String(
        start[..<(start.lastIndex { !$0.isWhitespace }.map { start.index(after: $0) } ?? start.startIndex)])
}
