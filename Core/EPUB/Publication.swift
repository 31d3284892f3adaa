public import Bookshop
public import FoundationEssentials

/// A book as EPUB 3 with media overlays: for each chapter its text, its sound, and which phrase is heard when.
///
/// The sound is inside, a file for each chapter. Reading systems need not fetch what is outside, most do not, and an
/// address of ours would not live as long as the book. https://www.w3.org/TR/epub-33/
public struct Publication {
    private struct Part {
        let number: Int
        let chapter: Chapter
        let phrases: [Segment]
        let sound: ChapterSound
        let overlay: Overlay

        private var name: String {
            let digits = String(number)
            return "chapter-" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
        }
        var text: String { name + ".xhtml" }
        var smil: String { name + ".smil" }
        func file(_ kind: ChapterKind) -> String { "audio/\(name).\(kind.rawValue)" }
    }

    private let id: String
    private let labels: BookLabels
    private let modified: Date
    private let cover: [UInt8]?
    private let kind: ChapterKind
    private let parts: [Part]

    /// It is known by `id`, the same for all editions of a book. Phrases name their chapters, and there are as many
    /// sounds as chapters.
    public init(
        id: Audiobook.ID, _ labels: BookLabels, chapters: [Chapter], phrases: [Segment],
        sounds: [ChapterSound], of kind: ChapterKind, cover: [UInt8]?, modified: Date
    ) {
        precondition(sounds.count == chapters.count, "each chapter has its sound")
        (self.id, self.labels, self.modified) = ("urn:uuid:\(id)", labels, modified)
        (self.cover, self.kind) = (cover, kind)
        let said = Dictionary(grouping: phrases, by: \.chapter)
        parts = zip(chapters, sounds).enumerated().map { index, pair in
            let phrases = said[index + 1] ?? []
            return Part(
                number: index + 1, chapter: pair.0, phrases: phrases, sound: pair.1,
                overlay: Overlay(phrases, in: pair.1))
        }
    }

    /// Piece by piece, in order.
    public func write(_ send: @escaping ([UInt8]) throws -> Void) throws {
        var archive = Archive(send)
        // First, so that the kind of the file is told by its beginning.
        try archive.add("mimetype", Export.Format.epub.mediaType)
        try archive.add("META-INF/container.xml", container)
        try archive.add("EPUB/package.opf", package)
        try archive.add("EPUB/nav.xhtml", navigation)
        try archive.add("EPUB/style.css", style)
        if let cover { try archive.add("EPUB/cover.jpg", cover) }
        for part in parts {
            try archive.add("EPUB/" + part.text, text(of: part))
            try archive.add("EPUB/" + part.smil, part.overlay.document(of: part.text, over: part.file(kind)))
            try archive.add("EPUB/" + part.file(kind), part.sound.file)
        }
        try archive.finish()
    }

