import Foundation
import PDF
import TestSupport
import Testing

@Suite struct DocumentTests {
    private func document(_ lines: [String], size: Double = 12) -> Document {
        var document = Document(title: "Receipt 17 — Łukasz", language: "en", created: "20261125191500")
        for (index, line) in lines.enumerated() {
            document.write(line, x: 50, y: 780 - Double(index) * size * 1.5, size: size)
        }
        return document
    }

    @Test(arguments: [
        "Grüße an Zoë für 14.99 €", "Łukasz Żółć, Nguyễn Văn Ánh, Ðorđe, Şükrü, ẞ",
        "Война и мир – Лев Толстой",
        "Οδύσσεια", "日本語の本", "红楼梦 – 曹雪芹", "한국어 소설", "Ժողովուրդ საქართველო", "½ × “quoted” … №5 → fi ﬁ",
    ])
    func `what is written can be read again, and is shown`(text: String) throws {
        let document = document([text])
        let reading = try PDFReading(document.bytes)
        #expect(reading.text.contains(text.precomposedStringWithCanonicalMapping), "\(reading.text)")
        #expect(!document.isMissingCharacters)
        for font in reading.fonts.split(separator: "\n").dropFirst(2) {
            #expect(
                font.contains("CID TrueType") && font.contains(#/yes yes yes/#), "embedded, a subset: \(font)"
            )
        }
    }

    @Test(arguments: ["שלום", "سلام", "हिन्दी", "ไทย", "🎧", "\u{10FFFD}"])
    func `what cannot be set rightly is a box that still says what it stands for`(text: String) throws {
        let document = document(["a \(text) b"])
        #expect(document.isMissingCharacters)
        let reading = try PDFReading(document.bytes)
        for scalar in text.unicodeScalars where scalar.value < 0x10FFFD {
            #expect(reading.text.unicodeScalars.contains(scalar), "\(scalar)")
        }
    }

    @Test func `what is not to be seen is not set`() throws {
        let document = document(["a\u{200B}b\u{202E}c\u{FEFF}d\u{FE0F}", "tab\there\u{0}"])
        #expect(try PDFReading(document.bytes).text.contains("abcd"))
        #expect(!document.isMissingCharacters)
        #expect(try PDFReading(document.bytes).text.contains("tab here"))
    }

    @Test func `pages are pages, and one written before can be written on again`() throws {
        var document = document(["first"])
        document.beginPage()
        document.write("second", x: 50, y: 700, size: 12)
        document.rule(from: 50, to: 500, y: 690)
        for page in 0..<document.pageCount {
            document.write("page \(page + 1) of 2", x: 545, y: 30, size: 8, .right, grey: 0.4, page: page)
        }
        let reading = try PDFReading(document.bytes)
        #expect(reading.pages.count == 2)
        #expect(reading.pages[0].contains("first") && reading.pages[0].contains("page 1 of 2"))
        #expect(reading.pages[1].contains("second") && reading.pages[1].contains("page 2 of 2"))
        #expect(reading.info.contains("Title:           Receipt 17 — Łukasz"))
        #expect(reading.info.contains("Page size:       595.28 x 841.89 pts (A4)"))
        #expect(reading.info.contains("PDF version:     1.7"))
    }

    @Test func `the same document has the same bytes, and another has others`() {
        #expect(document(["a"]).bytes == document(["a"]).bytes)
        #expect(document(["a"]).bytes != document(["b"]).bytes)
    }

    @Test func `only what is used is carried along`() {
        #expect(document(["Hello"]).bytes.count < 20_000)
        #expect(document(["日本"]).bytes.count < 20_000)
        let alphabet = String(String.UnicodeScalarView((0x20...0x24F).compactMap(Unicode.Scalar.init)))
        #expect(document([alphabet]).bytes.count < 250_000)
    }

    @Test func `a text is no wider than it is allowed to be, and nothing of it is lost`() {
        let texts = [
            "The Strange Case of Dr Jekyll and Mr Hyde",
            "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk",
            "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。", "a", "", "  two   blanks  ",
        ]
        for text in texts {
            for width in [20.0, 60, 200, 1000] {
                let lines = Document.lines(of: text, size: 10, within: width)
                let letters = { (text: String) in text.filter { !$0.isWhitespace } }
                #expect(letters(lines.joined()) == letters(text), "\(text) within \(width)")
                for line in lines where line.count > 1 {
                    #expect(Document.width(of: line, size: 10) <= width, "\(line) within \(width)")
                }
            }
        }
        #expect(Document.lines(of: "one two three", size: 10, within: 45) == ["one two", "three"])
        #expect(Document.lines(of: "日本語", size: 10, within: 20) == ["日本", "語"])
        #expect(Document.lines(of: "", size: 10, within: 20) == [""])
    }
}
