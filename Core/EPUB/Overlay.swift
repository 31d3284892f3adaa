internal import Bookshop

/// What of a chapter's text is lit up while what of its sound is heard: clips one behind the other, without a gap, from
/// the beginning of the file to its end. A pause belongs to what was said before it.
struct Overlay {
    struct Clip: Hashable {
        /// Of the element.
        let id: String
        let span: Span
    }

    let clips: [Clip]

    var durationMilliseconds: Int { clips.reduce(0) { $0 + $1.span.durationMilliseconds } }

    /// What is heard before the first phrase, and a chapter in which nobody speaks, is the heading's.
    static let heading = "title"

    static func id(of phrase: Segment) -> String { "p\(phrase.position)" }

    init(_ phrases: [Segment], in sound: ChapterSound) {
        let length = sound.span.durationMilliseconds
        var begins = [(id: Self.heading, at: 0)]
        for phrase in phrases {
            let place = phrase.span.startMilliseconds - sound.span.startMilliseconds
            begins.append((Self.id(of: phrase), min(length, max(place, begins[begins.count - 1].at))))
        }
        let ends = begins.dropFirst().map(\.at) + [length]
        // What takes no time is read, and not heard.
        clips = zip(begins, ends).compactMap { begin, end in
            guard begin.at < end else { return nil }
            return Clip(id: begin.id, span: Span(startMilliseconds: begin.at, endMilliseconds: end))
        }
    }

    /// https://www.w3.org/TR/epub-33/#sec-media-overlays
    func document(of text: String, over sound: String) -> String {
        let pairs = clips.map { clip in
            """
            <par><text src="\(text)#\(clip.id)"/>\
            <audio src="\(sound)" clipBegin="\(seconds(clip.span.startMilliseconds))" \
            clipEnd="\(seconds(clip.span.endMilliseconds))"/></par>
            """
        }
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <smil xmlns="http://www.w3.org/ns/SMIL" version="3.0">
            <body>
            \(pairs.joined(separator: "\n"))
            </body>
            </smil>

            """
    }
}

/// `12.345s`
func seconds(_ milliseconds: Int) -> String {
    let rest = String(milliseconds % 1000)
    return "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - rest.utf8.count) + rest + "s"
}
