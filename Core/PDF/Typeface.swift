internal import CFonts

/// A TrueType font, as far as a document needs it: which glyph a character has, how wide it is, and its outline
/// (OpenType 1.9.1). The fonts are ours and known to be whole, so that a broken one is a fault of the build.
struct Typeface: @unchecked Sendable {
    /// In the names of PDF: without blanks.
    let name: String
    let unitsPerEm: Int
    let ascent: Int
    let descent: Int
    /// The box that holds every glyph.
    let box: [Int]
    let glyphCount: Int
    // Constant for as long as the process lives, which is what `@unchecked` stands for.
    private let file: UnsafeRawBufferPointer
    private let tables: [String: Range<Int>]
    private let advanceCount: Int
    private let hasLongOffsets: Bool
    private let characters: CharacterMap

    /// Latin, Greek and Cyrillic first; what it lacks, such as ideographs, the second may have.
    static let all: [Typeface] = [
        Typeface("DejaVuSans", earshelf_font_of_letters()),
        Typeface("WenQuanYiMicroHei", earshelf_font_of_ideographs()),
    ]

    private init(_ name: String, _ font: earshelf_font) {
        let file = UnsafeRawBufferPointer(start: font.bytes, count: font.count)
        var tables: [String: Range<Int>] = [:]
        // Of a collection, the first.
        let directory = file.prefix(4).elementsEqual("ttcf".utf8) ? file.u32(at: 12) : 0
        for index in 0..<file.u16(at: directory + 4) {
            let record = directory + 12 + 16 * index
            let tag = String(decoding: file[record..<record + 4], as: UTF8.self)
            let start = file.u32(at: record + 8)
            tables[tag] = start..<start + file.u32(at: record + 12)
        }
        (self.name, self.file, self.tables) = (name, file, tables)
        func start(of tag: String) -> Int {
            guard let table = tables[tag] else { preconditionFailure("\(name) has no table \(tag)") }
            return table.lowerBound
        }
        let head = start(of: "head"), lines = start(of: "hhea")
        unitsPerEm = file.u16(at: head + 18)
        box = (0..<4).map { file.i16(at: head + 36 + 2 * $0) }
        hasLongOffsets = file.u16(at: head + 50) == 1
        (ascent, descent) = (file.i16(at: lines + 4), file.i16(at: lines + 6))
        advanceCount = file.u16(at: lines + 34)
        glyphCount = file.u16(at: start(of: "maxp") + 4)
        characters = CharacterMap(file, at: start(of: "cmap"))
    }

    func bytes(of table: String) -> [UInt8]? { tables[table].map { [UInt8](file[$0]) } }

    func glyph(for scalar: Unicode.Scalar) -> Int? { characters.glyph(for: Int(scalar.value), in: file) }

    /// In units of the font.
    func advance(of glyph: Int) -> Int { file.u16(at: metrics(of: glyph)) }

    func leftSideBearing(of glyph: Int) -> Int {
        let table = metrics(of: 0)
        return glyph < advanceCount
            ? file.i16(at: table + 4 * glyph + 2)
            : file.i16(at: table + 4 * advanceCount + 2 * (glyph - advanceCount))
    }

    /// Of the glyphs at the end of the table all are as wide as the last.
    private func metrics(of glyph: Int) -> Int {
        (tables["hmtx"]?.lowerBound ?? 0) + 4 * min(glyph, advanceCount - 1)
    }

    /// Empty for a blank.
    func outline(of glyph: Int) -> [UInt8] {
        guard let places = tables["loca"]?.lowerBound, let outlines = tables["glyf"]?.lowerBound else {
            return []
        }
        func offset(_ index: Int) -> Int {
            hasLongOffsets ? file.u32(at: places + 4 * index) : 2 * file.u16(at: places + 2 * index)
        }
        return [UInt8](file[outlines + offset(glyph)..<outlines + offset(glyph + 1)])
    }

    /// In thousandths of the size of the text, as PDF counts.
    func thousandths(_ units: Int) -> Int { units * 1000 / unitsPerEm }
}

/// The table `cmap`: by segments (format 4), or by groups (format 12), which reach beyond U+FFFF.
private struct CharacterMap {
    private let start: Int
    private let hasGroups: Bool

    init(_ file: UnsafeRawBufferPointer, at table: Int) {
        var found: (start: Int, hasGroups: Bool)?
        for index in 0..<file.u16(at: table + 2) {
            let start = table + file.u32(at: table + 4 + 8 * index + 4)
            switch file.u16(at: start) {
            case 12: found = (start, true)
            case 4 where found == nil: found = (start, false)
            default: break
            }
        }
        guard let found else { preconditionFailure("a font without characters") }
        (start, hasGroups) = found
    }

    func glyph(for scalar: Int, in file: UnsafeRawBufferPointer) -> Int? {
        let glyph = hasGroups ? byGroup(scalar, file) : scalar <= 0xFFFF ? bySegment(scalar, file) : 0
        return glyph == 0 ? nil : glyph
    }

    private func byGroup(_ scalar: Int, _ file: UnsafeRawBufferPointer) -> Int {
        let index = first(of: file.u32(at: start + 12)) { file.u32(at: start + 16 + 12 * $0 + 4) >= scalar }
        guard let index, case let group = start + 16 + 12 * index, file.u32(at: group) <= scalar else {
            return 0
        }
        return file.u32(at: group + 8) + scalar - file.u32(at: group)
    }

    private func bySegment(_ scalar: Int, _ file: UnsafeRawBufferPointer) -> Int {
        let doubled = file.u16(at: start + 6)
        let ends = start + 14, starts = ends + doubled + 2, deltas = starts + doubled,
            ranges = deltas + doubled
        let index = first(of: doubled / 2) { file.u16(at: ends + 2 * $0) >= scalar }
        guard let index, case let low = file.u16(at: starts + 2 * index), low <= scalar else { return 0 }
        let delta = file.u16(at: deltas + 2 * index), range = file.u16(at: ranges + 2 * index)
        guard range != 0 else { return (scalar + delta) & 0xFFFF }
        let glyph = file.u16(at: ranges + 2 * index + range + 2 * (scalar - low))
        return glyph == 0 ? 0 : (glyph + delta) & 0xFFFF
    }

    /// Of sorted ones, the first that is so.
    private func first(of count: Int, where isSo: (Int) -> Bool) -> Int? {
        var low = 0, high = count
        while low < high {
            let middle = (low + high) / 2
            if isSo(middle) { high = middle } else { low = middle + 1 }
        }
        return low < count ? low : nil
    }
}

extension UnsafeRawBufferPointer {
    // The greater byte comes first.
    fileprivate func u16(at offset: Int) -> Int { Int(self[offset]) << 8 | Int(self[offset + 1]) }
    fileprivate func i16(at offset: Int) -> Int { Int(Int16(truncatingIfNeeded: u16(at: offset))) }
    fileprivate func u32(at offset: Int) -> Int { u16(at: offset) << 16 | u16(at: offset + 2) }
}
