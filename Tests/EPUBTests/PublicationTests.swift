import Bookshop
import Foundation
import Testing

@testable import EPUB

@Suite struct PublicationTests {
    private static func segment(_ position: Int, _ text: String, _ times: ClosedRange<Int>, chapter: Int = 1)
        -> Segment
    {
        Segment(
            position: position,
            span: Span(startMilliseconds: times.lowerBound, endMilliseconds: times.upperBound), text: text,
            words: [], chapter: chapter)
    }

    private static func sound(_ times: ClosedRange<Int>) -> ChapterSound {
        ChapterSound(
            span: Span(startMilliseconds: times.lowerBound, endMilliseconds: times.upperBound),
            file: MadeFile(bytes: 3) { try $0([1, 2, 3]) })
    }

    private static func clips(_ overlay: Overlay) -> [String] {
        overlay.clips.map { "\($0.id) \($0.span.startMilliseconds)-\($0.span.endMilliseconds)" }
    }

    @Test func `clips tile the sound of a chapter, and a pause belongs to what was said before it`() {
        let phrases = [Self.segment(7, "One.", 61_500...63_000), Self.segment(8, "Two.", 64_000...70_500)]
        let overlay = Overlay(phrases, in: Self.sound(60_020...70_010))
        #expect(Self.clips(overlay) == ["title 0-1480", "p7 1480-3980", "p8 3980-9990"])
        #expect(overlay.durationMilliseconds == 9990)
    }

    @Test func `what begins with the chapter leaves its heading unheard, and what takes no time is skipped`()
    {
        let phrases = [
            Self.segment(1, "One.", 60_000...60_000), Self.segment(2, "Two.", 60_000...61_000),
            Self.segment(3, "Three.", 61_000...61_000), Self.segment(4, "Four.", 61_000...80_000),
            Self.segment(5, "Late.", 75_000...80_000),
        ]
        let overlay = Overlay(phrases, in: Self.sound(60_020...70_000))
        #expect(Self.clips(overlay) == ["p2 0-980", "p4 980-9980"])
    }

    @Test func `a chapter in which nobody speaks is heard with its heading`() {
        #expect(Self.clips(Overlay([], in: Self.sound(10...500))) == ["title 0-490"])
    }

    @Test func `of any phrases in any sound the clips are in order and without a gap`() {
        var random = SystemRandomNumberGenerator()
        for _ in 1...500 {
            let start = Int.random(in: 0...1000, using: &random)
            let length = Int.random(in: 100...5000, using: &random)
            var at = max(0, start - 50)
            let phrases = (0..<Int.random(in: 0...20, using: &random)).map { position in
                let begin = at + Int.random(in: 0...300, using: &random)
                at = begin + Int.random(in: 0...400, using: &random)
                return Self.segment(position, "x", begin...at)
            }
            let overlay = Overlay(phrases, in: Self.sound(start...start + length))
            #expect(overlay.clips.first?.span.startMilliseconds == 0)
            #expect(overlay.clips.last?.span.endMilliseconds == length)
            #expect(
                zip(overlay.clips, overlay.clips.dropFirst()).allSatisfy {
                    $0.span.endMilliseconds == $1.span.startMilliseconds
                })
            #expect(overlay.clips.allSatisfy { $0.span.durationMilliseconds > 0 })
        }
    }

    @Test func `a long pause ends a paragraph, and a screen full of text does behind a sentence`() {
        let long = String(repeating: "a", count: 600)
        let phrases = [
            Self.segment(1, "One", 0...1000), Self.segment(2, long + ".", 2000...3000),
            Self.segment(3, "Three.", 3000...4000), Self.segment(4, "Four", 5500...6000),
            Self.segment(5, long, 6000...7000), Self.segment(6, "six", 7000...8000),
        ]
        #expect(phrases.paragraphs().map { $0.map(\.position) } == [[1, 2], [3], [4, 5, 6]])
        #expect([Segment]().paragraphs().isEmpty)
    }

    @Test func `text is escaped, and what no XML holds is left out`() {
        #expect(escaped("a < b & \"c\" > 'd'") == "a &lt; b &amp; &quot;c&quot; &gt; 'd'")
        #expect(escaped("\u{1}\u{b}x\u{FFFE}\ny\u{7F}é😀") == "x y\u{7F}é😀")
    }

    @Test func `an archive is read by python's zipfile, the kind first`() throws {
        var bytes: [UInt8] = []
        let labels = BookLabels(
            title: "Cats & <Dogs>", subtitle: "A \"tale\"", description: "x < y",
            language: try #require(LanguageTag(rawValue: "en-GB")), authors: ["Ann & Bob", "C"],
            narrators: ["Dee"],
            series: [
                BookLabels.InSeries(
                    name: "Pets", label: "2.5",
                    sortKey: try #require(SeriesEntry.SortKey(thousandths: 2500)))
            ])
        let chapters = [
            Chapter(title: "I & I", span: Span(startMilliseconds: 0, endMilliseconds: 5000)),
            Chapter(title: "II", span: Span(startMilliseconds: 5000, endMilliseconds: 9000)),
        ]
        let publication = Publication(
            id: Audiobook.ID(), labels, chapters: chapters,
            phrases: [
                Self.segment(1, "He said: \"1 < 2 && 3\".", 200...2000),
                Self.segment(2, "Then she.", 2000...5100),
                Self.segment(3, "Last.", 5200...8000, chapter: 2),
            ],
            sounds: [Self.sound(0...5013), Self.sound(5013...9000)], of: .mp3, cover: [0xFF, 0xD8, 0xFF],
            modified: Date(timeIntervalSince1970: 1_790_000_000))
        try publication.write { bytes += $0 }
        #expect(String(decoding: bytes[30..<58], as: UTF8.self) == "mimetypeapplication/epub+zip")

        let path = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).epub")
        try Data(bytes).write(to: path)
        defer { try? FileManager.default.removeItem(at: path) }
        let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "read_epub.py")
        let process = Process(), output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", script.path, path.path]
        process.standardOutput = output
        try process.run()
        let told = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let facts = String(decoding: told, as: UTF8.self).split(separator: "\n").map(String.init)
        #expect(
            facts == [
                "title Cats & <Dogs>", "title A \"tale\"", "language en-GB", "author Ann & Bob", "author C",
                "narrator Dee", "series Pets 2.5", "duration 9.000",
                "chapter I & I: He said: \"1 < 2 && 3\". Then she.", "chapter II: Last.",
                "title 0.000-0.200 p1 0.200-2.000 p2 2.000-5.013", "title 0.000-0.187 p3 0.187-3.987",
            ])
    }

    @Test func `an archive that would outgrow its numbers is refused`() throws {
        var archive = Archive { _ in }
        let large = MadeFile(bytes: 4 << 30) { _ in }
        #expect(throws: ExportError.tooLarge) { try archive.add("x", large) }
    }
}