    private var container: String {
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
        <rootfiles><rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/></rootfiles>
        </container>

        """
    }

    private var style: String {
        """
        body { line-height: 1.5; }
        .-epub-media-overlay-active { background-color: #fc6; color: #000; }

        """
    }

    private var package: String {
        let cover =
            cover == nil
            ? [] : [#"<item id="cover" href="cover.jpg" media-type="image/jpeg" properties="cover-image"/>"#]
        let items = parts.flatMap { part in
            [
                """
                <item id="text\(part.number)" href="\(part.text)" media-type="application/xhtml+xml" \
                media-overlay="overlay\(part.number)"/>
                """,
                #"<item id="overlay\#(part.number)" href="\#(part.smil)" media-type="application/smil+xml"/>"#,
                #"<item id="sound\#(part.number)" href="\#(part.file(kind))" media-type="\#(kind.mediaType)"/>"#,
            ]
        }
        let spine = parts.map { #"<itemref idref="text\#($0.number)"/>"# }
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" \
            xml:lang="\(labels.language.rawValue)">
            <metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
            \((described + durations).joined(separator: "\n"))
            </metadata>
            <manifest>
            <item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
            <item id="style" href="style.css" media-type="text/css"/>
            \((cover + items).joined(separator: "\n"))
            </manifest>
            <spine>
            \(spine.joined(separator: "\n"))
            </spine>
            </package>

            """
    }

    private var described: [String] {
        var lines = [
            #"<dc:identifier id="id">\#(id)</dc:identifier>"#,
            #"<dc:title id="title">\#(escaped(labels.title))</dc:title>"#,
            ##"<meta refines="#title" property="title-type">main</meta>"##,
        ]
        if let subtitle = labels.subtitle {
            lines.append(#"<dc:title id="subtitle">\#(escaped(subtitle))</dc:title>"#)
            lines.append(##"<meta refines="#subtitle" property="title-type">subtitle</meta>"##)
        }
        lines.append("<dc:language>\(labels.language.rawValue)</dc:language>")
        if !labels.description.isEmpty {
            lines.append("<dc:description>\(escaped(labels.description))</dc:description>")
        }
        for (number, author) in labels.authors.enumerated() {
            lines.append(#"<dc:creator id="author\#(number)">\#(escaped(author))</dc:creator>"#)
            lines.append(role("aut", of: "author\(number)"))
        }
        for (number, narrator) in labels.narrators.enumerated() {
            lines.append(#"<dc:contributor id="narrator\#(number)">\#(escaped(narrator))</dc:contributor>"#)
            lines.append(role("nrt", of: "narrator\(number)"))
            lines.append(#"<meta property="media:narrator">\#(escaped(narrator))</meta>"#)
        }
        for (number, series) in labels.series.enumerated() {
            let name = escaped(series.name)
            lines.append(#"<meta property="belongs-to-collection" id="series\#(number)">\#(name)</meta>"#)
            lines.append(##"<meta refines="#series\##(number)" property="collection-type">series</meta>"##)
            guard let place = series.place else { continue }
            lines.append(##"<meta refines="#series\##(number)" property="group-position">\##(place)</meta>"##)
        }
        let moment = modified.formatted(.iso8601)
        lines.append(#"<meta property="dcterms:modified">\#(moment)</meta>"#)
        for mode in ["textual", "auditory"] {
            lines.append(#"<meta property="schema:accessMode">\#(mode)</meta>"#)
        }
        for feature in ["synchronizedAudioText", "tableOfContents"] {
            lines.append(#"<meta property="schema:accessibilityFeature">\#(feature)</meta>"#)
        }
        lines.append(#"<meta property="schema:accessibilityHazard">none</meta>"#)
        return lines
    }

    private func role(_ role: String, of id: String) -> String {
        ##"<meta refines="#\##(id)" property="role" scheme="marc:relators">\##(role)</meta>"##
    }

    private var durations: [String] {
        let total = parts.reduce(0) { $0 + $1.overlay.durationMilliseconds }
        return [
            #"<meta property="media:active-class">-epub-media-overlay-active</meta>"#,
            #"<meta property="media:duration">\#(seconds(total))</meta>"#,
        ]
            + parts.map { part in
                """
                <meta refines="#overlay\(part.number)" property="media:duration">\
                \(seconds(part.overlay.durationMilliseconds))</meta>
                """
            }
    }

    private var navigation: String {
        let lines = parts.map { #"<li><a href="\#($0.text)">\#(escaped($0.chapter.title))</a></li>"# }
        return page(
            labels.title,
            """
            <nav epub:type="toc" id="toc"><h1>\(escaped(labels.title))</h1>
            <ol>
            \(lines.joined(separator: "\n"))
            </ol></nav>
            """)
    }

    private func text(of part: Part) -> String {
        let paragraphs = part.phrases.paragraphs().map { paragraph in
            let phrases = paragraph.map { #"<span id="\#(Overlay.id(of: $0))">\#(escaped($0.text))</span>"# }
            return "<p>\(phrases.joined(separator: " "))</p>"
        }
        return page(
            part.chapter.title,
            """
            <section epub:type="chapter"><h1 id="\(Overlay.heading)">\(escaped(part.chapter.title))</h1>
            \(paragraphs.joined(separator: "\n"))
            </section>
            """)
    }

    private func page(_ title: String, _ body: String) -> String {
        let language = labels.language.rawValue
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <!DOCTYPE html>
            <html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" \
            lang="\(language)" xml:lang="\(language)">
            <head><title>\(escaped(title))</title><link rel="stylesheet" type="text/css" href="style.css"/></head>
            <body>
            \(body)
            </body>
            </html>

            """
    }
}

extension BookLabels.InSeries {
    /// As numbers with dots are written; none, where it has none.
    fileprivate var place: String? {
        guard sortKey < .last else { return nil }
        var digits = String(sortKey.thousandths % 1000 + 1000).dropFirst()
        while digits.last == "0" { digits.removeLast() }
        return "\(sortKey.thousandths / 1000)" + (digits.isEmpty ? "" : ".\(digits)")
    }
}
