/// Which characters of a text are set by which typeface.
enum Setting {
    /// A character, and what shows it: a typeface by its place among all, and a glyph; the box of the first where
    /// none has it.
    struct Place {
        let scalar: Unicode.Scalar
        let face: Int
        let glyph: Int
        var isShown: Bool { glyph != 0 }
    }

    static func places(of text: String) -> [Place] { text.unicodeScalars.compactMap(place) }

    /// Nothing for what is not to be seen at all.
    private static func place(of scalar: Unicode.Scalar) -> Place? {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0: return place(of: " ")
        // Joiners, directions, variations, marks of order.
        case 0xAD, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x206F, 0xFE00...0xFE0F, 0xFEFF: return nil
        default: break
        }
        guard !needsShaping(scalar) else { return Place(scalar: scalar, face: 0, glyph: 0) }
        for (index, face) in Typeface.all.enumerated() {
            if let glyph = face.glyph(for: scalar) { return Place(scalar: scalar, face: index, glyph: glyph) }
        }
        return Place(scalar: scalar, face: 0, glyph: 0)
    }

    /// Scripts that run from right to left, or whose letters change with their neighbours. Set letter by letter
    /// they would be wrong, which is worse than a box that says that something is missing.
    private static func needsShaping(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0590..<0x0900, 0x0900..<0x10A0, 0x1780..<0x18B0, 0x1900..<0x1C80, 0xA800..<0xAC00,
            0xFB1D..<0xFE00, 0xFE70..<0xFF00, 0x10800..<0x11FFF, 0x1E800..<0x1F000:
            true
        default: false
        }
    }

    /// In thousandths of the size.
    static func width(of place: Place) -> Int {
        let face = Typeface.all[place.face]
        return face.thousandths(face.advance(of: place.glyph))
    }

    /// Whether a line may end before this character although there is no blank: ideographs and kana stand alone.
    static func standsAlone(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x2E80..<0x3001, 0x3003..<0xA4D0, 0xAC00..<0xD7B0, 0xF900..<0xFB00, 0x20000..<0x30000: true
        default: false
        }
    }
}
