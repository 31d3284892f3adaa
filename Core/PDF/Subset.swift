/// Of one typeface, the glyphs that a document uses: a font of its own, numbered in the order of their first use.
struct Subset {
    let face: Typeface
    /// What each number shows: a glyph of the typeface, and the character it stands for. Number 0 is the box that
    /// is set where a glyph is missing, as every font must have it.
    private(set) var used: [(glyph: Int, scalar: Unicode.Scalar?)] = [(0, nil)]
    private var numbers: [Unicode.Scalar: Int] = [:]

    init(of face: Typeface) { self.face = face }

    /// One number for one character, so that a reader finds the characters again.
    mutating func number(of scalar: Unicode.Scalar, glyph: Int) -> Int {
        if let known = numbers[scalar] { return known }
        used.append((glyph, scalar))
        numbers[scalar] = used.count - 1
        return used.count - 1
    }

    /// A TrueType file with these glyphs alone, and what they are put together from.
    var file: [UInt8] {
        var glyphs = used.map(\.glyph)
        var outlines: [[UInt8]] = []
        var parts: [Int: Int] = [:]
        // What is found on the way is appended, and its turn comes.
        var index = 0
        while index < glyphs.count {
            var outline = face.outline(of: glyphs[index])
            for place in partPlaces(in: outline) {
                let part = Int(outline[place]) << 8 | Int(outline[place + 1])
                let number = parts[part] ?? glyphs.count
                if parts.updateValue(number, forKey: part) == nil { glyphs.append(part) }
                outline.replaceSubrange(place..<place + 2, with: two(number))
            }
            outlines.append(outline + [UInt8](repeating: 0, count: (4 - outline.count % 4) % 4))
            index += 1
        }
        return assembled(glyphs, outlines)
    }

    /// Where a glyph that is put together from others names them (OpenType, glyf, composite glyph description).
    private func partPlaces(in outline: [UInt8]) -> [Int] {
        guard outline.count > 10, outline[0] & 0x80 != 0 else { return [] }
        var places: [Int] = []
        var offset = 10
        var hasMore = true
        while hasMore {
            let flags = Int(outline[offset]) << 8 | Int(outline[offset + 1])
            places.append(offset + 2)
            offset += 4 + (flags & 0x0001 != 0 ? 4 : 2)
            if flags & 0x0008 != 0 { offset += 2 }
            if flags & 0x0040 != 0 { offset += 4 }
            if flags & 0x0080 != 0 { offset += 8 }
            hasMore = flags & 0x0020 != 0
        }
        return places
    }

    private func assembled(_ glyphs: [Int], _ outlines: [[UInt8]]) -> [UInt8] {
        var tables: [(tag: String, bytes: [UInt8])] = []
        for tag in ["cvt ", "fpgm", "prep"] {
            if let bytes = face.bytes(of: tag) { tables.append((tag, bytes)) }
        }
        var places: [UInt8] = four(0), end = 0
        for outline in outlines {
            end += outline.count
            places += four(end)
        }
        tables.append(("glyf", outlines.flatMap { $0 }))
        tables.append(("loca", places))
        tables.append(
            (
                "hmtx",
                glyphs.flatMap { two(face.advance(of: $0)) + two(face.leftSideBearing(of: $0) & 0xFFFF) }
            ))
        tables.append(("head", patched("head", [8: four(0), 50: two(1)])))
        tables.append(("hhea", patched("hhea", [34: two(glyphs.count)])))
        tables.append(("maxp", patched("maxp", [4: two(glyphs.count)])))
        return fontFile(of: tables.sorted { $0.tag < $1.tag })
    }

    private func patched(_ tag: String, _ changes: [Int: [UInt8]]) -> [UInt8] {
        var bytes = face.bytes(of: tag) ?? []
        for (offset, change) in changes {
            bytes.replaceSubrange(offset..<offset + change.count, with: change)
        }
        return bytes
    }
}

/// OpenType, "Organization of an OpenType Font".
private func fontFile(of tables: [(tag: String, bytes: [UInt8])]) -> [UInt8] {
    var selector = 0
    while 2 << selector <= tables.count { selector += 1 }
    let range = 16 << selector
    var directory = four(0x0001_0000) + two(tables.count) + two(range) + two(selector)
    directory += two(16 * tables.count - range)
    var contents: [UInt8] = []
    var head = 0
    for table in tables {
        let offset = 12 + 16 * tables.count + contents.count
        if table.tag == "head" { head = offset }
        directory +=
            Array(table.tag.utf8) + four(sum(of: table.bytes)) + four(offset) + four(table.bytes.count)
        contents += table.bytes + [UInt8](repeating: 0, count: (4 - table.bytes.count % 4) % 4)
    }
    var file = directory + contents
    file.replaceSubrange(head + 8..<head + 12, with: four((0xB1B0_AFBA - sum(of: file)) & 0xFFFF_FFFF))
    return file
}

private func sum(of bytes: [UInt8]) -> Int {
    var sum: UInt32 = 0
    for (index, byte) in bytes.enumerated() { sum &+= UInt32(byte) << (24 - 8 * UInt32(index % 4)) }
    return Int(sum)
}

private func two(_ number: Int) -> [UInt8] { [UInt8(number >> 8 & 0xFF), UInt8(number & 0xFF)] }
private func four(_ number: Int) -> [UInt8] { two(number >> 16 & 0xFFFF) + two(number & 0xFFFF) }
