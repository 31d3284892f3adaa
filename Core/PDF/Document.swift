/// A document of A4 pages with text and lines (PDF 1.7, ISO 32000-1). Fonts are embedded, so that it looks the same
/// everywhere, and each glyph says which character it stands for, so that it can be searched and copied.
///
/// Made of the same parts it has the same bytes.
public struct Document {
    public enum Alignment: Sendable { case left, right }
    public enum Weight: Sendable { case regular, bold }

    /// In points, as all measures here; the origin is the lower left corner.
    public static let width = 595.28
    public static let height = 841.89

    /// Whether a character had to be shown as a box, for no typeface here has it or can set it rightly.
    public private(set) var isMissingCharacters = false
    public var pageCount: Int { pages.count }

    let title: String
    let language: String
    let created: String
    private(set) var pages: [[UInt8]] = [[]]
    private(set) var subsets = Typeface.all.map(Subset.init)

    /// The language as RFC 5646 writes it; the time from year to second in UTC, in fourteen digits.
    public init(title: String, language: String, created: String) {
        precondition(created.utf8.count == 14, "a time of fourteen digits")
        (self.title, self.language, self.created) = (title, language, created)
    }

    public mutating func beginPage() { pages.append([]) }

    /// Writes one line of text, on the last page unless another is named.
    public mutating func write(
        _ text: String, x: Double, y: Double, size: Double, _ alignment: Alignment = .left,
        weight: Weight = .regular, grey: Double = 0, page: Int? = nil
    ) {
        let start = alignment == .left ? x : x - Self.width(of: text, size: size)
        var content = "BT \(real(grey)) g \(real(grey)) G "
        // Bold is the outline drawn along: no other font is carried for it, and it serves every script.
        if weight == .bold { content += "2 Tr \(real(size / 30)) w " }
        content += "1 0 0 1 \(real(start)) \(real(y)) Tm"
        for (face, codes) in runs(of: text) { content += " /F\(face) \(real(size)) Tf <\(codes)> Tj" }
        if weight == .bold { content += " 0 Tr" }
        content += " ET\n"
        pages[page ?? pages.count - 1] += Array(content.utf8)
    }

    /// A level line.
    public mutating func rule(from x: Double, to end: Double, y: Double, thickness: Double = 0.5) {
        let content = "0.6 G \(real(thickness)) w \(real(x)) \(real(y)) m \(real(end)) \(real(y)) l S\n"
        pages[pages.count - 1] += Array(content.utf8)
    }

    public static func width(of text: String, size: Double) -> Double {
        Double(Setting.places(of: text).reduce(0) { $0 + Setting.width(of: $1) }) * size / 1000
    }

    /// A text in lines that are no wider than that: ended at blanks, between ideographs, and, where a word alone is
    /// too wide, within it.
    public static func lines(of text: String, size: Double, within width: Double) -> [String] {
        var lines: [String] = [], line = "", word = ""
        func fits(_ text: String) -> Bool { self.width(of: text, size: size) <= width }
        func endWord() {
            if !fits(line + word), !line.isEmpty {
                lines.append(line)
                line = ""
            }
            while !fits(word), let end = lastFitting(word, fits) {
                lines.append(String(word[..<end]))
                word = String(word[end...])
            }
            line += word
            word = ""
        }
        for character in text {
            let isBlank = character.isWhitespace && character != "\u{A0}"
            if isBlank || character.unicodeScalars.first.map(Setting.standsAlone) == true { endWord() }
            if isBlank {
                if !line.isEmpty { line += " " }
            } else {
                word.append(character)
            }
        }
        endWord()
        lines.append(line)
        return lines.map { String($0.trimmingBlanks) }
    }

    /// The end of as much of a word as fits, and at least of one character; nothing for a single one.
    private static func lastFitting(_ word: String, _ fits: (String) -> Bool) -> String.Index? {
        guard var end = word.indices.dropFirst().first else { return nil }
        for next in word.indices.dropFirst(2) {
            guard fits(String(word[..<next])) else { break }
            end = next
        }
        return end
    }

    /// The codes of the glyphs, in stretches of one typeface.
    private mutating func runs(of text: String) -> [(face: Int, codes: String)] {
        var runs: [(face: Int, codes: String)] = []
        for place in Setting.places(of: text) {
            if !place.isShown { isMissingCharacters = true }
            let code = hexadecimal(subsets[place.face].number(of: place.scalar, glyph: place.glyph))
            if runs.last?.face == place.face {
                runs[runs.count - 1].codes += code
            } else {
                runs.append((place.face, code))
            }
        }
        return runs
    }
}

extension String {
    fileprivate var trimmingBlanks: Substring {
        var rest = self[...]
        while rest.last == " " { rest.removeLast() }
        return rest
    }
}

/// Four digits.
func hexadecimal(_ number: Int) -> String {
    let digits = String(number, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
}

/// PDF knows no exponents: two decimals, which are less than anybody sees.
func real(_ number: Double) -> String {
    let hundredths = Int((number * 100).rounded())
    let (whole, rest) = (abs(hundredths) / 100, abs(hundredths) % 100)
    return (hundredths < 0 ? "-" : "") + "\(whole)" + (rest == 0 ? "" : rest < 10 ? ".0\(rest)" : ".\(rest)")
}
