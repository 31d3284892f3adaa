/// A text to be shown while it is heard, in the files that players know.
public enum Captions: String, CaseIterable, Sendable {
    /// https://www.w3.org/TR/webvtt1/
    case vtt
    /// SubRip, which has no standard: https://docs.fileformat.com/video/srt/
    case srt

    public var mediaType: String {
        switch self {
        case .vtt: "text/vtt; charset=utf-8"
        // Registered nowhere; it is the one in use.
        case .srt: "application/x-subrip; charset=utf-8"
        }
    }

    /// At the book's milliseconds, whatever part of the book it is.
    public func file(_ segments: [Segment]) -> String {
        switch self {
        case .vtt: "WEBVTT\n\n" + segments.map(vttCue).joined(separator: "\n")
        case .srt: segments.enumerated().map { srtCue($1, number: $0 + 1) }.joined(separator: "\n")
        }
    }

    private func vttCue(_ segment: Segment) -> String {
        """
        \(segment.position)
        \(lines(segment.shown, point: "."))
        \(vttText(segment))

        """
    }

    /// A timestamp inside of a cue must lie inside of its time, and behind the one before.
    private func vttText(_ segment: Segment) -> String {
        let words = WrittenWords.words(of: segment.text)
        let spans = WrittenWords.spans(of: words, heardAs: segment.words)
        var last = segment.shown.startMilliseconds
        return zip(words, spans).map { word, span in
            let escaped = word.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
                .replacing(">", with: "&gt;")
            guard let moment = span?.startMilliseconds, moment > last, moment < segment.shown.endMilliseconds
            else { return escaped }
            last = moment
            return "<\(time(moment, point: "."))>\(escaped)"
        }.joined(separator: " ")
    }

    /// SubRip knows no escapes: an arrow in the text would be read as a time, and a tag as one.
    private func srtCue(_ segment: Segment, number: Int) -> String {
        let text = segment.text.replacing("-->", with: "→").replacing("<", with: "‹").replacing(
            ">", with: "›")
        return """
            \(number)
            \(lines(segment.shown, point: ","))
            \(WrittenWords.words(of: text).joined(separator: " "))

            """
    }

    private func lines(_ span: Span, point: String) -> String {
        "\(time(span.startMilliseconds, point: point)) --> \(time(span.endMilliseconds, point: point))"
    }

    private func time(_ milliseconds: Int, point: String) -> String {
        let seconds = milliseconds / 1000
        return [seconds / 3600, seconds / 60 % 60, seconds % 60].map { padded($0, 2) }.joined(separator: ":")
            + point + padded(milliseconds % 1000, 3)
    }

    private func padded(_ number: Int, _ length: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, length - digits.count)) + digits
    }
}

extension Segment {
    /// A cue that ends when it begins is none: one that takes no time is shown for a moment.
    fileprivate var shown: Span {
        Span(
            startMilliseconds: span.startMilliseconds,
            endMilliseconds: max(span.endMilliseconds, span.startMilliseconds + 1))
    }
}
