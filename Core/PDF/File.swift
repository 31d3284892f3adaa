extension Document {
    /// The document as a file.
    public var bytes: [UInt8] {
        var file = File()
        let fonts = subsets.indices.filter { subsets[$0].used.count > 1 || $0 == 0 }.map { index in
            (index, file.add(subsets[index]))
        }
        let resources = fonts.map { "/F\($0.0) \($0.1) 0 R" }.joined(separator: " ")
        let root = file.reserve(), tree = file.reserve()
        let leaves = pages.map { content in
            let stream = file.add("", stream: content)
            return file.add(
                """
                << /Type /Page /Parent \(tree) 0 R /MediaBox [0 0 \(real(Self.width)) \(real(Self.height))] \
                /Resources << /Font << \(resources) >> >> /Contents \(stream) 0 R >>
                """)
        }
        let kids = leaves.map { "\($0) 0 R" }.joined(separator: " ")
        file.set(tree, "<< /Type /Pages /Count \(leaves.count) /Kids [\(kids)] >>")
        file.set(
            root,
            """
            << /Type /Catalog /Pages \(tree) 0 R /Lang (\(language)) \
            /ViewerPreferences << /DisplayDocTitle true >> >>
            """)
        let info = file.add("<< /Title <FEFF\(utf16(title))> /CreationDate (D:\(created)Z) >>")
        return file.finished(root: root, info: info)
    }
}

/// The objects of a file (ISO 32000-1, 7.5): numbered, each found through the table at the end.
private struct File {
    private var objects: [[UInt8]] = []

    mutating func reserve() -> Int {
        objects.append([])
        return objects.count
    }

    mutating func set(_ number: Int, _ object: String) { objects[number - 1] = Array(object.utf8) }

    mutating func add(_ object: String) -> Int {
        let number = reserve()
        set(number, object)
        return number
    }

    /// A stream, with these entries in its dictionary.
    mutating func add(_ entries: String, stream: [UInt8]) -> Int {
        let number = reserve()
        let head = "<< /Length \(stream.count)\(entries) >>\nstream\n"
        objects[number - 1] = Array(head.utf8) + stream + Array("\nendstream".utf8)
        return number
    }

    /// A composite font whose codes are the numbers of its glyphs (9.7).
    mutating func add(_ subset: Subset) -> Int {
        let face = subset.face
        let name = "EARSHF+\(face.name)"
        let program = subset.file
        let box = face.box.map { "\(face.thousandths($0))" }.joined(separator: " ")
        let data = add(" /Length1 \(program.count)", stream: program)
        let descriptor = add(
            """
            << /Type /FontDescriptor /FontName /\(name) /Flags 4 /FontBBox [\(box)] /ItalicAngle 0 \
            /Ascent \(face.thousandths(face.ascent)) /Descent \(face.thousandths(face.descent)) \
            /CapHeight \(face.thousandths(face.ascent)) /StemV 80 /FontFile2 \(data) 0 R >>
            """)
        let widths = subset.used.map { "\(face.thousandths(face.advance(of: $0.glyph)))" }
        let descendant = add(
            """
            << /Type /Font /Subtype /CIDFontType2 /BaseFont /\(name) /CIDToGIDMap /Identity \
            /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> \
            /FontDescriptor \(descriptor) 0 R /W [0 [\(widths.joined(separator: " "))]] >>
            """)
        let characters = add("", stream: Array(characterMap(of: subset).utf8))
        return add(
            """
            << /Type /Font /Subtype /Type0 /BaseFont /\(name) /Encoding /Identity-H \
            /DescendantFonts [\(descendant) 0 R] /ToUnicode \(characters) 0 R >>
            """)
    }

    func finished(root: Int, info: Int) -> [UInt8] {
        // A comment of bytes above 127 tells those who transport the file that it is no text.
        var file = Array("%PDF-1.7\n%".utf8) + [0xE2, 0xE3, 0xCF, 0xD3, 0x0A]
        var table = "0000000000 65535 f \n"
        for (index, object) in objects.enumerated() {
            let offset = String(file.count)
            table += String(repeating: "0", count: 10 - offset.utf8.count) + offset + " 00000 n \n"
            file += Array("\(index + 1) 0 obj\n".utf8) + object + Array("\nendobj\n".utf8)
        }
        let name = identity(of: file)
        let end = """
            xref
            0 \(objects.count + 1)
            \(table)trailer
            << /Size \(objects.count + 1) /Root \(root) 0 R /Info \(info) 0 R /ID [<\(name)> <\(name)>] >>
            startxref
            \(file.count)
            %%EOF

            """
        return file + Array(end.utf8)
    }

    /// Tells one file from another, and is no secret: FNV-1a, twice.
    private func identity(of file: [UInt8]) -> String {
        [0xcbf2_9ce4_8422_2325, 0x6c62_272e_07bb_0142].map { (seed: UInt64) in
            var hash = seed
            for byte in file { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
            let digits = String(hash, radix: 16, uppercase: true)
            return String(repeating: "0", count: 16 - digits.utf8.count) + digits
        }.joined()
    }
}

/// Which character each code stands for (9.10.3).
private func characterMap(of subset: Subset) -> String {
    let pairs = subset.used.enumerated().compactMap { code, use in
        use.scalar.map { "<\(hexadecimal(code))> <\(utf16(String($0)))>" }
    }
    // A list holds a hundred at most.
    let lists = stride(from: 0, to: pairs.count, by: 100).map { start in
        let part = pairs[start..<min(start + 100, pairs.count)]
        return "\(part.count) beginbfchar\n\(part.joined(separator: "\n"))\nendbfchar\n"
    }
    return """
        /CIDInit /ProcSet findresource begin
        12 dict begin
        begincmap
        /CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
        /CMapName /Adobe-Identity-UCS def
        /CMapType 2 def
        1 begincodespacerange
        <0000> <FFFF>
        endcodespacerange
        \(lists.joined())endcmap
        CMapName currentdict /CMap defineresource pop
        end
        end
        """
}

private func utf16(_ text: String) -> String { text.utf16.map { hexadecimal(Int($0)) }.joined() }
