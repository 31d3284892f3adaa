import Foundation

enum TranscriptFormat: String, CaseIterable, Sendable {
    case json, text, srt, vtt
    case verboseJSON = "verbose_json"
}

/// What was heard, in each of OpenAI's formats.
struct Transcript: Sendable {
    struct Segment: Hashable, Sendable {
        var words: [SpokenWord]
        var silence: Double

        var text: String { words.map(\.text).joined(separator: " ") }
        var start: Double { words.first?.start ?? 0 }
        var end: Double { words.last?.end ?? 0 }
    }

    let segments: [Segment]
    let seconds: Double
    let temperature: Double

    /// Each utterance is a segment: it ends where the voice does.
    init(heard: [Recogniser.Heard], seconds: Double, temperature: Double) {
        segments = heard.map { Segment(words: $0.words, silence: $0.utterance.silence) }
        self.seconds = seconds
        self.temperature = temperature
    }

    var text: String { segments.map(\.text).joined(separator: " ") }

    func answer(as format: TranscriptFormat, granularities: Set<String>) -> Answer {
        switch format {
        case .json: .json(200, ["text": .string(text), "usage": usage])
        case .verboseJSON: .json(200, verbose(granularities))
        case .text: .text(200, text + "\n")
        case .srt: .text(200, subtitles)
        case .vtt: .text(200, captions)
        }
    }

    private var usage: JSON { ["type": "duration", "seconds": .integer(Int(seconds.rounded(.up)))] }

    private func verbose(_ granularities: Set<String>) -> JSON {
        var body: JSON = [
            "task": "transcribe", "language": "english", "duration": .number(Self.rounded(seconds)),
            "text": .string(text), "usage": usage,
        ]
        if granularities.contains("word") {
            body["words"] = .array(
                segments.flatMap(\.words).map { word in
                    [
                        "word": .string(word.text), "start": .number(Self.rounded(word.start)),
                        "end": .number(Self.rounded(word.end)),
                    ]
                })
        }
        if granularities.contains("segment") {
            body["segments"] = .array(segments.enumerated().map { json($0.element, id: $0.offset) })
        }
        return body
    }

    /// `compression_ratio` is a measure of repetition; here it is words to different words, no deflate.
    private func json(_ segment: Segment, id: Int) -> JSON {
        let total = segment.words.reduce(0) { $0 + $1.logProbability }
        let distinct = Set(segment.words.map(\.text)).count
        return [
            "id": .integer(id), "seek": .integer(Int(segment.start * 100)),
            "start": .number(Self.rounded(segment.start)), "end": .number(Self.rounded(segment.end)),
            "text": .string(" " + segment.text), "tokens": [], "temperature": .number(temperature),
            "avg_logprob": .number(Self.rounded(total / Double(max(segment.words.count, 1)))),
            "compression_ratio": .number(
                Self.rounded(Double(segment.words.count) / Double(max(distinct, 1)))),
            "no_speech_prob": .number(Self.rounded(segment.silence)),
        ]
    }

    private var subtitles: String {
        segments.enumerated().map { index, segment in
            "\(index + 1)\n\(Self.clock(segment.start, ",")) --> "
                + "\(Self.clock(segment.end, ","))\n\(segment.text)\n\n"
        }.joined()
    }

    private var captions: String {
        "WEBVTT\n\n"
            + segments.map { segment in
                "\(Self.clock(segment.start, ".")) --> \(Self.clock(segment.end, "."))\n\(segment.text)\n\n"
            }.joined()
    }

    /// `00:01:02.345`, or with a comma as SubRip has it.
    private static func clock(_ seconds: Double, _ point: String) -> String {
        let milliseconds = Int((seconds * 1000).rounded())
        let parts = [milliseconds / 3_600_000, milliseconds / 60000 % 60, milliseconds / 1000 % 60]
        let digits = parts.map { $0 < 10 ? "0\($0)" : String($0) }.joined(separator: ":")
        return digits + point + String(String(milliseconds % 1000 + 1000).dropFirst())
    }

    /// To the millisecond.
    private static func rounded(_ number: Double) -> Double { (number * 1000).rounded() / 1000 }
}
